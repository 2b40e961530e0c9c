import { causewayError } from '@causeway/contracts';

/** The part of the whole budget that one key may use. */
const SHARE_OF_A_KEY = 1 / 4;
const RETRY_AFTER_S = 2;

/** The limits of a budget, and the codes of the errors when it is used up. */
export interface BudgetLimits {
  readonly mostBytes: number;
  /** A key's share is at least this large, so that one body of the largest size always fits. */
  readonly largestBytes: number;
  /** Name of the setting behind it. */
  readonly limitName: string;
  readonly isFull: 'BODIES_FULL' | 'ANSWERS_FULL';
  readonly isFullForKey: 'KEY_BODIES_FULL' | 'KEY_ANSWERS_FULL';
}

/** Counts the memory of one kind that requests use, of all callers together and of each key. */
export class MemoryBudget {
  readonly #limits: BudgetLimits;
  readonly #mostOfAKey: number;
  readonly #byKey = new Map<string, number>();
  #bytes = 0;

  constructor(limits: BudgetLimits) {
    this.#limits = limits;
    this.#mostOfAKey = Math.max(Math.floor(limits.mostBytes * SHARE_OF_A_KEY), limits.largestBytes);
  }

  /** What is counted now. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Counts bytes; the caller must give them back with `giveBack`.
   *
   * @throws CausewayError with one of the two codes of the limits
   */
  take(key: string, bytes: number): void {
    const { mostBytes, limitName, isFull, isFullForKey } = this.#limits;
    const ofKey = (this.#byKey.get(key) ?? 0) + bytes;
    const more = { limitName, retryAfterS: RETRY_AFTER_S };
    if (ofKey > this.#mostOfAKey)
      throw causewayError(isFullForKey, { limitBytes: this.#mostOfAKey, ...more });
    if (this.#bytes + bytes > mostBytes) throw causewayError(isFull, { limitBytes: mostBytes, ...more });
    this.note(key, bytes);
  }

  /** Counts bytes whether there is room or not. */
  note(key: string, bytes: number): void {
    this.#bytes += bytes;
    this.#byKey.set(key, (this.#byKey.get(key) ?? 0) + bytes);
  }

  giveBack(key: string, bytes: number): void {
    this.#bytes -= bytes;
    const left = (this.#byKey.get(key) ?? 0) - bytes;
    if (left > 0) this.#byKey.set(key, left);
    else this.#byKey.delete(key);
  }
}
