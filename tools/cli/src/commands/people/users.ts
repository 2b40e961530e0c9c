import type { User } from '@causeway/contracts';
import type { Api } from '../../api.js';
import { table } from '../../output.js';
import type { Output } from '../../output.js';
import { readAll } from '../access/find-named.js';
import { findUserId } from './find-user.js';
import { USERS } from './users-path.js';
import { describeOwned, readOwned } from './owned.js';

export async function listUsers(api: Api, options: { search?: string }, output: Output): Promise<number> {
  const { search } = options;
  const query = search === undefined ? '' : `?${new URLSearchParams({ search })}`;
  showUsers(await readAll<User>(api, `${USERS}${query}`), output);
  return 0;
}

/** Prints people. */
export function showUsers(users: readonly User[], output: Output): void {
  output.result(users, () =>
    table(
      ['name', 'e-mail', 'user name', 'state', 'last sign-in', 'id'],
      users.map(({ name, email, login, isBreakGlass, disabledAt, lastSignInAt, id }) => [
        name,
        email ?? '',
        `${login ?? ''}${isBreakGlass ? ' (break-glass)' : ''}`,
        disabledAt === null ? 'enabled' : 'disabled',
        lastSignInAt ?? 'never',
        id,
      ]),
    ),
  );
}

/** Disables or enables a person. */
export async function setUserDisabled(
  api: Api,
  named: string,
  disabled: boolean,
  output: Output,
): Promise<number> {
  const id = await findUserId(api, named);
  const user = await api.json<User>('PATCH', `${USERS}/${id}`, { disabled });
  if (!disabled) {
    output.result(user, () => `${user.name} is enabled`);
    return 0;
  }
  // Others may need what they owned.
  const owned = await readOwned(api, id);
  output.result({ ...user, owned }, () =>
    [
      `${user.name} is disabled: none of their keys and sessions is valid, nor the keys that were made with theirs`,
      ...describeOwned(owned),
    ].join('\n'),
  );
  return 0;
}

/** Deletes a person who is disabled. */
export async function deleteUser(api: Api, named: string, output: Output): Promise<number> {
  const id = await findUserId(api, named);
  await api.send('DELETE', `${USERS}/${id}`);
  output.result({ deleted: id }, () => `${named} is deleted; the audit log keeps the id ${id}`);
  return 0;
}
