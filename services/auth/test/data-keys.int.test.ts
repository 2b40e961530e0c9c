import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DEFAULT_ORGANISATION_ID as organisationId,
  EXECUTOR_RUNNER,
  getDataKey,
  getOldFileKey,
  listDataKeys,
  openOldValue,
  rotateDataKey,
  rotateMasterKey,
} from '@causeway/contracts';
import type { Principal } from '@causeway/contracts';
import {
  KeyExchange,
  MasterKeys,
  SealedKind,
  OldVault,
  aboutDataKey,
  aboutOldFileKey,
  aboutOldValue,
  readMasterKeys,
  readSigningKey,
  readTrustedKeys,
} from '@causeway/platform';
import { sealOld, testKeys } from '@causeway/platform/testing';
import { waitFor } from '@causeway/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { startAuth } from './auth.js';

const KEY = 'cw-data-keys-0123456789';
const [first, second, third] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const folder = mkdtempSync(join(tmpdir(), 'causeway-master-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'keys');
/** Writes the file of master keys, the newest first. */
const setMasters = (...keys: Buffer[]): void =>
  writeFileSync(file, `${keys.map((key) => key.toString('base64')).join('\n')}\n`);
const idOf = (key: Buffer): string => new MasterKeys([key]).newestId;

setMasters(first);
const { bus, service, vault, admin, principalOf } = await startAuth(KEY, {
  CAUSEWAY_MASTER_KEY: '',
  CAUSEWAY_MASTER_KEY_FILE: file,
});
const exchangeOf = (name: string): KeyExchange =>
  new KeyExchange(
    name,
    readSigningKey(String(testKeys['CAUSEWAY_SIGNING_KEY'])),
    readTrustedKeys(String(testKeys['CAUSEWAY_TRUSTED_KEYS'])),
  );
const exchange = exchangeOf('gateway');

/** Asks for a data key as a service does. */
async function keyOf(
  organisation = organisationId,
  dataKeyId?: string,
): Promise<{ id: string; key: string }> {
  const wanted = { organisationId: organisation, ...(dataKeyId !== undefined && { dataKeyId }) };
  const { question, open } = exchange.ask('auth', aboutDataKey(wanted));
  const { answer } = await bus.request(getDataKey, { ...wanted, question });
  const [id, key] = JSON.parse(open(answer).toString()) as [string, string];
  return { id, key };
}
const actor = async (): Promise<{ principal: Principal; requestId: string }> => ({
  principal: await principalOf(KEY),
  requestId: 'r',
});
const rotateData = async () => (await bus.request(rotateDataKey, await actor())).key;
const rotateMaster = async () => bus.request(rotateMasterKey, await actor());
const listed = async () => bus.request(listDataKeys, { principal: await principalOf(KEY) });
const eventsOf = async (action: string): Promise<{ object: { id: string }; detail: unknown }[]> => {
  const { rows } = await admin.query<{ payload: string }>('select payload from auth.outbox order by id');
  return rows.map(({ payload }) => JSON.parse(payload)).filter((event) => event.action === action);
};

describe('a data key', () => {
  it('is made at the first question, and is the same for all who ask at once', async () => {
    const found = await Promise.all(Array.from({ length: 8 }, () => keyOf()));
    expect(new Set(found.map(({ id, key }) => `${id} ${key}`)).size).toBe(1);
    expect(Buffer.from(found[0]?.key ?? '', 'base64')).toHaveLength(32);
    const { rows } = await admin.query<{ text: string }>('select t::text as text from auth.data_key t');
    expect(rows).toHaveLength(1);
    expect(rows[0]?.text).not.toContain(found[0]?.key);
  });

  it('is refused to another organisation, and to an unknown one', async () => {
    const { id } = await keyOf();
    const other = randomUUID();
    await expect(keyOf(other)).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
    await admin.query(`insert into auth.organisation (id, name) values ($1, 'second')`, [other]);
    await expect(keyOf(other, id)).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
    expect((await keyOf(other)).key).not.toBe((await keyOf()).key);
    // Its row does not unwrap when it is given to the other organisation.
    await admin.query('update auth.data_key set is_current = false where organisation_id = $1', [other]);
    await admin.query('update auth.data_key set organisation_id = $1 where id = $2', [other, id]);
    await expect(keyOf(other, id)).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
    await admin.query('update auth.data_key set organisation_id = $1 where id = $2', [organisationId, id]);
  });

  it('is refused to who has not signed the question, or may not have it', async () => {
    const { question } = exchange.ask('auth', aboutDataKey({ organisationId }));
    const { publicKey } = exchange.ask('auth', '').question;
    for (const wrong of [
      { ...question, publicKey },
      exchangeOf('scheduler').ask('auth', aboutDataKey({ organisationId })).question,
    ])
      await expect(bus.request(getDataKey, { organisationId, question: wrong })).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      });
  });

  it('that is rotated no longer seals, still opens what it sealed, and is audited', async () => {
    const before = await keyOf();
    const made = await rotateData();
    const now = await keyOf();
    expect(now.id).toBe(made.id);
    expect(now.key).not.toBe(before.key);
    expect(await keyOf(organisationId, before.id)).toEqual(before);
    expect((await listed()).keys.map(({ id, isCurrent }) => [id, isCurrent])).toEqual([
      [now.id, true],
      [before.id, false],
    ]);
    expect(await eventsOf('data_key.rotate')).toMatchObject([
      { object: { id: now.id }, detail: { retired: before.id } },
    ]);
  });

  it('is rotated only by who may change the organisation', async () => {
    await admin.query(
      `update auth.api_key set permissions = array_remove(permissions, 'organisation:write')`,
    );
    for (const refused of [rotateData, rotateMaster, listed])
      await expect(refused()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    await admin.query(`update auth.api_key set permissions = permissions || '{organisation:write}'::text[]`);
  });
});

describe('what auth itself keeps sealed', async () => {
  const { id: userId } = await principalOf(KEY);
  const name = 'corporate';
  const places = {
    connection: { organisationId, kind: SealedKind.connection, id: name },
    password: { organisationId, kind: SealedKind.authenticator, id: userId },
    oauth_key: { organisationId, kind: SealedKind.signingKey, id: 'k' },
  };
  const read = async (): Promise<Record<string, string>> => {
    const { rows } = await admin.query<{ name: keyof typeof places; sealed: string }>(
      `select 'connection' as name, client_secret as sealed from auth.connection
       union all select 'password', totp_secret from auth.password
       union all select 'oauth_key', sealed from auth.oauth_key where id = 'k'`,
    );
    return Object.fromEntries(rows.map((row) => [row.name, row.sealed]));
  };
  const pending = async () =>
    (await listed()).resealing.map((one) => [one.table, one.pending, one.unreadable]);
  const none = [
    ['connection', 0, 0],
    ['password', 0, 0],
    ['oauth_key', 0, 0],
  ];

  it('is sealed again with a new data key, audited, and opens as before', async () => {
    const sealed = await Promise.all(Object.values(places).map((place) => vault.seal(place.kind, place)));
    await admin.query(
      `insert into auth.connection (id, organisation_id, name, label, issuer, client_id, client_secret, groups_claim)
       values (gen_random_uuid(), $1, $2, 'C', 'https://id.example', 'c', $3, 'groups')`,
      [organisationId, name, sealed[0]],
    );
    await admin.query(
      `insert into auth.password (user_id, login, hash, totp_secret) values ($1, 'one', 'scrypt$x', $2)`,
      [userId, sealed[1]],
    );
    await admin.query(
      `insert into auth.oauth_key (id, sealed, retired_at) values ('k', $1, now() + '1 day')`,
      [sealed[2]],
    );
    const { id } = await rotateData();
    const now = await waitFor(
      async () => {
        const found = await read();
        return Object.values(found).every((value) => value.split('.')[1] === id) ? found : undefined;
      },
      { what: 'everything sealed with the new key' },
    );
    for (const [table, place] of Object.entries(places))
      expect(await vault.open(now[table] ?? '', place)).toBe(place.kind);
    expect(await pending()).toEqual(none);
    const told = await waitFor(async () => (await eventsOf('data_key.reseal'))[0], { what: 'the event' });
    expect(told).toMatchObject({ object: { id }, detail: { connection: 1, password: 1, oauth_key: 1 } });
  });

  it('and cannot be opened is passed over and counted, and keeps nothing from the others', async () => {
    await admin.query(`update auth.connection set client_secret = totp_secret from auth.password`);
    const { id } = await rotateData();
    await waitFor(async () => (await read())['oauth_key']?.split('.')[1] === id, { what: 'the others' });
    expect(await pending()).toEqual([['connection', 1, 1], ...none.slice(1)]);
    await admin.query('delete from auth.connection');
    await admin.query('delete from auth.password');
    await admin.query('delete from auth.oauth_key');
  });
});

describe('a master key', () => {
  it('that is added wraps from then on, and a rotation makes the older one removable', async () => {
    const known = await Promise.all((await listed()).keys.map(({ id }) => keyOf(organisationId, id)));
    setMasters(second, first);
    expect((await listed()).masterKeyId).toBe(idOf(second));
    expect((await rotateData()).masterKeyId).toBe(idOf(second));
    expect((await rotateMaster()).rewrapped).toBeGreaterThanOrEqual(known.length);
    expect(await rotateMaster()).toEqual({ masterKeyId: idOf(second), rewrapped: 0 });
    setMasters(second);
    for (const one of known) expect(await keyOf(organisationId, one.id)).toEqual(one);
    const [event] = await eventsOf('master_key.rotate');
    expect(event?.object.id).toBe(idOf(second));
    expect(JSON.stringify(await eventsOf('master_key.rotate'))).not.toContain(second.toString('base64'));
  });

  it('that is missing is named, and nothing opens until it is there again', async () => {
    setMasters(third);
    await expect(keyOf()).rejects.toThrow(idOf(second));
    await expect(rotateMaster()).rejects.toThrow(idOf(second));
    setMasters(third, second);
    expect((await rotateMaster()).masterKeyId).toBe(idOf(third));
    setMasters(third);
    expect((await keyOf()).id).toBeTruthy();
  });

  it('that is not given, or given twice, is refused at the start', async () => {
    await service.stop();
    const both = { CAUSEWAY_MASTER_KEY: first.toString('base64') };
    await expect(service.start(both)).rejects.toThrow('set one of them');
    await expect(service.start({ CAUSEWAY_MASTER_KEY_FILE: join(folder, 'none') })).rejects.toThrow('ENOENT');
    await expect(service.start({ CAUSEWAY_MASTER_KEY_FILE: '' })).rejects.toThrow('openssl rand -base64 32');
    await service.start();
  });
});

it('the executor is answered, and none of the processes in which flows run', async () => {
  const code = async (exchange: KeyExchange): Promise<string> => {
    const { question } = exchange.ask('auth', aboutDataKey({ organisationId }));
    return bus.request(getDataKey, { organisationId, question }).then(
      () => 'answered',
      (error: { code: string }) => error.code,
    );
  };
  expect(await code(exchangeOf('executor'))).toBe('answered');
  expect(await code(exchangeOf(EXECUTOR_RUNNER))).toBe('UNAVAILABLE');
});

describe('a store of the time before data keys', () => {
  const old = async (sealed: string): Promise<string> => {
    const wanted = { organisationId, sealed };
    const { question, open } = exchange.ask('auth', aboutOldValue(wanted));
    return JSON.parse(open((await bus.request(openOldValue, { ...wanted, question })).answer).toString());
  };

  it('has its values opened, also when its master key was replaced since', async () => {
    await expect(old(sealOld('secret', third))).rejects.toThrow('which auth never had');
    // What the migration writes when the store was in use before.
    await service.stop();
    await admin.query(`insert into auth.old_master_key (id, wrapped, master_id) values ('pending', '', '')`);
    await service.start();
    expect(await old(sealOld('secret \ud800', third))).toBe('secret \ud800');
    setMasters(first, third);
    await rotateMaster();
    setMasters(first);
    expect(await old(sealOld('secret', third))).toBe('secret');
    await expect(old(sealOld('secret', second))).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
    const salt = randomBytes(32);
    const vault = new OldVault(third);
    const wanted = { organisationId, masterKeyId: vault.keyId, salt: salt.toString('base64url') };
    const { question, open } = exchange.ask('auth', aboutOldFileKey(wanted));
    const { answer } = await bus.request(getOldFileKey, { ...wanted, question });
    expect(open(answer)).toEqual(vault.fileKey(salt));
  });

  it('keeps its master key nowhere in clear', async () => {
    const { rows } = await admin.query<{ text: string }>('select t::text as text from auth.old_master_key t');
    expect(rows).toHaveLength(1);
    for (const key of [third, first])
      for (const form of ['base64', 'base64url', 'hex'] as const)
        expect(rows[0]?.text).not.toContain(key.toString(form));
    expect(service.lines.join('\n')).not.toContain(third.toString('base64'));
    expect(readMasterKeys(first.toString('base64'))).toEqual([first]);
  });
});
