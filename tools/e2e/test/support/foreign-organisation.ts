import { randomUUID } from 'node:crypto';
import { permissions } from '@causeway/contracts';
import { newApiKey } from '@causeway/platform';
import type { Api } from './api.js';
import type { Stack } from './stack.js';

/**
 * The API for the owner of a second organisation. No route makes one, so its rows are written into the store, as if that had been before the
 * audit log began: no event reports them.
 */
export async function foreignOwner({ api, sql }: Pick<Stack, 'api' | 'sql'>): Promise<Api> {
  const [organisation, team, user] = [randomUUID(), randomUUID(), randomUUID()];
  const { secret, keyHash, masked } = newApiKey();
  await sql('insert into auth.organisation (id, name) values ($1, $2)', [organisation, 'Foreign']);
  await sql(
    `insert into auth.team (id, organisation_id, name, created_at) values ($1, $2, $3, now() - interval '1 day')`,
    [team, organisation, 'Theirs'],
  );
  await sql('insert into auth."user" (id, organisation_id, team_id, name) values ($1, $2, $3, $4)', [
    user,
    organisation,
    team,
    'stranger',
  ]);
  await sql(
    `insert into auth.role_binding (id, organisation_id, subject_kind, subject_id, role, level, object_id, created_at)
     values ($1, $2, 'user', $3, 'owner', 'organisation', $2, now() - interval '1 day')`,
    [randomUUID(), organisation, user],
  );
  await sql(
    `insert into auth.api_key (id, organisation_id, team_id, user_id, name, key_hash, masked, permissions, created_at)
     values ($1, $2, $3, $4, 'theirs', $5, $6, $7, now() - interval '1 day')`,
    [randomUUID(), organisation, team, user, keyHash, masked, [...permissions]],
  );
  return api.as(secret);
}
