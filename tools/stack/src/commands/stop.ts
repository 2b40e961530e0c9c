import { chosenHomeFolder, openHome } from '../home.js';
import { endProcess } from '../processes.js';
import { endLeftovers, readRunning } from '../running.js';

/** Longer than any service's drain and every server's end together. */
const STOP_GRACE_MS = 90_000;

/** `npm stop`: ends the copy that runs on the home, and what a crashed one left. @returns the exit code */
export async function stop(): Promise<number> {
  const home = openHome(chosenHomeFolder());
  const running = readRunning(home);
  if (running) await endProcess(running.stack, 'SIGTERM', STOP_GRACE_MS);
  const left = await endLeftovers(home);
  const what =
    left.length > 0
      ? `ended what a crashed run had left: ${left.map(({ name }) => name).join(', ')}`
      : undefined;
  process.stdout.write(`${running ? 'stopped' : (what ?? `nothing runs on ${home.folder}`)}\n`);
  return 0;
}
