import { parseArgs } from 'node:util';
import { chosenHomeFolder, openHome } from '../home.js';
import { endProcess } from '../processes.js';
import { endLeftovers, readRunning } from '../running.js';
import { findStopWait } from '../stack/find-stop-wait.js';

/** Longer than the drain of any service and the end of all servers together. */
const STOP_GRACE_MS = 90_000;
/** Time to kill the processes that it started. */
const END_GRACE_MS = 5_000;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * `npm stop -- [--now]`: ends the copy that runs on the private folder, and processes that a crashed copy left.
 *
 * @returns the exit code
 */
export async function stop(args: readonly string[]): Promise<number> {
  const { values: wish } = parseArgs({ args: [...args], options: { now: { type: 'boolean' } } });
  const home = openHome(chosenHomeFolder());
  const running = readRunning(home);
  if (running && wish.now) await endProcess(running.stack, 'SIGQUIT', END_GRACE_MS);
  else if (running) {
    const wait = running.url === undefined ? undefined : await findStopWait(running.url, home.secrets.apiKey);
    if (wait !== undefined) say(`${wait}; to stop at once: npm stop -- --now`);
    await endProcess(running.stack, 'SIGTERM', STOP_GRACE_MS);
  }
  const left = await endLeftovers(home);
  const what =
    left.length > 0
      ? `ended the processes that a crash had left: ${left.map(({ name }) => name).join(', ')}`
      : undefined;
  const stopped = wish.now ? 'stopped at once; unfinished runs continue at the next start' : 'stopped';
  process.stdout.write(
    `${running ? stopped : (what ?? `Causeway is not running with the private folder ${home.folder}`)}\n`,
  );
  return 0;
}
