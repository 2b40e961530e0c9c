import { errorEntry } from '@causeway/contracts';

/** Statuses that say "you may not", "not now" or "not so much", whoever answers so. */
const refusing = new Set([401, 403, 409, 413, 422, 429]);

/** What the request was that got an error. */
export interface Refusable {
  readonly startsRuns: boolean;
  /** The run is there: then what follows is its end, which audit hears of from its own. */
  readonly hasRun: boolean;
}

/** Whether an error is a refusal, which audit is told of. Troubles of ours and slips in a request are none; no run is left out. */
export function isRefusal(code: string, { startsRuns, hasRun }: Refusable): boolean {
  if (startsRuns && hasRun) return false;
  const { status } = errorEntry(code);
  return refusing.has(status) || code === 'OVERLOADED' || (startsRuns && status < 500);
}
