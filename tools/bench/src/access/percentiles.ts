/** The times that so many of the measured ones do not exceed, in milliseconds. */
export interface Percentiles {
  readonly tries: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Sums up measured times. */
export function percentilesOf(times: readonly number[]): Percentiles {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { tries: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

/** The same as a text: `p50 1.2 ms, p99 8.0 ms, most 9.1 ms (200 tries)`. */
export function percentilesText({ tries, p50Ms, p99Ms, maxMs }: Percentiles): string {
  return `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, most ${maxMs.toFixed(1)} ms (${tries} tries)`;
}
