import type { Queryable } from '../database/database.js';

/** What a batch removed. */
export interface Removed {
  readonly rows: number;
  /** Bytes, where they are known. */
  readonly bytes?: number;
  /** Whether another batch may find more. */
  readonly isMore: boolean;
}

/** What of a kind is due, and how old what there is. */
export interface Due {
  /** Counted up to `MOST_COUNTED`. */
  readonly rows: number;
  readonly bytes: number;
  /** Time of the oldest that there is, due or not. */
  readonly oldest: Date | null;
}

/** A kind of data that leaves when it is old. */
export interface RetainedKind {
  /** A plural, such as `runs`; one name, one kind of the whole installation. */
  readonly kind: string;
  /** Name of the setting in `config.ts`; absent where the rule is fixed. */
  readonly setting?: string;
  /** 0: until somebody deletes it, and then nothing is ever due. */
  readonly keepDays: number;
  /**
   * Removes at most so many of what is due. Idempotent: a batch may be broken off anywhere and come again.
   *
   * @param transaction  holds the kind's lock: no other instance works on it. Whatever it changes commits after this settles
   */
  remove(transaction: Queryable, atMost: number): Promise<Removed>;
  measure(): Promise<Due>;
}

/** Where counting of what is due ends. */
export const MOST_COUNTED = 100_000;
