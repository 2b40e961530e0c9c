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

  /**
   * Takes a try of an address before auth is asked, so that many at once are as many tries.
   *
   * @returns how long it has to wait until it may try a new key; 0 when the try was taken
   */
  take(address: string, nowMs: number): number {
    const { left } = this.triesOf(address, nowMs);
    if (left < 1) return Math.ceil(((1 - left) / PER_SECOND) * 1_000);
    this.tries.set(address, { left: left - 1, atMs: nowMs }, nowMs);
    return 0;
  }

  /** The key was right, or auth did not say: no try was spent. */
  giveBack(address: string, nowMs: number): void {
    const { left } = this.triesOf(address, nowMs);
    this.tries.set(address, { left: Math.min(AT_ONCE, left + 1), atMs: nowMs }, nowMs);
  }

  /** A key was found to be wrong. */
  note(key: string, nowMs: number): void {
    this.wrong.set(key, true, nowMs);
  }

  private triesOf(address: string, nowMs: number): Tries {
    const known = this.tries.get(address, nowMs);
    if (!known) return { left: AT_ONCE, atMs: nowMs };
    const left = Math.min(AT_ONCE, known.left + ((nowMs - known.atMs) / 1_000) * PER_SECOND);
    return { left, atMs: nowMs };
  }
}
