import type { User } from '@causeway/contracts';
import type { Api } from '../../api.js';
import { isId } from '../../arguments.js';
import { readAll } from '../access/find-named.js';
import { USERS } from './users-path.js';

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
