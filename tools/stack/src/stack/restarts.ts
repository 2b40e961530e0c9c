const BACKOFF_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000];
/** When a process has run for this long, its next end counts as the first one again. */
const STEADY_MS = 60_000;

/** When a process that ended unexpectedly is started again: soon after the first end, later when it keeps ending. */
export class Restarts {
  #failures = 0;

  /** Milliseconds to wait. @param ranForMs  how long it ran this time */
  next(ranForMs: number): number {
    this.#failures = ranForMs > STEADY_MS ? 1 : this.#failures + 1;
    return BACKOFF_MS[Math.min(this.#failures, BACKOFF_MS.length) - 1] ?? 0;
  }
}

/** How a process ended, in words. */
export function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  return signal ?? `code ${code}`;
}
