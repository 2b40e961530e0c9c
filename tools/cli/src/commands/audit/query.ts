import type { AuditEvent } from '@causeway/contracts';
import type { Api } from '../../api.js';
import { parseLimit } from '../../arguments.js';
import { type Output, table } from '../../output.js';
import { type FilterOptions, filterQuery } from './audit-filter.js';

export interface QueryOptions extends FilterOptions {
  readonly oldest?: boolean;
  readonly count?: boolean;
  readonly limit: string;
}

interface Page {
  readonly items: readonly AuditEvent[];
  readonly next?: string;
  readonly count?: { readonly events: number; readonly isMore: boolean };
}

/** Lists what was done and refused, newest first. */
export async function queryAudit(api: Api, options: QueryOptions, output: Output): Promise<number> {
  const query = new URLSearchParams({
    limit: String(parseLimit(options.limit)),
    ...(options.oldest && { order: 'oldest' }),
    ...(options.count && { count: 'true' }),
    ...(await filterQuery(api, options)),
  });
  const page = await api.json<Page>('GET', `/api/platform/v1/audit/events?${query}`);
  output.result(page, () =>
    page.items.length === 0
      ? 'there are no such acts in this range of time and this team'
      : tableOf(page.items),
  );
  const { count, next } = page;
  if (count)
    output.progress(`${count.isMore ? 'more than ' : ''}${count.events.toLocaleString('en')} acts in all`);
  if (next !== undefined)
    output.progress('there are more acts; show more with --limit, or others with --from and --to');
  return 0;
}

function tableOf(events: readonly AuditEvent[]): string {
  return table(
    ['at', 'actor', 'action', 'object', 'result', 'code', 'count'],
    events.map((event) => [
      event.at,
      event.actor.name,
      event.action,
      `${event.object.type} ${event.object.name ?? event.object.id}`,
      event.result,
      event.code ?? '',
      event.count === undefined ? '' : String(event.count),
    ]),
  );
}
