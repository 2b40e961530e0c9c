import type { AuditEvent } from '@causeway/contracts';
import type { Api } from '../api.js';
import { parseLimit, parseResult, parseTime } from '../arguments.js';
import { table } from '../output.js';
import type { Output } from '../output.js';
import { findTeam } from './access/find-named.js';

/** Which acts to list; all that are absent leave nothing out. */
export interface AuditOptions {
  /** The team by its name or id; absent: the team of the key. */
  readonly team?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly object?: string;
  readonly result?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: string;
}

/** Lists what was done and refused, newest first. */
export async function audit(api: Api, options: AuditOptions, output: Output): Promise<number> {
  const { team, actor, action, object, result, from, to } = options;
  const wanted = {
    team_id: team === undefined ? undefined : (await findTeam(api, team)).id,
    limit: String(parseLimit(options.limit)),
    actor_id: actor,
    action,
    object_id: object,
    result: result === undefined ? undefined : parseResult(result),
    from: from === undefined ? undefined : parseTime('--from', from),
    to: to === undefined ? undefined : parseTime('--to', to),
  };
  const given = Object.entries(wanted).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const page = await api.json<{ items: AuditEvent[]; next?: string }>(
    'GET',
    `/api/platform/v1/audit/events?${new URLSearchParams(given)}`,
  );
  const none = page.items.length === 0 ? 'the team has no such acts' : undefined;
  output.result(
    page,
    () =>
      none ??
      table(
        ['at', 'actor', 'action', 'object', 'result', 'code', 'count'],
        page.items.map((event) => [
          event.at,
          event.actor.name,
          event.action,
          `${event.object.type} ${event.object.name ?? event.object.id}`,
          event.result,
          event.code ?? '',
          event.count === undefined ? '' : String(event.count),
        ]),
      ),
  );
  if (page.next !== undefined)
    output.progress('there are more acts; show more with --limit, or older ones with --to');
  return 0;
}
