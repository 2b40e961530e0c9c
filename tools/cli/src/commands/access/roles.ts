import type { Role, RoleBinding, Team, explainAccess, ReplyOf } from '@causeway/contracts';
import type { Api } from '../../api.js';
import { parseId, parsePermissions } from '../../arguments.js';
import { table } from '../../output.js';
import type { Output } from '../../output.js';
import { findGroup } from '../people/groups.js';
import { findUserId } from '../people/find-user.js';
import { findAccount, readAll } from './find-named.js';
import { type PlaceOptions, findPlace, placeQuery } from './find-place.js';

const ROLES = '/api/platform/v1/roles';
const BINDINGS = '/api/platform/v1/role-bindings';

export async function listRoles(api: Api, output: Output): Promise<number> {
  const { items } = await api.json<{ items: Role[] }>('GET', ROLES);
  output.result(items, () =>
    table(
      ['role', 'kind', 'permissions'],
      items.map(({ name, isBuiltIn, permissions }) => [
        name,
        isBuiltIn ? 'built in' : 'custom',
        permissions.join(','),
      ]),
    ),
  );
  return 0;
}

/** Makes a custom role, or changes its permissions. */
export async function setRole(
  api: Api,
  name: string,
  options: { permissions: string },
  output: Output,
): Promise<number> {
  const permissions = parsePermissions(options.permissions);
  const role = await api.json<Role>('PUT', `${ROLES}/${encodeURIComponent(name)}`, { permissions });
  output.result(role, () => `role ${name} allows ${role.permissions.join(', ')}`);
  return 0;
}

export async function deleteRole(api: Api, name: string, output: Output): Promise<number> {
  await api.send('DELETE', `${ROLES}/${encodeURIComponent(name)}`);
  output.result({ deleted: name }, () => `role ${name} is deleted`);
  return 0;
}

/** Who has which role at a place. */
export async function listMembers(api: Api, options: PlaceOptions, output: Output): Promise<number> {
  const query = placeQuery(await findPlace(api, options)).toString();
  const bindings = await readAll<RoleBinding>(api, query === '' ? BINDINGS : `${BINDINGS}?${query}`);
  output.result(bindings, () =>
    table(
      ['who', 'kind', 'role', 'where', 'role binding'],
      bindings.map(({ id, subject, role, level, objectId }) => [
        subject.name,
        subject.kind.replace('_', ' '),
        role,
        level === 'project' || level === 'flow' ? `${level} ${objectId}` : level,
        id,
      ]),
    ),
  );
  return 0;
}

/** Gives a user, a group or a service account a role. */
export async function addMember(
  api: Api,
  named: string,
  options: PlaceOptions & SubjectOptions & { role: string },
  output: Output,
): Promise<number> {
  const { level, objectId, team, text } = await findPlace(api, options);
  const subject = await findSubject(api, team, named, options);
  const binding = await api.json<RoleBinding>('POST', BINDINGS, {
    subject,
    role: options.role,
    level,
    ...(objectId !== undefined && { objectId }),
    ...((level === 'project' || level === 'flow') && { teamId: team?.id }),
  });
  output.result(
    binding,
    () => `${binding.subject.name} is ${binding.role} in ${text}; role binding ${binding.id}`,
  );
  return 0;
}

/** What kind of subject a name means; a person unless one is set. */
interface SubjectOptions {
  readonly account?: boolean;
  readonly group?: boolean;
}

async function findSubject(
  api: Api,
  team: Team | undefined,
  named: string,
  { account, group }: SubjectOptions,
): Promise<{ kind: string; id: string }> {
  if (account && group) throw new Error('give --account or --group, not both');
  if (group) return { kind: 'group', id: (await findGroup(api, named)).id };
  if (!account) {
    const id = await findUserId(api, named).catch((error: unknown) => {
      throw new Error(
        `${(error as Error).message}; for a group add --group, for a service account --account`,
        {
          cause: error,
        },
      );
    });
    return { kind: 'user', id };
  }
  if (!team) throw new Error('a service account has roles only in its own team: leave out --organisation');
  return { kind: 'service_account', id: (await findAccount(api, team, named)).id };
}

export async function removeMember(api: Api, bindingId: string, output: Output): Promise<number> {
  await api.send('DELETE', `${BINDINGS}/${parseId('role binding', bindingId)}`);
  output.result({ deleted: bindingId }, () => `role binding ${bindingId} is removed`);
  return 0;
}

/** What the holder of the key may do at a place, and why. */
export async function showAccess(api: Api, options: PlaceOptions, output: Output): Promise<number> {
  const place = await findPlace(api, options);
  const path = `/api/platform/v1/access?${placeQuery(place)}`;
  const access = await api.json<ReplyOf<typeof explainAccess>>('GET', path);
  output.result(access, () =>
    [
      `${access.subject.name} in ${place.text}`,
      table(
        ['permission', 'allowed', 'why'],
        access.permissions.map(({ permission, allowed, by }) => [
          permission,
          allowed ? 'yes' : 'no',
          why(allowed, by),
        ]),
      ),
    ].join('\n'),
  );
  return 0;
}

function why(allowed: boolean, by: ReplyOf<typeof explainAccess>['permissions'][number]['by']): string {
  if (by.length === 0) return 'no role allows it';
  const roles = by
    .map(
      ({ role, level, group, sharedWith }) =>
        `role ${role} in the ${level}${group === undefined ? '' : `, by group ${group}`}${sharedWith ? `, shared with team ${sharedWith.name}` : ''}`,
    )
    .join('; ');
  return allowed ? roles : `${roles}, but the key leaves it out`;
}
