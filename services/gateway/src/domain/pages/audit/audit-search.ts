import { DEFAULT_AUDIT_DAYS, issueText, listAuditRoute } from '@causeway/contracts';
import type { RouteInput } from '@causeway/contracts';

/** What a search of the page consists of, in the order of its address. */
export const searchFields = [
  'where',
  'from',
  'to',
  'actor_id',
  'action',
  'object_type',
  'object_id',
  'result',
  'address',
  'request_id',
  'run_id',
  'text',
  'order',
  'after',
  'before',
] as const;
export type SearchField = (typeof searchFields)[number];

/** A search as its address and its form have it; an absent field and an empty one are the same. */
export type Search = Readonly<Partial<Record<SearchField, string | undefined>>>;

export type AuditQuery = RouteInput<typeof listAuditRoute>['query'];

/** What is wrong with a search, by field. */
export type SearchProblems = ReadonlyMap<SearchField, string>;

/** Events on one page. */
const SHOWN = 50;
const ORGANISATION = 'organisation';
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The search as the API takes it, or what is wrong with it. */
export function readSearch(search: Search): { query: AuditQuery } | { problems: SearchProblems } {
  const { where, after, before, from, to, order = 'newest', ...filters } = filled(search);
  const given = {
    ...filters,
    ...(where === ORGANISATION ? { scope: ORGANISATION } : where !== undefined && { team_id: where }),
    ...(from !== undefined && { from: asUtc(from) }),
    ...(to !== undefined && { to: asUtc(to) }),
    // The page before is read against the order, from its end.
    order: before === undefined ? order : (opposite.get(order) ?? order),
    ...((before ?? after) !== undefined && { after: before ?? after }),
    limit: SHOWN,
    count: 'true',
  };
  // The declared query is an object with these members; a route may have any schema.
  const parsed = listAuditRoute.query?.safeParse(given);
  if (parsed?.success) return { query: parsed.data };
  const problems = new Map<SearchField, string>();
  for (const issue of parsed?.error.issues ?? []) {
    const field = fieldOf(String(issue.path[0]), before !== undefined);
    if (field !== undefined && !problems.has(field)) problems.set(field, issueText(issue));
  }
  return { problems };
}

/** The field that a refusal of the audit service is about, and what it says of it. */
export function problemOfRefusal(message: string, { before }: Search): SearchProblems {
  const [, name = '', rest] = /^(?:query: )?(\w+)(?:: | )(.*)$/s.exec(message) ?? [];
  const field = fieldOf(name, Boolean(before));
  return field === undefined ? new Map([['where', message]]) : new Map([[field, rest ?? message]]);
}

/** The address of a search, without fields that are empty. */
export function addressOf(search: Search, path = '/audit'): string {
  const known = filled(search);
  const fields = searchFields.flatMap((field): [string, string][] => {
    const value = known[field];
    return value === undefined ? [] : [[field, value]];
  });
  return fields.length === 0 ? path : `${path}?${new URLSearchParams(fields)}`;
}

/** The address of an export of the events that a search finds, on all its pages. */
export function exportAddress(query: AuditQuery, format: 'csv' | 'jsonl', nowMs: number): string {
  const { limit: _limit, after: _after, order: _order, count: _count, ...filter } = query;
  const endMs = query.to === undefined ? nowMs : Math.min(Date.parse(query.to), nowMs);
  const startMs = Math.floor((endMs - DEFAULT_AUDIT_DAYS * DAY_MS) / MINUTE_MS) * MINUTE_MS;
  // Without a beginning an export has everything, and a search does not.
  const all = { ...filter, from: query.from ?? new Date(startMs).toISOString(), format };
  const fields = Object.entries(all).filter(([, value]) => value !== undefined);
  return `/api/platform/v1/audit/export?${new URLSearchParams(fields as [string, string][])}`;
}

/** The fields that have a value. */
export function filled(search: Search): Search {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => (value ?? '').trim() !== ''));
}

/** Whether an address names fields without a value, as forms do. */
export function hasEmptyFields(search: Search): boolean {
  return Object.values(search).some((value) => value?.trim() === '');
}

/** What a field for times shows: in UTC, without saying so. */
export function shownInField(time: string | undefined): string {
  if (time === undefined) return '';
  const at = new Date(asUtc(time));
  return Number.isNaN(at.getTime()) ? '' : at.toISOString().replace(/(:00)?\.000Z$|Z$/, '');
}

const opposite: ReadonlyMap<string, string> = new Map([
  ['newest', 'oldest'],
  ['oldest', 'newest'],
]);

/** Browsers send times without an offset, and people write days. */
function asUtc(time: string): string {
  const text = time.trim();
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return `${text}T00:00:00Z`;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text)) return `${text}:00Z`;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/.test(text) ? `${text}Z` : text;
}

function fieldOf(member: string, isBefore: boolean): SearchField | undefined {
  if (member === 'team_id' || member === 'scope') return 'where';
  if (member === 'after' && isBefore) return 'before';
  return searchFields.find((field) => field === member);
}
