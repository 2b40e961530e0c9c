import { createHash, randomUUID } from 'node:crypto';
import { BOOTSTRAP_USER_ID, DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import { testDatabase } from '@causeway/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { afterAll, beforeEach, expect, it } from 'vitest';
import type { Settings } from '../src/config.js';
import { Retaining } from '../src/operations/retaining.js';
import { DeletionStore } from '../src/store/deletion.store.js';
import { OldKeyStore } from '../src/store/old-key.store.js';
import { BarredStore } from '../src/store/people/barred.store.js';
import { InvitationStore } from '../src/store/passwords/invitation.store.js';
import { DeviceCodeStore } from '../src/store/oauth/device-code.store.js';
import { TokenStore } from '../src/store/oauth/token.store.js';
import { SessionStore } from '../src/store/sign-in/session.store.js';
import { UsedAssertionStore } from '../src/store/sign-in/used-assertion.store.js';
import { Tables } from '../src/store/tables.js';

const { urls } = await testDatabase({ services: ['auth'] });
const pool = new Pool({ connectionString: urls['auth'] as string, max: 4 });
const database = new Database(pool, 'auth', (shared, schema) => new PrismaPg(shared, { schema }));
afterAll(() => pool.end());

const retaining = (endedKeyDays = 90, endedSessionDays = 30, endedTokenDays = 7): Retaining => {
  const settings = { endedKeyDays, endedSessionDays, endedTokenDays } as Settings;
  const tables = new Tables(database);
  const sessions = new SessionStore(tables, database, settings);
  const tokens = new TokenStore(tables, database);
  const invitations = new InvitationStore(tables, database);
  const codes = new DeviceCodeStore(tables, database);
  const assertions = new UsedAssertionStore(database);
  const deletions = new DeletionStore(database, new BarredStore(tables));
  return new Retaining(
    database,
    new OldKeyStore(database),
    sessions,
    invitations,
    tokens,
    codes,
    assertions,
    deletions,
    settings,
  );
};

interface Ended {
  readonly revokedDays?: number;
  /** A negative number: the key expires that many days from now. */
  readonly expiredDays?: number;
  readonly madeBy?: string;
  readonly isBootstrap?: boolean;
}

async function aKey({ revokedDays, expiredDays, madeBy, isBootstrap = false }: Ended): Promise<string> {
  const id = randomUUID();
  await pool.query(
    `INSERT INTO api_key (id, organisation_id, team_id, user_id, name, key_hash, masked, permissions, revoked_at, expires_at, made_by_id, is_bootstrap)
     VALUES ($1, $2, $3, $4, 'k', $5, 'sk-', '{}', now() - make_interval(secs => $6 * 86400.0),
             now() - make_interval(secs => $7 * 86400.0), $8, $9)`,
    [
      id,
      DEFAULT_ORGANISATION_ID,
      DEFAULT_TEAM_ID,
      BOOTSTRAP_USER_ID,
      createHash('sha256').update(id).digest('hex'),
      revokedDays ?? null,
      expiredDays ?? null,
      madeBy ?? null,
      isBootstrap,
    ],
  );
  return id;
}

const left = async (): Promise<string[]> =>
  (await pool.query<{ id: string }>('SELECT id FROM api_key')).rows.map(({ id }) => id).toSorted();

beforeEach(() =>
  pool.query('UPDATE api_key SET revoked_at = now(), is_bootstrap = false; DELETE FROM api_key'),
);

it('removes only keys that were revoked or expired long enough ago', async () => {
  await aKey({ revokedDays: 90.1 });
  await aKey({ expiredDays: 90.1 });
  await aKey({ revokedDays: 1, expiredDays: 90.1 });
  const kept = [
    await aKey({}),
    await aKey({ expiredDays: -400 }),
    await aKey({ revokedDays: 89.9 }),
    await aKey({ expiredDays: 89.9 }),
    await aKey({ revokedDays: 400, isBootstrap: true }),
  ];
  expect((await retaining().plan()).kinds).toMatchObject([
    { kind: 'ended API keys', setting: 'CAUSEWAY_ENDED_KEY_DAYS', keepDays: 90, rows: 3 },
    { kind: 'ended sessions' },
    { kind: 'expired invitations' },
    { kind: 'expired device codes' },
    { kind: 'used assertions' },
    { kind: 'ended tokens' },
    { kind: 'ended grants of programs' },
    { kind: 'deleted service accounts' },
    { kind: 'deleted people' },
    { kind: 'deleted teams' },
  ]);
  await retaining().round();
  expect(await left()).toEqual(kept.toSorted());
  await retaining(80).round();
  expect(await left()).toHaveLength(3);
});

it('removes a key after the keys that were made with it, all in one round', async () => {
  let madeBy = await aKey({ revokedDays: 100 });
  for (let depth = 0; depth < 5; depth++) madeBy = await aKey({ revokedDays: 100, madeBy });
  await retaining().round();
  expect(await left()).toEqual([]);
});

it('removes used assertions a day after their sign-ins expired', async () => {
  const used = (id: string, expiredDays: number): Promise<unknown> =>
    pool.query(
      `INSERT INTO used_assertion (id, expires_at) VALUES ($1, now() - make_interval(secs => $2 * 86400.0))`,
      [id.repeat(64), expiredDays],
    );
  await used('a', 1.1);
  await used('b', 0.9);
  await used('c', -1);
  const planned = (await retaining().plan()).kinds.find(({ kind }) => kind === 'used assertions');
  expect(planned).toMatchObject({ rows: 1, keepDays: 1 });
  await retaining().round();
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM used_assertion ORDER BY id');
  expect(rows.map(({ id }) => id[0])).toEqual(['b', 'c']);
});

it('removes a key that expired before its successor, which belongs to the maker of both then', async () => {
  const maker = await aKey({});
  const former = await aKey({ expiredDays: 100, madeBy: maker });
  const second = await aKey({ expiredDays: 95, madeBy: former });
  const current = await aKey({ madeBy: second });
  // One that was revoked keeps what ends with it.
  const revoked = await aKey({ revokedDays: 100 });
  const ended = await aKey({ revokedDays: 1, madeBy: revoked });
  await retaining().round();
  expect(await left()).toEqual([maker, current, revoked, ended].toSorted());
  const { rows } = await pool.query('SELECT made_by_id FROM api_key WHERE id = $1', [current]);
  expect(rows).toEqual([{ made_by_id: maker }]);
});

it('removes sessions whose last possible moment is long enough ago', async () => {
  const aSession = async (expiredDays: number): Promise<string> => {
    const id = randomUUID();
    await pool.query(
      `INSERT INTO session (id, organisation_id, user_id, team_id, token_hash, expires_at)
       VALUES ($1, $2, $3, $4, $5, now() - make_interval(secs => $6 * 86400.0))`,
      [
        id,
        DEFAULT_ORGANISATION_ID,
        BOOTSTRAP_USER_ID,
        DEFAULT_TEAM_ID,
        createHash('sha256').update(id).digest('hex'),
        expiredDays,
      ],
    );
    return id;
  };
  await aSession(30.1);
  const kept = [await aSession(29.9), await aSession(-0.5)];
  expect((await retaining().plan()).kinds).toMatchObject([
    {},
    { kind: 'ended sessions', setting: 'CAUSEWAY_ENDED_SESSION_DAYS', keepDays: 30, rows: 1 },
    {},
    {},
    {},
    {},
    {},
    {},
    {},
    {},
  ]);
  await retaining().round();
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM session');
  expect(rows.map(({ id }) => id).toSorted()).toEqual(kept.toSorted());
});

/** A program, with the key that made it. */
async function aClient(madeById: string | null = null): Promise<string> {
  const id = randomUUID();
  await pool.query(
    `INSERT INTO oauth_client (id, organisation_id, kind, name, made_by_id) VALUES ($1, $2, 'public', 'c', $3)`,
    [id, DEFAULT_ORGANISATION_ID, madeById],
  );
  return id;
}

it('removes device codes, tokens and grants that expired long enough ago, and a grant after its tokens', async () => {
  const client = await aClient();
  const expiry = (days: number) => new Date(Date.now() - days * 86_400_000);
  const aGrant = async (expiredDays: number): Promise<string> => {
    const id = randomUUID();
    await pool.query(
      `INSERT INTO oauth_grant (id, organisation_id, team_id, user_id, client_id, content, expires_at)
       VALUES ($1, $2, $3, $4, $5, '{}', $6)`,
      [id, DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID, BOOTSTRAP_USER_ID, client, expiry(expiredDays)],
    );
    return id;
  };
  const aToken = async (grant: string, expiredDays: number): Promise<string> => {
    const id = randomUUID();
    const hash = createHash('sha256').update(id).digest('hex');
    await pool.query(
      `INSERT INTO oauth_token (id, token_hash, kind, organisation_id, client_id, grant_id, content, expires_at)
       VALUES ($1, $2, 'AccessToken', $3, $4, $5, '{}', $6)`,
      [id, hash, DEFAULT_ORGANISATION_ID, client, grant, expiry(expiredDays)],
    );
    return id;
  };
  const aCode = async (expiredDays: number): Promise<string> => {
    const id = randomUUID();
    const hash = createHash('sha256').update(id).digest('hex');
    await pool.query(
      `INSERT INTO oauth_device_code (id, token_hash, user_code_hash, organisation_id, client_id, content, expires_at)
       VALUES ($1, $2, $2, $3, $4, '{}', $5)`,
      [id, hash, DEFAULT_ORGANISATION_ID, client, expiry(expiredDays)],
    );
    return id;
  };
  await aCode(1.1);
  const keptCode = await aCode(0.9);
  const [old, used, current] = [await aGrant(7.1), await aGrant(7.1), await aGrant(-20)];
  await aToken(old, 7.1);
  await aToken(current, 7.1);
  const kept = [await aToken(used, 6.9), await aToken(current, -0.1)];
  expect((await retaining().plan()).kinds).toMatchObject([
    {},
    {},
    {},
    { kind: 'expired device codes', keepDays: 1, rows: 1 },
    {},
    { kind: 'ended tokens', setting: 'CAUSEWAY_ENDED_TOKEN_DAYS', keepDays: 7, rows: 2 },
    { kind: 'ended grants of programs', rows: 2 },
    {},
    {},
    {},
  ]);
  await retaining().round();
  const idsIn = async (table: string): Promise<string[]> =>
    (await pool.query<{ id: string }>(`SELECT id FROM ${table}`)).rows.map(({ id }) => id).toSorted();
  expect(await idsIn('oauth_token')).toEqual(kept.toSorted());
  expect(await idsIn('oauth_device_code')).toEqual([keptCode]);
  expect(await idsIn('oauth_grant')).toEqual([used, current].toSorted());
});

it('removes a program with the key that made it', async () => {
  const client = await aClient(await aKey({ revokedDays: 100 }));
  await retaining().round();
  const { rows } = await pool.query('SELECT id FROM oauth_client WHERE id = $1', [client]);
  expect(rows).toEqual([]);
});

it('remembers the 200 refresh tokens of a grant that were used last, and the one that is not used yet', async () => {
  const client = await aClient();
  const grantId = randomUUID();
  await pool.query(
    `INSERT INTO oauth_grant (id, organisation_id, team_id, user_id, client_id, content, expires_at)
     VALUES ($1, $2, $3, $4, $5, '{}', now() + interval '1 day')`,
    [grantId, DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID, BOOTSTRAP_USER_ID, client],
  );
  await pool.query(
    `INSERT INTO oauth_token (id, token_hash, kind, organisation_id, client_id, grant_id, content, created_at, expires_at, consumed_at)
     SELECT gen_random_uuid(), encode(sha256(('used ' || n)::bytea), 'hex'), 'RefreshToken', $1, $2, $3, '{}',
            now() - make_interval(secs => n), now() + interval '1 day', CASE WHEN n > 1 THEN now() END
     FROM generate_series(1, 251) n`,
    [DEFAULT_ORGANISATION_ID, client, grantId],
  );
  const tables = new Tables(database);
  const next = {
    id: randomUUID(),
    tokenHash: createHash('sha256').update('next').digest('hex'),
    kind: 'RefreshToken',
    organisationId: DEFAULT_ORGANISATION_ID,
    clientId: client,
    grantId,
    permissions: [],
    content: {},
    expiresAt: new Date(Date.now() + 86_400_000),
  };
  await tables.reads.$transaction((writes) => new TokenStore(tables, database).insert(writes, next));
  const { rows } = await pool.query<{ used: boolean; count: number }>(
    `SELECT consumed_at IS NOT NULL AS used, count(*)::int AS count FROM oauth_token WHERE grant_id = $1 GROUP BY 1 ORDER BY 1`,
    [grantId],
  );
  expect(rows).toEqual([
    { used: false, count: 2 },
    { used: true, count: 200 },
  ]);
  const oldest = createHash('sha256').update('used 201').digest('hex');
  const { rowCount } = await pool.query('SELECT 1 FROM oauth_token WHERE token_hash = $1', [oldest]);
  expect(rowCount).toBe(1);
});

it('removes deleted people, accounts and teams once nothing refers to them', async () => {
  const [teamId, userId, accountId] = [randomUUID(), randomUUID(), randomUUID()];
  const deletedAt = `now() - interval '100 days'`;
  await pool.query(
    `INSERT INTO team (id, organisation_id, name, deleted_at) VALUES ($1, $2, $3, ${deletedAt})`,
    [teamId, DEFAULT_ORGANISATION_ID, `n ${teamId}`],
  );
  await pool.query(
    `INSERT INTO "user" (id, organisation_id, team_id, name, deleted_at) VALUES ($1, $2, $3, 'deleted person', ${deletedAt})`,
    [userId, DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID],
  );
  await pool.query(
    `INSERT INTO service_account (id, organisation_id, team_id, name, deleted_at) VALUES ($1, $2, $3, 'a', ${deletedAt})`,
    [accountId, DEFAULT_ORGANISATION_ID, teamId],
  );
  const left = async (): Promise<number> => {
    const { rows } = await pool.query<{ n: number }>(
      `SELECT (SELECT count(*) FROM team WHERE id = $1)::int + (SELECT count(*) FROM "user" WHERE id = $2)::int
              + (SELECT count(*) FROM service_account WHERE id = $3)::int AS n`,
      [teamId, userId, accountId],
    );
    return rows[0]?.n ?? 0;
  };
  await retaining(101).round();
  expect(await left()).toBe(3);
  // The team goes after its account.
  await retaining(99).round();
  await retaining(99).round();
  expect(await left()).toBe(0);
});
