import { causewayError } from '@causeway/contracts';

/** One key may have this part of what all have together. */
const SHARE_OF_A_KEY = 1 / 4;
const RETRY_AFTER_S = 2;

/** What a budget allows, and the errors that say it is used up. */
export interface BudgetLimits {
  readonly mostBytes: number;
  /** Something of this size always fits into the share of a key. */
  readonly largestBytes: number;
  /** Name of the setting behind it. */
  readonly limitName: string;
  readonly isFull: 'BODIES_FULL';
  readonly isFullForKey: 'KEY_BODIES_FULL';
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

  /**
   * Counts bytes; whoever takes them gives them back.
   *
   * @throws CausewayError the two that the limits name
   */
  take(key: string, bytes: number): void {
    const { mostBytes, limitName, isFull, isFullForKey } = this.#limits;
    const ofKey = (this.#byKey.get(key) ?? 0) + bytes;
    const more = { limitName, retryAfterS: RETRY_AFTER_S };
    if (ofKey > this.#mostOfAKey)
      throw causewayError(isFullForKey, { limitBytes: this.#mostOfAKey, ...more });
    if (this.#bytes + bytes > mostBytes) throw causewayError(isFull, { limitBytes: mostBytes, ...more });
    this.#bytes += bytes;
    this.#byKey.set(key, ofKey);
  }

  giveBack(key: string, bytes: number): void {
    this.#bytes -= bytes;
    const left = (this.#byKey.get(key) ?? 0) - bytes;
    if (left > 0) this.#byKey.set(key, left);
    else this.#byKey.delete(key);
  }
}
