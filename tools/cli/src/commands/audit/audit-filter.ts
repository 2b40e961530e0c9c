import { type Api, ApiError } from '../../api.js';
import { isId, parseResult, parseTime } from '../../arguments.js';
import { findAccount, findTeam } from '../access/find-named.js';
import { findUserId } from '../people/find-user.js';

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
    actor_id: actor === undefined ? undefined : await actorId(api, actor, team),
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

/**
 * The id of a person or of a service account of the team by its name; what has another name is taken as an id, such as `auth` for what that
 * service has done by itself.
 */
async function actorId(api: Api, named: string, team: string | undefined): Promise<string> {
  if (isId(named)) return named;
  const found = await Promise.all(
    [
      findTeam(api, team).then((of) => findAccount(api, of, named)),
      findUserId(api, named).then((id) => ({ id })),
    ].map((search) => search.catch(unlessUnknown)),
  );
  return found.find((one) => one !== undefined)?.id ?? named;
}

/** Nothing has this name, or the key may not see what has. */
function unlessUnknown(error: unknown): undefined {
  if (error instanceof ApiError && error.status !== 403 && error.status !== 404) throw error;
}
