/** The database's clock: its time when the run was claimed, plus the time that this process has measured since. */
export class RunClock {
  readonly #offsetMs: number;

  /** @param databaseMs  the database's time, just read, in Unix milliseconds */
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

/** The ISO text of a time, cached, since many steps of many runs have the same millisecond. */
function isoOf(ms: number): string {
  if (ms !== last.ms) last = { ms, text: new Date(ms).toISOString() };
  return last.text;
}
