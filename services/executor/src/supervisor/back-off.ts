const FIRST_MS = 250;
const LONGEST_MS = 30_000;

/** When a process that keeps ending may be started again. */
export class BackOff {
  private delayMs = 0;
  private notBeforeMs = 0;

  mayStart(nowMs: number): boolean {
    return nowMs >= this.notBeforeMs;
  }

  /** @param hasWorked  the process did its work before it ended, so the next one may start at once */
  ended(nowMs: number, hasWorked: boolean): void {
    this.notBeforeMs = nowMs + (hasWorked ? 0 : this.delayMs);
    if (hasWorked) this.delayMs = 0;
    else this.delayMs = this.delayMs === 0 ? FIRST_MS : Math.min(this.delayMs * 2, LONGEST_MS);
  }
}
