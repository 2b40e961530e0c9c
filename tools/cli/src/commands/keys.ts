import { permissions } from '@causeway/contracts';
import type { Api } from '../api.js';
import { parseHours, parseId, parsePermissions, parseTime } from '../arguments.js';
import { count, table } from '../output.js';
import type { Output } from '../output.js';

/** A key in a list. */
export interface Key {
  readonly id: string;
  readonly name: string;
  readonly api_key: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly total_uses: number;
  /** Absent in answers of Langflow. */
  readonly permissions?: readonly string[];
}

export async function listKeys(api: Api, output: Output): Promise<number> {
  showKeys((await api.json<{ api_keys: Key[] }>('GET', '/api/v1/api_key/')).api_keys, output);
  return 0;
}

export function showKeys(keys: readonly Key[], output: Output): void {
  output.result(keys, () =>
    table(
      ['id', 'name', 'key', 'expires', 'last used', 'uses', 'permissions'],
      keys.map((key) => [
        key.id,
        key.name,
        key.api_key,
        key.expires_at ?? 'never',
        key.last_used_at ?? 'never',
        String(key.total_uses),
        describePermissions(key.permissions),
      ]),
    ),
  );
}

function describePermissions(held: readonly string[] = []): string {
  return permissions.every((permission) => held.includes(permission)) ? 'all' : held.join(',');
}

/** Creates a key; its secret is shown here and never again. */
export async function createKey(
  api: Api,
  name: string,
  options: { permissions?: string; expires?: string },
  output: Output,
): Promise<number> {
  const key = await api.json<Key>('POST', '/api/v1/api_key/', {
    name,
    ...(options.permissions !== undefined && { permissions: parsePermissions(options.permissions) }),
    ...(options.expires !== undefined && { expires_at: parseTime('--expires', options.expires) }),
  });
  output.result(key, () => key.api_key);
  output.progress('the key is shown only this once: keep it');
  return 0;
}

/** Gives a key a successor, which is shown here and never again. */
export async function rotateKey(
  api: Api,
  id: string,
  options: { overlap?: string },
  output: Output,
): Promise<number> {
  const path = `/api/platform/v1/keys/${parseId('key', id)}/successor`;
  const overlapS =
    options.overlap === undefined ? undefined : Math.round(parseHours('--overlap', options.overlap) * 3_600);
  const key = await api.json<Key & { former_until: string }>('POST', path, {
    ...(overlapS !== undefined && { overlapS }),
  });
  output.result(key, () => key.api_key);
  output.progress(`the key is shown only this once: keep it; the former one ends at ${key.former_until}`);
  return 0;
}

export async function deleteKey(api: Api, id: string, output: Output): Promise<number> {
  const path = `/api/v1/api_key/${parseId('key', id)}`;
  // Langflow's answer has no count: there, a key is revoked alone.
  const { revoked = 1 } = await api.json<{ revoked?: number }>('DELETE', path);
  const others =
    revoked === 1
      ? ''
      : `, and with it ${count(revoked - 1, 'key')} that ${revoked === 2 ? 'was' : 'were'} made with it`;
  output.result({ deleted: id, revoked }, () => `key ${id} is revoked${others}`);
  return 0;
}
