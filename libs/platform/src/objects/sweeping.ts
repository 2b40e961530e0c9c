import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { log } from '../logging/log.js';

const SWEEP_MS = 60 * 60_000;

/** Runs a sweep now and every hour until the signal; one that fails is logged. */
export function sweepHourly(signal: AbortSignal, sweep: (nowMs: number) => Promise<void>): void {
  const run = (): void => {
    sweep(Date.now()).catch((error: unknown) => log.failure(error, 'leftovers not swept'));
  };
  const timer = setInterval(run, SWEEP_MS).unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  run();
}

/** Removes the files of a folder that have not been written to for `keptMs`. Other processes may do so at the same time. */
export async function sweepFolder(folder: string, keptMs: number, nowMs: number): Promise<void> {
  const names = await readdir(folder).catch(unlessAbsent);
  for (const name of names ?? []) {
    const path = join(folder, name);
    const found = await stat(path).catch(unlessAbsent);
    if (found && nowMs - found.mtimeMs > keptMs) await rm(path, { force: true });
  }
}

function unlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
