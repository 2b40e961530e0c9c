import { copyFileSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

/** A log file that has grown above this is set aside: of each log two files are kept at most. */
const LIMIT_BYTES = 20 * 1024 ** 2;
const LEAST_BYTES = 1024 ** 2;
const LOOK_MS = 5_000;

/** What CAUSEWAY_LOG_BYTES says. @throws Error for what is no size */
export function logLimitOf(environment: NodeJS.ProcessEnv): number {
  const text = environment['CAUSEWAY_LOG_BYTES'];
  if (text === undefined || text === '') return LIMIT_BYTES;
  const bytes = Number(text);
  if (!Number.isSafeInteger(bytes) || bytes < LEAST_BYTES)
    throw new Error(`CAUSEWAY_LOG_BYTES is "${text}": set it to a number of bytes from ${LEAST_BYTES} on`);
  return bytes;
}

/**
 * Keeps the logs of a folder from growing while their programs run. A file is copied and emptied rather than renamed, since its
 * program goes on appending to it: lines of the moment in between can be lost.
 *
 * @returns ends it
 */
export function rotateWhileRunning(folder: string, limitBytes = LIMIT_BYTES, lookMs = LOOK_MS): () => void {
  rotateLogs(folder, limitBytes);
  const timer = setInterval(() => rotateLogs(folder, limitBytes), lookMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Sets aside what has grown above the limit; what it replaces is gone. A file that cannot be set aside stays as it is. */
export function rotateLogs(folder: string, limitBytes = LIMIT_BYTES): void {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.log'))) {
    const file = join(folder, name);
    const { size = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
    if (size <= limitBytes) continue;
    try {
      copyFileSync(file, `${file}.1`);
    } catch {
      // A full disk: the old lines are worth less than the room they take.
    }
    truncateSync(file);
  }
}
