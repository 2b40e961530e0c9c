/** The database's clock, as it was when a run was claimed and as much later as this process has measured since. */
export class RunClock {
  readonly #offsetMs: number;

  /** @param databaseMs  Unix milliseconds that the database has just told */
  constructor(databaseMs: number) {
    this.#offsetMs = databaseMs - performance.now();
  }

  nowMs(): number {
    return this.#offsetMs + performance.now();
  }

  iso(): string {
    return isoOf(Math.round(this.nowMs()));
  }
}

let last = { ms: 0, text: '' };

/** Many steps of many runs fall into one millisecond. */
function isoOf(ms: number): string {
  if (ms !== last.ms) last = { ms, text: new Date(ms).toISOString() };
  return last.text;
}
