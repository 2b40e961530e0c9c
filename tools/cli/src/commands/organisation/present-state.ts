import type {
  Connection,
  Group,
  Organisation,
  ReplyOf,
  Role,
  RoleBinding,
  ServiceAccount,
  Team,
  User,
  getSelf,
} from '@causeway/contracts';
import type { Api } from '../../api.js';
import { isId } from '../../arguments.js';
import { readAll } from '../access/find-named.js';
import { USERS } from '../people/users-path.js';

/** A person, as far as a file needs to know them. */
export type Person = Pick<User, 'id' | 'name' | 'email'>;

/** A group with the people that were added to it here; without them where an identity provider says who is in it. */
export interface GroupState {
  readonly group: Group;
  readonly members: readonly User[];
}

/** What an organisation is now, as far as a file can describe it. */
export interface PresentState {
  readonly self: ReplyOf<typeof getSelf>;
  readonly organisation: Organisation;
  readonly teams: readonly Team[];
  readonly roles: readonly Role[];
  readonly connections: readonly Connection[];
  readonly groups: readonly GroupState[];
  readonly accounts: readonly ServiceAccount[];
  /** Those in the whole organisation and in teams; roles in single projects and flows are not described by a file. */
  readonly bindings: readonly RoleBinding[];
  /** The people that the file names, by how it names them; several where it is not clear who is meant. */
  readonly people: ReadonlyMap<string, readonly Person[]>;
}

/** Reads what an organisation is now. @param named  people to look for, by name, e-mail address or id */
export async function readState(api: Api, named: readonly string[]): Promise<PresentState> {
  const [self, organisation, teams, roles, connections, groups, ofOrganisation] = await Promise.all([
    api.json<ReplyOf<typeof getSelf>>('GET', '/api/platform/v1/self'),
    api.json<Organisation>('GET', '/api/platform/v1/organisation'),
    readAll<Team>(api, '/api/platform/v1/teams'),
    api.json<{ items: Role[] }>('GET', '/api/platform/v1/roles'),
    api.json<{ items: Connection[] }>('GET', '/api/platform/v1/connections'),
    readAll<Group>(api, '/api/platform/v1/groups'),
    readAll<RoleBinding>(api, '/api/platform/v1/role-bindings'),
  ]);
  const accounts: ServiceAccount[] = [];
  const bindings = ofOrganisation.filter(({ level }) => level === 'organisation');
  for (const { id } of teams) {
    accounts.push(...(await readAll<ServiceAccount>(api, `/api/platform/v1/teams/${id}/service-accounts`)));
    const here = await readAll<RoleBinding>(api, `/api/platform/v1/role-bindings?team_id=${id}`);
    bindings.push(...here.filter(({ level }) => level === 'team'));
  }
  const members: GroupState[] = [];
  for (const group of groups)
    members.push({ group, members: group.connection === null ? await membersOf(api, group) : [] });
  const people = new Map<string, readonly Person[]>();
  for (const name of new Set(named)) people.set(name, await findPeople(api, name));
  return {
    self,
    organisation,
    teams,
    roles: roles.items,
    connections: connections.items,
    groups: members,
    accounts,
    bindings,
    people,
  };
}

function membersOf(api: Api, { id }: Group): Promise<User[]> {
  return readAll<User>(api, `/api/platform/v1/groups/${id}/members`);
}

/** Those with this id, e-mail address or name. */
async function findPeople(api: Api, named: string): Promise<Person[]> {
  if (isId(named)) return [{ id: named, name: named, email: null }];
  const lower = named.toLowerCase();
  const found = await readAll<User>(api, `${USERS}?${new URLSearchParams({ search: named })}`);
  const byMail = found.filter(({ email }) => email?.toLowerCase() === lower);
  return byMail.length > 0 ? byMail : found.filter(({ name }) => name === named);
}
