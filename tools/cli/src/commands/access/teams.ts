import type { Team } from '@causeway/contracts';
import type { Api } from '../../api.js';
import { table } from '../../output.js';
import type { Output } from '../../output.js';
import { findTeam, readAll } from './find-named.js';

const PATH = '/api/platform/v1/teams';

export async function listTeams(api: Api, output: Output): Promise<number> {
  const teams = await readAll<Team>(api, PATH);
  output.result(teams, () =>
    table(
      ['name', 'id', 'created'],
      teams.map(({ name, id, createdAt }) => [name, id, createdAt]),
    ),
  );
  return 0;
}

export async function createTeam(api: Api, name: string, output: Output): Promise<number> {
  const team = await api.json<Team>('POST', PATH, { name });
  output.result(team, () => `team ${team.name} has the id ${team.id}`);
  return 0;
}

export async function renameTeam(api: Api, named: string, name: string, output: Output): Promise<number> {
  const { id } = await findTeam(api, named);
  const team = await api.json<Team>('PATCH', `${PATH}/${id}`, { name });
  output.result(team, () => `team ${named} is now named ${team.name}`);
  return 0;
}

/** Deletes a team; unless it is empty, its name has to be given again. */
export async function deleteTeam(
  api: Api,
  named: string,
  options: { confirm?: string },
  output: Output,
): Promise<number> {
  const { id, name } = await findTeam(api, named);
  const query = options.confirm === undefined ? '' : `?${new URLSearchParams({ confirm: options.confirm })}`;
  await api.send('DELETE', `/api/platform/v1/teams/${id}${query}`);
  output.result(
    { deleted: id, name },
    () => `team ${name} is deleted; its runs and audit events are kept as long as others`,
  );
  return 0;
}
