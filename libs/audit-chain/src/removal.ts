/** The action of the event that tells which events were removed with their month. */
export const REMOVAL = 'audit.remove';

/** The removed events, as the detail of that event. */
export interface RemovalDetail {
  /** As `YYYY-MM`. */
  readonly month: string;
  readonly events: number;
  /** First and last number of each run of removed events. */
  readonly ranges: readonly (readonly [number, number])[];
}

/** The removed numbers that an event tells of; none for any other event. */
export function removedRanges(event: { readonly [member: string]: unknown }): readonly Range[] {
  const detail = event['detail'] as Partial<RemovalDetail> | undefined;
  if (event['action'] !== REMOVAL || !Array.isArray(detail?.ranges)) return [];
  return detail.ranges.filter(isRange);
}

export type Range = readonly [number, number];

/** The parts of some ranges that lie in none of the others, each as long as possible. */
export function uncovered(ranges: readonly Range[], covering: readonly Range[]): Range[] {
  const [wanted, covers] = [merged(ranges), merged(covering)];
  const left: Range[] = [];
  let next = 0;
  for (const [from, to] of wanted) {
    let at = from;
    while (next < covers.length && (covers[next] as Range)[1] < at) next += 1;
    for (let index = next; index < covers.length && at <= to; index += 1) {
      const [first, last] = covers[index] as Range;
      if (first > to) break;
      if (first > at) left.push([at, first - 1]);
      at = last + 1;
    }
    if (at <= to) left.push([at, to]);
  }
  return left;
}

/** Ranges in their order; those that touch are one. */
function merged(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && from <= last[1] + 1) result[result.length - 1] = [last[0], Math.max(last[1], to)];
    else result.push([from, to]);
  }
  return result;
}

function isRange(value: unknown): value is Range {
  return Array.isArray(value) && value.length === 2 && value.every((one) => Number.isSafeInteger(one));
}
