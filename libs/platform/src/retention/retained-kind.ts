import type { Queryable } from '../database/database.js';

/** The result of removing a batch. */
export interface Removed {
  readonly rows: number;
  /** Bytes, where they are known. */
  readonly bytes?: number;
  /** Whether another batch may find more. */
  readonly isMore: boolean;
}

/** How much of a kind is due for removal, and the age of its oldest data. */
export interface Due {
  /** Counted up to `MOST_COUNTED`. */
  readonly rows: number;
  readonly bytes: number;
  /** Time of the oldest data, due or not; null when there is none. */
  readonly oldest: Date | null;
}

/** A kind of data that is removed when it is old. */
export interface RetainedKind {
  /** A plural, such as `runs`, that no other kind of the installation has. */
  readonly kind: string;
  /** Name of the setting in `config.ts`; absent when the time is fixed. */
  readonly setting?: string;
  /** How long it is kept, in days. 0: until it is deleted, so nothing is ever due. */
  readonly keepDays: number;
  /**
   * Removes at most so many items that are due. Idempotent: a batch may be interrupted anywhere and repeated.
   *
   * @param transaction  holds the kind's lock, so no other instance works on it. Its changes are committed after this settles
   */
  remove(transaction: Queryable, atMost: number): Promise<Removed>;
  measure(): Promise<Due>;
}

/** Items that are due are counted up to this number. */
export const MOST_COUNTED = 100_000;
