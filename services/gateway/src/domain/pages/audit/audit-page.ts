import { type AuditEvent, DEFAULT_AUDIT_DAYS } from '@causeway/contracts';
import { type Html, type Part, html } from '../html.js';
import { type AuditQuery, type Search, addressOf, exportAddress } from './audit-search.js';
import { eventItem } from './event-item.js';

/** Events of one page, and where the pages before and behind it are. */
export interface FoundEvents {
  readonly items: readonly AuditEvent[];
  readonly count: { readonly events: number; readonly isMore: boolean } | undefined;
  readonly previous: Search | undefined;
  readonly next: Search | undefined;
}

/** What a search has found. */
export function foundPart(
  { items, count, previous, next }: FoundEvents,
  search: Search,
  query: AuditQuery,
  around: { readonly teamName: (teamId: string) => string | undefined; readonly nowMs: number },
): Html {
  const { teamName, nowMs } = around;
  const pages =
    (previous ?? next) !== undefined &&
    html`<nav class="row" aria-label="Pages of events">
      ${previous && html`<a rel="prev" href="${addressOf(previous)}">Previous page</a>`}
      ${previous && html`<a href="${addressOf({ ...search, after: '', before: '' })}">First page</a>`}
      ${next && html`<a rel="next" href="${addressOf(next)}">Next page</a>`}
    </nav>`;
  return html`<div class="row found">
      <h2 id="found">${count === undefined ? 'Events' : countText(count)}</h2>
      <span
        >Export these as <a href="${exportAddress(query, 'csv', nowMs)}">CSV</a> or
        <a href="${exportAddress(query, 'jsonl', nowMs)}">JSON lines</a></span
      >
    </div>
    ${since(query)} ${items.length === 0 ? nothing(search) : list(items, search, teamName)} ${pages}
    <p class="quiet">
      Each event is sealed by the one before it. Whoever has an export as JSON lines checks it with
      <code>npx causeway audit verify</code>, without this server.
    </p>`;
}

function list(
  items: readonly AuditEvent[],
  search: Search,
  teamName: (teamId: string) => string | undefined,
): Html {
  return html`<div class="heads" aria-hidden="true">
      <span>Time (UTC)</span><span>Actor</span><span>Action</span><span>Object</span><span>Result</span>
    </div>
    <ol class="events" aria-labelledby="found">
      ${items.map((event) => eventItem(event, { search, teamName }))}
    </ol>`;
}

function nothing(search: Search): Html {
  return html`<p class="empty">
    No event fits this search. Choose a longer time, or
    <a href="${addressOf({ where: search.where })}">leave the other filters out</a>.
  </p>`;
}

/** Without a beginning, the search goes back a month. */
function since({ from, to }: AuditQuery): Part {
  return (
    from === undefined &&
    html`<p class="quiet">
      Of the ${DEFAULT_AUDIT_DAYS} days before ${to === undefined ? 'now' : 'the end'}; choose a time under
      “From” to see older ones.
    </p>`
  );
}

function countText({ events, isMore }: NonNullable<FoundEvents['count']>): string {
  const number = events.toLocaleString('en');
  return isMore ? `${number}+ events` : `${number} ${events === 1 ? 'event' : 'events'}`;
}
