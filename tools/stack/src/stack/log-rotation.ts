import { copyFileSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

/** A log file above this size is rotated; at most two files of each log are kept. */
const LIMIT_BYTES = 20 * 1024 ** 2;
const LEAST_BYTES = 1024 ** 2;
const LOOK_MS = 5_000;

/** The value of CAUSEWAY_LOG_BYTES. @throws Error when it is not a size */
export function logLimitOf(environment: NodeJS.ProcessEnv): number {
  const text = environment['CAUSEWAY_LOG_BYTES'];
  if (text === undefined || text === '') return LIMIT_BYTES;
  const bytes = Number(text);
  if (!Number.isSafeInteger(bytes) || bytes < LEAST_BYTES)
    throw new Error(`CAUSEWAY_LOG_BYTES is "${text}": set it to a number of bytes from ${LEAST_BYTES} on`);
  return bytes;
}

/**
 * Keeps the logs of a folder from growing while their programs run. A file is copied and emptied, not renamed, since its
 * program continues to append to it: lines that are written in between can be lost.
 *
 * @returns a function that ends it
 */
export function rotateWhileRunning(folder: string, limitBytes = LIMIT_BYTES, lookMs = LOOK_MS): () => void {
  rotateLogs(folder, limitBytes);
  const look = (): void => {
    try {
      rotateLogs(folder, limitBytes);
    } catch {
      // A folder or a file that is gone, or cannot be emptied now, must not end the process that restarts the others.
    }
  };
  const timer = setInterval(look, lookMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Rotates files above the limit, and deletes the older ones. A file that cannot be rotated is not changed. */
export function rotateLogs(folder: string, limitBytes = LIMIT_BYTES): void {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.log'))) {
    const file = join(folder, name);
    const { size = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
    if (size <= limitBytes) continue;
    try {
      copyFileSync(file, `${file}.1`);
    } catch {
      // On a full disk the old lines are dropped, because the room is needed.
    }
    truncateSync(file);
  }
}
