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
    return new Date(this.nowMs()).toISOString();
  }
}
