import type { ServiceAccount, Team } from '@causeway/contracts';
import type { Api } from '../../api.js';

/** A page of a list of the platform's own API. */
interface Page<T> {
  readonly items: T[];
  readonly next?: string;
}

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Every item of a list, page by page. */
export async function readAll<T>(api: Api, path: string): Promise<T[]> {
  const all: T[] = [];
  for (let after: string | undefined, isMore = true; isMore; isMore = after !== undefined) {
    const query = new URLSearchParams({ limit: '500', ...(after !== undefined && { after }) });
    const page = await api.json<Page<T>>('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`);
    all.push(...page.items);
    after = page.next;
  }
  return all;
}

/** The team with this name or id; without one, the team of the key. @throws Error that names the teams */
export async function findTeam(api: Api, named: string | undefined): Promise<Team> {
  if (named === undefined) return (await api.json<{ team: Team }>('GET', '/api/platform/v1/access')).team;
  const teams = await readAll<Team>(api, '/api/platform/v1/teams');
  return one(teams, named, `there is no team ${named} that you may read`);
}

/** The sentence in place of an empty list. It names the team of the key, because other teams may have some. */
export async function describeNone(api: Api, what: string): Promise<string> {
  // Langflow has no teams.
  const team = await findTeam(api, undefined).catch(() => undefined);
  return team ? `team ${team.name} has no ${what}` : `there are no ${what}`;
}

/** The service account of a team with this name or id. @throws Error that names the accounts */
export async function findAccount(api: Api, team: Team, named: string): Promise<ServiceAccount> {
  const accounts = await readAll<ServiceAccount>(api, `/api/platform/v1/teams/${team.id}/service-accounts`);
  return one(accounts, named, `team ${team.name} has no service account ${named}`);
}

/** By id or name; upper and lower case count only where names differ in nothing else. */
export function one<T extends Named>(all: readonly T[], named: string, problem: string): T {
  const lower = named.toLowerCase();
  const exact = all.find(({ id }) => id === lower) ?? all.find(({ name }) => name === named);
  if (exact) return exact;
  const alike = all.filter(({ name }) => name.toLowerCase() === lower);
  if (alike.length === 1 && alike[0]) return alike[0];
  const names = all.slice(0, 20).map(({ name }) => name);
  throw new Error(names.length === 0 ? problem : `${problem}; the names are ${names.join(', ')}`);
}
