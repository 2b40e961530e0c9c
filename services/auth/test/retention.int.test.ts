import { createHash, randomUUID } from 'node:crypto';
import { BOOTSTRAP_USER_ID, DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import { testDatabase } from '@causeway/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { afterAll, beforeEach, expect, it } from 'vitest';
import type { Settings } from '../src/config.js';
import { Retaining } from '../src/operations/retaining.js';
import { OldKeyStore } from '../src/store/old-key.store.js';
import { InvitationStore } from '../src/store/passwords/invitation.store.js';
import { SessionStore } from '../src/store/sign-in/session.store.js';
import { Tables } from '../src/store/tables.js';

const { urls } = await testDatabase({ services: ['auth'] });
const pool = new Pool({ connectionString: urls['auth'] as string, max: 4 });
const database = new Database(pool, 'auth', (shared, schema) => new PrismaPg(shared, { schema }));
afterAll(() => pool.end());

const retaining = (endedKeyDays = 90, endedSessionDays = 30): Retaining => {
  const settings = { endedKeyDays, endedSessionDays } as Settings;
  const sessions = new SessionStore(new Tables(database), database, settings);
  const invitations = new InvitationStore(new Tables(database), database);
  return new Retaining(database, new OldKeyStore(database), sessions, invitations, settings);
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
  ]);
  await retaining().round();
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM session');
  expect(rows.map(({ id }) => id).toSorted()).toEqual(kept.toSorted());
});
