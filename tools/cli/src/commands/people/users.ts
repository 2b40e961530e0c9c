import type { User } from '@causeway/contracts';
import type { Api } from '../../api.js';
import { isId } from '../../arguments.js';
import { table } from '../../output.js';
import type { Output } from '../../output.js';
import { readAll } from '../access/find-named.js';

export const USERS = '/api/platform/v1/users';

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
      ['name', 'e-mail', 'state', 'last sign-in', 'id'],
      users.map(({ name, email, disabledAt, lastSignInAt, id }) => [
        name,
        email ?? '',
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
  output.result(
    user,
    () => `${user.name} is ${disabled ? 'disabled: none of their keys and sessions is valid' : 'enabled'}`,
  );
  return 0;
}

/** The id of the person with this name, e-mail address or id. @throws Error that says whom there is */
export async function findUserId(api: Api, named: string): Promise<string> {
  if (isId(named)) return named;
  const lower = named.toLowerCase();
  const found = await readAll<User>(api, `${USERS}?${new URLSearchParams({ search: named })}`);
  const same = found.filter(
    ({ name, email }) => name.toLowerCase() === lower || email?.toLowerCase() === lower,
  );
  const [only] = same;
  if (only && same.length === 1) return only.id;
  if (same.length > 1) {
    const ids = same.slice(0, 10).map(({ id, email }) => `${id} (${email ?? 'no e-mail address'})`);
    throw new Error(`${same.length} people are named ${named}; give the id: ${ids.join(', ')}`);
  }
  const alike = found.slice(0, 10).map(({ name }) => name);
  throw new Error(
    `there is nobody named ${named}${alike.length > 0 ? `; alike are ${alike.join(', ')}` : '; npx causeway users lists all'}`,
  );
}
