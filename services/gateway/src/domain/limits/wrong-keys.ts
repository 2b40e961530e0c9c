import { type WireError, fromWireError, toWireError } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';
import { ExpiringMap } from '../expiring-map.js';

/** A wrong key is refused without a request to auth for so long: the same time for which a right key is trusted. */
const WRONG_MS = 1_000;
const REMEMBERED = 10_000;
/** Wrong keys that one address may try at once, and then in each second. */
const AT_ONCE = 20;
const PER_SECOND = 2;

/** How many tries an address has. */
export interface TryRules {
  /** As many as it may use at the same moment. @default 20 */
  readonly atOnce?: number;
  /** As many as it gets back in a second. @default 2 */
  readonly perSecond?: number;
}

interface Tries {
  readonly left: number;
  readonly atMs: number;
}

/**
 * Keys that were wrong, and how many different ones came from each address: each check of a key costs auth a query of
 * its database, and no honest caller tries thousands of keys that do not exist. The caller passes the time.
 */
export class WrongKeys {
  // Not the errors themselves: each keeps its stack, which takes more memory than all else here.
  private readonly wrong = new ExpiringMap<WireError>(REMEMBERED, WRONG_MS);
  private readonly atOnce: number;
  private readonly perSecond: number;
  private readonly tries: ExpiringMap<Tries>;

  constructor({ atOnce = AT_ONCE, perSecond = PER_SECOND }: TryRules = {}) {
    this.atOnce = atOnce;
    this.perSecond = perSecond;
    this.tries = new ExpiringMap(REMEMBERED, (atOnce / perSecond) * 1_000);
  }

  /** Why a key was refused a moment ago; undefined when it was not. */
  findRefusal(key: string, nowMs: number): CausewayError | undefined {
    const refusal = this.wrong.get(key, nowMs);
    return refusal && fromWireError(refusal);
  }

  /**
   * Uses up a try of an address before the request to auth, so that many requests at the same time use up as many tries.
   *
   * @returns how long it has to wait until it may try a new key; 0 when the try was taken
   */
  take(address: string, nowMs: number): number {
    const { left } = this.triesOf(address, nowMs);
    if (left < 1) return Math.ceil(((1 - left) / this.perSecond) * 1_000);
    this.tries.set(address, { left: left - 1, atMs: nowMs }, nowMs);
    return 0;
  }

  /** Returns the try, because the key was right or auth did not answer. */
  giveBack(address: string, nowMs: number): void {
    const { left } = this.triesOf(address, nowMs);
    this.tries.set(address, { left: Math.min(this.atOnce, left + 1), atMs: nowMs }, nowMs);
  }

  /** Records that a key was refused. */
  note(key: string, refusal: CausewayError, nowMs: number): void {
    this.wrong.set(key, toWireError(refusal), nowMs);
  }

  private triesOf(address: string, nowMs: number): Tries {
    const known = this.tries.get(address, nowMs);
    if (!known) return { left: this.atOnce, atMs: nowMs };
    const left = Math.min(this.atOnce, known.left + ((nowMs - known.atMs) / 1_000) * this.perSecond);
    return { left, atMs: nowMs };
  }
}
