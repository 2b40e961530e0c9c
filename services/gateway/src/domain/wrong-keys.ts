import { ExpiringMap } from './expiring-map.js';

/** A key that was wrong is wrong without a question for so long: as long as a right one is believed. */
const WRONG_MS = 1_000;
const REMEMBERED = 10_000;
/** Wrong keys that one address may try at once, and after that in each second. */
const AT_ONCE = 20;
const PER_SECOND = 2;

interface Tries {
  readonly left: number;
  readonly atMs: number;
}

/**
 * Keys that were wrong, and how many different ones came from each address: a question about a key costs auth a look into
 * its database, and nobody needs to ask for thousands that do not exist. The clock is the caller's.
 */
export class WrongKeys {
  private readonly wrong = new ExpiringMap<true>(REMEMBERED, WRONG_MS);
  private readonly tries = new ExpiringMap<Tries>(REMEMBERED, (AT_ONCE / PER_SECOND) * 1_000);

  isWrong(key: string, nowMs: number): boolean {
    return this.wrong.get(key, nowMs) === true;
  }

  /** How long an address has to wait until it may try a new key. 0 when it need not. */
  waitMs(address: string, nowMs: number): number {
    const { left } = this.triesOf(address, nowMs);
    return left >= 1 ? 0 : Math.ceil(((1 - left) / PER_SECOND) * 1_000);
  }

  /** A key from an address was found to be wrong. Of many who waited for that one answer, the first counts. */
  note(key: string, address: string, nowMs: number): void {
    if (this.isWrong(key, nowMs)) return;
    this.wrong.set(key, true, nowMs);
    const { left } = this.triesOf(address, nowMs);
    this.tries.set(address, { left: Math.max(0, left - 1), atMs: nowMs }, nowMs);
  }

  private triesOf(address: string, nowMs: number): Tries {
    const known = this.tries.get(address, nowMs);
    if (!known) return { left: AT_ONCE, atMs: nowMs };
    const left = Math.min(AT_ONCE, known.left + ((nowMs - known.atMs) / 1_000) * PER_SECOND);
    return { left, atMs: nowMs };
  }
}
