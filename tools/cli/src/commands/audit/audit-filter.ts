import type { Api } from '../../api.js';
import { parseResult, parseTime } from '../../arguments.js';
import { findTeam } from '../access/find-named.js';

/** Which events; all that are absent leave nothing out. */
export interface FilterOptions {
  /** The team by its name or id; absent: the team of the key. */
  readonly team?: string;
  /** All events of the organisation, also those of no team. */
  readonly organisation?: boolean;
  readonly actor?: string;
  readonly action?: string;
  readonly objectType?: string;
  readonly object?: string;
  readonly result?: string;
  readonly address?: string;
  readonly request?: string;
  readonly run?: string;
  readonly text?: string;
  readonly from?: string;
  readonly to?: string;
}

/** The filter as the query of a request. @throws Error naming the option that is wrong */
export async function filterQuery(api: Api, options: FilterOptions): Promise<Record<string, string>> {
  const {
    team,
    organisation,
    actor,
    action,
    objectType,
    object,
    result,
    address,
    request,
    run,
    text,
    from,
    to,
  } = options;
  if (team !== undefined && organisation) throw new Error('give either --team or --organisation');
  const wanted = {
    team_id: team === undefined ? undefined : (await findTeam(api, team)).id,
    scope: organisation ? 'organisation' : undefined,
    actor_id: actor,
    action,
    object_type: objectType,
    object_id: object,
    result: result === undefined ? undefined : parseResult(result),
    address,
    request_id: request,
    run_id: run,
    text,
    from: from === undefined ? undefined : parseTime('--from', from),
    to: to === undefined ? undefined : parseTime('--to', to),
  };
  return Object.fromEntries(
    Object.entries(wanted).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}
