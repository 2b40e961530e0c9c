import { isCausewayError } from '@causeway/dag';
import { log } from '../logging/log.js';
import type { ObjectStore, StoredObject } from './object-store.js';

const AT_A_TIME = 16;

/**
 * Removes the objects of runs. One that cannot be removed is logged and does not stop the others: it is then an orphan and is removed later.
 *
 * @param runIds  close to each other in time, because all objects between them are listed, too
 * @throws CausewayError UNAVAILABLE when the store is unreachable
 */
export async function removeObjectsOfRuns(
  objects: ObjectStore,
  runIds: readonly string[],
): Promise<{ rows: number; bytes: number }> {
  const wanted = new Set(runIds);
  const sorted = runIds.toSorted();
  const [first, last] = [sorted[0], sorted.at(-1)];
  const removed = { rows: 0, bytes: 0 };
  // The name of a run's object begins with the run's id and a dot. A slash is the character after the dot, so it ends the range.
  for (let after = first; after !== undefined;) {
    const page = await objects.list({ ofRuns: true, after, before: `${last}/` });
    const theirs = page.objects.filter(({ runId }) => runId !== undefined && wanted.has(runId));
    const { rows, bytes } = await removeObjects(objects, theirs);
    removed.rows += rows;
    removed.bytes += bytes;
    after = page.next;
  }
  return removed;
}

/** Removes objects, several at a time. Objects that cannot be removed are logged. @throws CausewayError UNAVAILABLE */
export async function removeObjects(
  objects: ObjectStore,
  found: readonly StoredObject[],
): Promise<{ rows: number; bytes: number }> {
  const removed = { rows: 0, bytes: 0 };
  for (let start = 0; start < found.length; start += AT_A_TIME)
    await Promise.all(
      found.slice(start, start + AT_A_TIME).map(async ({ name, bytes }) => {
        try {
          await objects.remove(name);
          removed.rows += 1;
          removed.bytes += bytes;
        } catch (error) {
          if (isCausewayError(error) && error.code === 'UNAVAILABLE') throw error;
          log.failure(error, 'object not removed', { object: name });
        }
      }),
    );
  return removed;
}
