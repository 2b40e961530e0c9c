import type { Group, User } from '@causeway/contracts';
import type { Api } from '../../api.js';
import { table } from '../../output.js';
import type { Output } from '../../output.js';
import { one, readAll } from '../access/find-named.js';
import { findUserId } from './find-user.js';
import { showUsers } from './users.js';

const GROUPS = '/api/platform/v1/groups';

export async function listGroups(api: Api, output: Output): Promise<number> {
  const groups = await readAll<Group>(api, GROUPS);
  output.result(groups, () =>
    groups.length === 0
      ? 'there are no groups'
      : table(
          ['name', 'members', 'who says who is in it', 'id'],
          groups.map(({ name, members, connection, claimValue, id }) => [
            name,
            String(members),
            connection === null ? 'here' : `${connection}, as ${claimValue}`,
            id,
          ]),
        ),
  );
  return 0;
}

export async function createGroup(
  api: Api,
  name: string,
  options: { connection?: string; claim?: string },
  output: Output,
): Promise<number> {
  const { connection, claim: claimValue } = options;
  const group = await api.json<Group>('POST', GROUPS, {
    name,
    ...(connection !== undefined && { connection }),
    ...(claimValue !== undefined && { claimValue }),
  });
  output.result(group, () =>
    group.connection === null
      ? `group ${group.name} is created; add people with: npx causeway groups add`
      : `group ${group.name} has the people for whom ${group.connection} says ${group.claimValue}, from their next sign-in on`,
  );
  return 0;
}

export async function deleteGroup(api: Api, named: string, output: Output): Promise<number> {
  const { id, name } = await findGroup(api, named);
  await api.send('DELETE', `${GROUPS}/${id}`);
  output.result({ deleted: name }, () => `group ${name} is deleted, and its roles with it`);
  return 0;
}

export async function listGroupMembers(api: Api, named: string, output: Output): Promise<number> {
  const { id } = await findGroup(api, named);
  showUsers(await readAll<User>(api, `${GROUPS}/${id}/members`), output);
  return 0;
}

/** Adds a person to a group, or takes them out. */
export async function setMember(
  api: Api,
  named: string,
  user: string,
  isMember: boolean,
  output: Output,
): Promise<number> {
  const { id, name } = await findGroup(api, named);
  const userId = await findUserId(api, user);
  await api.send(isMember ? 'PUT' : 'DELETE', `${GROUPS}/${id}/members/${userId}`);
  output.result(
    { group: name, userId, isMember },
    () => `${user} is ${isMember ? 'in' : 'not in'} group ${name}`,
  );
  return 0;
}

/** The group with this name or id. @throws Error that names the groups */
export async function findGroup(api: Api, named: string): Promise<Group> {
  return one(await readAll<Group>(api, GROUPS), named, `there is no group ${named}`);
}
