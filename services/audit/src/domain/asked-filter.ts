import { type AuditFilter, DEFAULT_AUDIT_DAYS } from '@causeway/contracts';

const DAY_MS = 86_400_000;

/** The members of a request that select events, without the others. */
export function askedFilter(input: AuditFilter): AuditFilter {
  const { from, to, actorId, action, objectType, objectId, result, address, requestId, runId, text } = input;
  const all = { from, to, actorId, action, objectType, objectId, result, address, requestId, runId, text };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** A filter with a beginning: the default range reaches back from its end. */
export function withRange(filter: AuditFilter, nowMs: number): AuditFilter {
  if (filter.from !== undefined) return filter;
  const endMs = filter.to === undefined ? nowMs : Math.min(Date.parse(filter.to), nowMs);
  // From a whole minute, so that the pages of a query have the same beginning, as far as that matters.
  const from = Math.floor((endMs - DEFAULT_AUDIT_DAYS * DAY_MS) / 60_000) * 60_000;
  return { ...filter, from: new Date(from).toISOString() };
}

/** Words are looked for in at most so many days: only this month and the last one have an index for them. */
export const MOST_DAYS_OF_TEXT = 62;

/** What is wrong with a filter; undefined for one that can be answered. */
export function findFilterProblem({ from, to, text }: AuditFilter, nowMs: number): string | undefined {
  if (from !== undefined && to !== undefined && Date.parse(from) > Date.parse(to))
    return 'from lies behind to';
  const endMs = to === undefined ? nowMs : Math.min(Date.parse(to), nowMs);
  if (text === undefined || from === undefined || endMs - Date.parse(from) <= MOST_DAYS_OF_TEXT * DAY_MS)
    return undefined;
  return `text is looked for in at most ${MOST_DAYS_OF_TEXT} days: set from and to closer together, or ask for one range after the other`;
}
