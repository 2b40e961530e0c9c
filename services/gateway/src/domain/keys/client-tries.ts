import { ExpiringMap } from '../expiring-map.js';
import { WrongKeys } from '../limits/wrong-keys.js';

/** Who was right does not count as a guess for so long. */
const RIGHT_MS = 3_600_000;
const REMEMBERED = 10_000;

/** Slows down those who guess secrets of clients, codes or tokens, as `WrongKeys` does for keys. The caller passes the time. */
export class ClientTries {
  private readonly tries = new WrongKeys();
  private readonly right = new ExpiringMap<true>(REMEMBERED, RIGHT_MS);

  /**
   * Takes a try of an address, before the request is sent on.
   *
   * @param who  a hash of how the client proves who it is; undefined when the request names no client, which is refused anyway
   * @returns how long it has to wait; 0 when it may go on
   */
  take(address: string, who: string | undefined, nowMs: number): number {
    return this.isTry(who, nowMs) ? this.tries.take(address, nowMs) : 0;
  }

  /** Notes the outcome: a right one was no try. */
  note(address: string, who: string | undefined, wasRight: boolean, nowMs: number): void {
    const wasTry = this.isTry(who, nowMs);
    if (who === undefined) return;
    if (!wasRight) {
      this.right.delete(who);
      return;
    }
    this.right.set(who, true, nowMs);
    if (wasTry) this.tries.giveBack(address, nowMs);
  }

  /** Returns the try, because nobody could say whether it was right. */
  giveBack(address: string, who: string | undefined, nowMs: number): void {
    if (this.isTry(who, nowMs)) this.tries.giveBack(address, nowMs);
  }

  private isTry(who: string | undefined, nowMs: number): boolean {
    return who !== undefined && this.right.get(who, nowMs) !== true;
  }
}
