import { errorEntry } from '@causeway/contracts';

/** Statuses of refusals: a missing permission, a conflict or an exceeded limit. */
const refusing = new Set([401, 403, 409, 413, 422, 429]);

/** The request that was answered with an error. */
export interface Refusable {
  readonly startsRuns: boolean;
  /** The run exists: then the error is how the run ended, which is reported to the audit log when the run ends. */
  readonly hasRun: boolean;
}

/** Whether an error is a refusal, which the audit log records. Faults of the platform and mistakes in a request are not refusals; every refused run is one. */
export function isRefusal(code: string, { startsRuns, hasRun }: Refusable): boolean {
  if (startsRuns && hasRun) return false;
  const { status } = errorEntry(code);
  return refusing.has(status) || code === 'OVERLOADED' || (startsRuns && status < 500);
}
