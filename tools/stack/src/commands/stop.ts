import { chosenHomeFolder, commandHere, openHome } from '../home.js';
import { endProcess, isAlive } from '../processes.js';
import { endLeftovers, readRunning } from '../running.js';
import { findStopWait } from '../stack/find-stop-wait.js';
import { tellWait } from '../stack/tell-wait.js';
import { parseSwitches } from './parse-options.js';

/** Longer than the drain of any service and the end of all servers together. */
const STOP_GRACE_MS = 90_000;
/** Time to kill the processes that it started. */
const END_GRACE_MS = 5_000;

const HELP = `npm stop -- [options]

  --now   do not wait for running flows; they continue at the next start
  --help  show this text

Stops the copy that runs with the private folder (CAUSEWAY_HOME, else .causeway), and what a crashed one left there.
`;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * `npm stop -- [--now] [--help]`: ends the copy that runs on the private folder, and processes that a crashed copy left.
 *
 * @returns the exit code
 */
export async function stop(args: readonly string[]): Promise<number> {
  const wish = parseSwitches('npm stop', args, ['now', 'help']);
  if (wish.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const home = openHome(chosenHomeFolder());
  const running = readRunning(home);
  if (running && wish.now) await endProcess(running.stack, 'SIGQUIT', END_GRACE_MS);
  else if (running) {
    const { url, certFile, apiKey = home.secrets.apiKey } = running;
    const wait = url === undefined ? undefined : await findStopWait(url, apiKey, certFile);
    if (wait !== undefined) say(`${wait}; to stop at once: ${commandHere('npm stop -- --now')}`);
    const left = (): string[] =>
      (readRunning(home) ?? running).processes.filter(isAlive).map(({ name }) => name);
    await tellWait(endProcess(running.stack, 'SIGTERM', STOP_GRACE_MS), left, say);
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
