import type { AuditFilter } from '@causeway/contracts';

const DAY_MS = 86_400_000;
/** The range of a query that does not say where it begins. */
export const DEFAULT_DAYS = 30;

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
  const from = Math.floor((endMs - DEFAULT_DAYS * DAY_MS) / 60_000) * 60_000;
  return { ...filter, from: new Date(from).toISOString() };
}
