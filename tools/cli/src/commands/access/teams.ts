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
