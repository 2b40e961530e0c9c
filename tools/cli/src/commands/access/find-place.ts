import type { Level, Team } from '@causeway/contracts';
import type { Api } from '../../api.js';
import { isId } from '../../arguments.js';
import { findFlow } from '../find-flow.js';
import { findTeam } from './find-named.js';

/** A place as the options of a command name it: a project or a flow, a team, or the whole organisation; absent: the team of the key. */
export interface PlaceOptions {
  readonly team?: string;
  readonly organisation?: boolean;
  readonly project?: string;
  readonly flow?: string;
}

/** A place that was found. */
export interface FoundPlace {
  readonly level: Level;
  /** Its id; absent for the organisation. */
  readonly objectId?: string;
  /** The team that it is, or that it is in. */
  readonly team?: Team;
  /** For sentences: `team Payments`. */
  readonly text: string;
}

/** Finds a place by names or ids. @throws Error that says what is wrong with the options, or what there is */
export async function findPlace(api: Api, options: PlaceOptions): Promise<FoundPlace> {
  const { organisation, project, flow } = options;
  const given = [options.team !== undefined || project !== undefined || flow !== undefined, organisation];
  if (given.every(Boolean)) throw new Error('give --organisation without --team, --project and --flow');
  if (project !== undefined && flow !== undefined) throw new Error('give --project or --flow, not both');
  if (organisation) return { level: 'organisation', text: 'the organisation' };
  const team = await findTeam(api, options.team);
  for (const [what, named] of Object.entries({ flow, project }))
    if (named !== undefined && !isId(named) && options.team !== undefined)
      await checkOwnTeam(api, team, what, named);
  if (flow !== undefined) {
    const objectId = isId(flow) ? flow : (await findFlow(api, flow)).id;
    return { level: 'flow', objectId, team, text: `flow ${flow}` };
  }
  if (project !== undefined) {
    const objectId = isId(project) ? project : await findProject(api, project);
    return { level: 'project', objectId, team, text: `project ${project}` };
  }
  return { level: 'team', objectId: team.id, team, text: `team ${team.name}` };
}

/** The query of a place, for lists and questions. */
export function placeQuery({ level, objectId = '', team }: FoundPlace): URLSearchParams {
  return new URLSearchParams({
    ...(team && { team_id: team.id }),
    ...(level === 'project' && { project_id: objectId }),
    ...(level === 'flow' && { flow_id: objectId }),
  });
}

async function findProject(api: Api, named: string): Promise<string> {
  const projects = await api.json<{ id: string; name: string }[]>('GET', '/api/v1/projects/');
  const found = projects.find(({ name }) => name === named);
  if (found) return found.id;
  const names = projects.slice(0, 20).map(({ name }) => name);
  throw new Error(`there is no project ${named}; the names are ${names.join(', ')}`);
}

/** Flows and projects are found by name in the team of the key only. */
async function checkOwnTeam(api: Api, team: Team, what: string, named: string): Promise<void> {
  const own = await findTeam(api, undefined);
  if (own.id !== team.id)
    throw new Error(
      `${what}s are found by name in the team of the key, which is ${own.name}; give the id of the ${what} ${named} of team ${team.name}`,
    );
}
