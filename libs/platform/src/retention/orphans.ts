import { firstIdAt } from '../context/new-id.js';
import type { ObjectStore, StoredObject } from '../objects/object-store.js';
import { removeObjects } from '../objects/objects-of-runs.js';
import type { RetainedKind } from './retained-kind.js';

const DAY_MS = 24 * 60 * 60_000;
/** The time from the end of a pass through all objects to the next one. */
const PASS_MS = DAY_MS;
/** Most objects that are checked to count how many are due. */
const MOST_MEASURED = 5_000;

export interface OrphanOptions {
  readonly kind: string;
  readonly setting?: string;
  /** A newer object is kept, because an object is stored before the row that names it. At least one day. */
  readonly keepDays: number;
  /** True for objects of runs, false for those that belong to none. */
  readonly ofRuns: boolean;
  /** Returns the names of those objects that a row names. */
  readonly findNamed: (objects: readonly StoredObject[]) => Promise<ReadonlySet<string>>;
}

/** Removes objects that no row names: a process died after it stored the object and before it wrote the row, or the row was refused. It searches once a day, page by page. */
export function orphans(objects: ObjectStore, options: OrphanOptions): RetainedKind {
  const { kind, setting, keepDays, ofRuns, findNamed } = options;
  let after: string | undefined;
  let nextPassMs = 0;

  async function look(from: string | undefined, most: number) {
    const oldMs = Date.now() - keepDays * DAY_MS;
    const page = await objects.list({
      ofRuns,
      most,
      ...(from !== undefined && { after: from }),
      ...(ofRuns && { before: firstIdAt(oldMs) }),
    });
    const old = page.objects.filter(({ storedAtMs }) => storedAtMs < oldMs);
    const named = old.length === 0 ? new Set<string>() : await findNamed(old);
    return { page, found: old.filter(({ name }) => !named.has(name)) };
  }

  return {
    kind,
    ...(setting !== undefined && { setting }),
    keepDays,
    async remove(_transaction, atMost) {
      if (Date.now() < nextPassMs) return { rows: 0, isMore: false };
      const { page, found } = await look(after, atMost);
      const removed = await removeObjects(objects, found);
      after = page.next;
      if (after === undefined) nextPassMs = Date.now() + PASS_MS;
      return { ...removed, isMore: after !== undefined };
    },
    async measure() {
      let [rows, bytes, looked] = [0, 0, 0];
      let oldestMs: number | undefined;
      let from: string | undefined;
      do {
        const { page, found } = await look(from, 1_000);
        for (const { storedAtMs } of page.objects) oldestMs = Math.min(oldestMs ?? storedAtMs, storedAtMs);
        rows += found.length;
        bytes += found.reduce((sum, object) => sum + object.bytes, 0);
        looked += page.objects.length;
        from = page.next;
      } while (from !== undefined && looked < MOST_MEASURED);
      return { rows, bytes, oldest: oldestMs === undefined ? null : new Date(oldestMs) };
    },
  };
}
