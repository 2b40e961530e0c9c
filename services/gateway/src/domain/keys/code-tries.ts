import { ExpiringMap } from '../expiring-map.js';

const WINDOW_MS = 600_000;
/** Wrong codes in ten minutes, which is as long as a code is valid: of one person, and of all from one address. */
const MOST_OF_PERSON = 10;
const MOST_OF_ADDRESS = 50;
const REMEMBERED = 10_000;

/** Stops those who guess the codes that people type for programs without a browser. The caller passes the time. */
export class CodeTries {
  private readonly wrong = new ExpiringMap<{ readonly count: number; readonly untilMs: number }>(
    REMEMBERED,
    WINDOW_MS,
  );

  /**
   * Takes a try, before it is known whether it is right, so that many at the same time count as many.
   *
   * @returns how long the person has to wait; 0 when they may go on
   */
  take(personId: string, address: string, nowMs: number): number {
    const limits = limitsOf(personId, address);
    const waits = limits.map(([key, most]) => {
      const known = this.wrong.get(key, nowMs);
      return known && known.count >= most ? known.untilMs - nowMs : 0;
    });
    const waitMs = Math.max(...waits);
    if (waitMs === 0) for (const [key] of limits) this.add(key, 1, nowMs);
    return waitMs;
  }

  /** The code was right, or nobody could say. */
  giveBack(personId: string, address: string, nowMs: number): void {
    for (const [key] of limitsOf(personId, address)) this.add(key, -1, nowMs);
  }

  private add(key: string, more: number, nowMs: number): void {
    const { count, untilMs } = this.wrong.get(key, nowMs) ?? { count: 0, untilMs: nowMs + WINDOW_MS };
    this.wrong.set(key, { count: Math.max(0, count + more), untilMs }, nowMs);
  }
}

function limitsOf(personId: string, address: string): readonly (readonly [key: string, most: number])[] {
  return [
    [`person ${personId}`, MOST_OF_PERSON],
    [`address ${address}`, MOST_OF_ADDRESS],
  ];
}
