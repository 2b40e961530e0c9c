import { readFileSync, readdirSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import {
  BOOTSTRAP_USER_ID,
  DEFAULT_ORGANISATION_ID,
  DEFAULT_TEAM_ID,
  permissions,
} from '@causeway/contracts';
import { testDatabase } from '@causeway/testing';
import { Client } from 'pg';
import { afterAll, expect, it } from 'vitest';

const database = await testDatabase({ services: ['auth'] });
const client = new Client({ connectionString: database.adminUrl });
await client.connect();
afterAll(() => client.end());

const FOLDER = new URL('../prisma/migrations/', import.meta.url);
const migrations = readdirSync(FOLDER)
  .filter((name) => /^\d{14}_/.test(name))
  .sort();

/** Applies the migrations whose names are in a part of their order, in a schema of its own. */
async function migrate(from: number, to: number): Promise<void> {
  for (const name of migrations.slice(from, to))
    await client.query(readFileSync(new URL(`${name}/migration.sql`, FOLDER), 'utf8'));
}

it('a store from before roles keeps what its users, accounts and keys could do', async () => {
  const before = migrations.findIndex((name) => name.endsWith('_role_bindings'));
  await client.query('create schema old; set search_path to old');
  await migrate(0, before);
  const [team, member, account, organisation, elder, younger] = Array.from({ length: 6 }, () => randomUUID());
  const own = [DEFAULT_ORGANISATION_ID, organisation];
  await client.query(`insert into organisation (id, name) values ($1, 'second')`, [organisation]);
  await client.query(
    `insert into team (id, organisation_id, name) values ($1, $2, 'two'), ($3, $4, 'of the second')`,
    [team, own[0], elder, own[1]],
  );
  await client.query(
    `insert into "user" (id, organisation_id, team_id, name, created_at)
     values ($1, $2, $3, 'member', now()), ($4, $5, $6, 'younger', now()), ($6, $5, $6, 'elder', now() - interval '1 day')`,
    [member, own[0], team, younger, own[1], elder],
  );
  await client.query(`insert into membership (user_id, team_id, organisation_id) values ($1, $2, $3)`, [
    member,
    team,
    own[0],
  ]);
  await client.query(
    `insert into service_account (id, organisation_id, team_id, name) values ($1, $2, $3, 'ci')`,
    [account, own[0], team],
  );
  const added = ['member:read', 'member:write', 'organisation:write', 'flow:publish'];
  const formerly = permissions.filter((permission) => !added.includes(permission));
  const key = async (scope: readonly string[]): Promise<string> => {
    const { rows } = await client.query(
      `insert into api_key (id, organisation_id, team_id, user_id, name, key_hash, masked, permissions)
       values (gen_random_uuid(), $1, $2, $3, 'k', encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 'sk-', $4) returning id`,
      [DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID, BOOTSTRAP_USER_ID, scope],
    );
    return (rows[0] as { id: string }).id;
  };
  const [full, narrow] = [await key(formerly), await key(formerly.slice(1))];

  await migrate(before, migrations.length);
  const { rows: bindings } = await client.query(
    'select subject_kind, subject_id, role, level, object_id from role_binding order by subject_id',
  );
  const expected = [
    ['user', BOOTSTRAP_USER_ID, 'owner', 'organisation', own[0]],
    ['user', member, 'owner', 'team', team],
    ['service_account', account, 'owner', 'team', team],
    ['user', elder, 'owner', 'organisation', own[1]],
  ];
  expect(bindings.map((row) => Object.values(row as object))).toEqual(
    expected.toSorted(([, a = ''], [, b = '']) => (a < b ? -1 : 1)),
  );
  const scopeOf = async (id: string): Promise<string[]> =>
    (await client.query('select permissions from api_key where id = $1', [id])).rows[0].permissions;
  expect((await scopeOf(full)).toSorted()).toEqual(permissions.toSorted());
  expect(await scopeOf(narrow)).toEqual(formerly.slice(1));
});
