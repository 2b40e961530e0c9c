import { type Causeway } from '../stack/create-causeway.js';
import { tellWait } from '../stack/tell-wait.js';

/**
 * Starts everything, and stops it at the first Ctrl-C or SIGTERM, also before everything is ready. A second
 * Ctrl-C, or SIGQUIT, ends it at once.
 *
 * @param begin  stops the start when its signal is aborted
 * @param ready  what to do once everything runs; when it fails, everything is stopped. Its signal is aborted when the stop begins
 * @returns      the exit code, when everything has ended
 */
export async function runUntilStopped<T extends Causeway>(
  begin: (signal: AbortSignal) => Promise<T>,
  ready: (causeway: T, signal: AbortSignal) => Promise<void>,
  say: (line: string) => void,
): Promise<number> {
  const interruption = new AbortController();
  const atOnce = new AbortController();
  const { signal } = interruption;
  const interrupted = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  let causeway: T | undefined;
  let interrupts = 0;
  const interrupt = (): void => {
    if (!signal.aborted) say('Stopping …');
    interruption.abort(new Error('interrupted'));
  };
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  const endAtOnce = (): void => {
    say('Stopping at once …');
    atOnce.abort(new Error('interrupted'));
    // What is not yet a whole is ended by the next start, which finds it recorded.
    void (causeway?.kill() ?? Promise.resolve()).finally(() => process.exit(130));
  };
  process.on('SIGQUIT', endAtOnce);
  process.on('SIGINT', () => {
    interrupts += 1;
    if (interrupts === 1) return interrupt();
    endAtOnce();
  });
  try {
    causeway = await begin(signal);
    await Promise.race([ready(causeway, AbortSignal.any([signal, atOnce.signal])), interrupted]);
    await interrupted;
    return 0;
  } catch (error) {
    if (signal.aborted) return 130;
    throw error;
  } finally {
    // This is requested first, because the gateway, which knows it, stops first.
    const wait = await causeway?.stopWait();
    if (wait !== undefined) say(`${wait}; to stop at once, press Ctrl-C again`);
    const left = (): string[] => Object.keys(causeway?.pids() ?? {}).filter((name) => name !== 'stack');
    if (causeway) await tellWait(causeway.stop(), left, say);
  }
}
