import { randomUUID } from 'node:crypto';
import {
  AuditEvent,
  BOOTSTRAP_USER_ID,
  DEFAULT_ORGANISATION_ID,
  DEFAULT_TEAM_ID,
  type InputOf,
  type Principal,
  appendAuditEvents,
  countKeyUses,
  createKey,
  deleteKey,
  keyChanged,
  listKeys,
  permissions,
  rotateKey,
  verifyKey,
} from '@causeway/contracts';
import { waitFor } from '@causeway/testing';
import { describe, expect, it } from 'vitest';
import { apiKeyHash, newApiKey } from '@causeway/platform';
import { startAuth } from './auth.js';

const FIRST = 'sk-the-first-bootstrap-key-of-this-test';
const SECOND = 'sk-the-second-bootstrap-key-of-this-test';
const { service: auth, admin } = await startAuth(FIRST, { CAUSEWAY_KEY_USES_FLUSH_MS: '100' });

const tenant = { organisationId: DEFAULT_ORGANISATION_ID, teamId: DEFAULT_TEAM_ID };
const administrator: Principal = {
  kind: 'user',
  id: BOOTSTRAP_USER_ID,
  name: 'administrator',
  ...tenant,
  permissions: [...permissions],
};
const verify = (key: string) => auth.bus.request(verifyKey, { keyHash: apiKeyHash(key) });
/** Makes a key as the gateway does. */
const create = async (over: Partial<InputOf<typeof createKey>> = {}) => {
  const { secret, ...stored } = newApiKey();
  const wanted = { principal: administrator, requestId: 'r1', name: 'mine', ...stored, ...over };
  return { secret, ...(await auth.bus.request(createKey, wanted)) };
};
const list = (over: Partial<Principal> = {}) =>
  auth.bus.request(listKeys, { principal: { ...administrator, ...over } });
const remove = (keyId: string, principal = administrator) =>
  auth.bus.request(deleteKey, { principal, requestId: 'r2', keyId });

/** The audit events about one key that are in the outbox. */
async function toldOf(keyId: string): Promise<AuditEvent[]> {
  const { rows } = await admin.query('select subject, payload from auth.outbox order by id');
  expect(rows.every(({ subject }) => subject === appendAuditEvents.subject)).toBe(true);
  const events = rows.map(({ payload }) => AuditEvent.parse(JSON.parse(payload)));
  return events.filter(({ object }) => object.id === keyId);
}

/** The owner of an organisation that has nobody else. */
async function ownerOfAnother(): Promise<Principal> {
  const [organisationId, teamId, id] = [randomUUID(), randomUUID(), randomUUID()];
  await admin.query(`insert into auth.organisation (id, name) values ($1, 'another')`, [organisationId]);
  await admin.query(`insert into auth.team (id, organisation_id, name) values ($1, $2, 'one')`, [
    teamId,
    organisationId,
  ]);
  await admin.query(
    `insert into auth."user" (id, organisation_id, team_id, name) values ($1, $2, $3, 'ann')`,
    [id, organisationId, teamId],
  );
  const owner = { ...administrator, id, organisationId, teamId };
  await giveRole(owner, 'owner', 'organisation');
  return owner;
}

async function giveRole(
  { kind, id, organisationId, teamId }: Principal,
  role: string,
  level: 'organisation' | 'team',
): Promise<void> {
  await admin.query(
    `insert into auth.role_binding (id, organisation_id, subject_kind, subject_id, role, level, object_id)
     values (gen_random_uuid(), $1, $2, $3, $4, $5, $6)`,
    [organisationId, kind, id, role, level, level === 'team' ? teamId : organisationId],
  );
}

async function otherTeam(): Promise<string> {
  const id = randomUUID();
  await admin.query(`insert into auth.team (id, organisation_id, name) values ($1, $2, $3)`, [
    id,
    DEFAULT_ORGANISATION_ID,
    id,
  ]);
  return id;
}

it('lists keys page by page', async () => {
  for (const name of ['one', 'two', 'three']) await create({ name });
  const all = (await list()).keys.map(({ id }) => id);
  const paged: string[] = [];
  let after: string | undefined;
  do {
    const page = { limit: 2, ...(after !== undefined && { after }) };
    const { keys, next } = await auth.bus.request(listKeys, { principal: administrator, page });
    expect(keys.length).toBeLessThanOrEqual(2);
    paged.push(...keys.map(({ id }) => id));
    after = next;
  } while (after !== undefined);
  expect(all.length).toBeGreaterThan(2);
  expect(paged).toEqual(all);
});

describe('a successor', () => {
  const DAY_S = 86_400;
  const rotate = async (keyId: string, principal = administrator, overlapS = DAY_S) => {
    const { secret, ...stored } = newApiKey();
    const wanted = { principal, requestId: 'r3', keyId, ...stored, overlapS };
    return { secret, ...(await auth.bus.request(rotateKey, wanted)) };
  };
  /** The principal of a key, as the gateway knows it. */
  const as = async (secret: string): Promise<Principal> => (await verify(secret)).principal;
  const madeBy = async (id: string): Promise<string | null> => {
    const { rows } = await admin.query<{ made_by_id: string | null }>(
      'select made_by_id from auth.api_key where id = $1',
      [id],
    );
    return rows[0]?.made_by_id ?? null;
  };

  it('is made by a key for itself, allows the same, and the former key ends after the overlap', async () => {
    const former = await create({ permissions: ['flow:read'] });
    const next = await rotate(former.key.id, await as(former.secret), 3_600);
    expect((await as(next.secret)).permissions).toEqual(['flow:read']);
    expect(next.key).toMatchObject({ name: 'mine', permissions: ['flow:read'], expiresAt: null });
    const { expiresAt } = await verify(former.secret);
    expect(expiresAt).toBe(next.formerUntil);
    expect(Date.parse(next.formerUntil) - Date.now()).toBeLessThanOrEqual(3_600_000);
    expect(await toldOf(next.key.id)).toMatchObject([
      { action: 'key.create', detail: { succeeds: former.key.id, madeBy: former.key.id } },
    ]);
    expect((await toldOf(former.key.id)).at(-1)).toMatchObject({
      action: 'key.update',
      detail: { expiresAt: next.formerUntil },
    });
    // It has ended, and its successor has not.
    await admin.query('update auth.api_key set expires_at = now() where id = $1', [former.key.id]);
    await expect(verify(former.secret)).rejects.toMatchObject({ code: 'KEY_INVALID' });
    expect((await as(next.secret)).id).toBe(BOOTSTRAP_USER_ID);
  });

  it('ends with the former key when that one is revoked: whoever has stolen a key may have rotated it', async () => {
    const former = await create();
    const thief = await rotate(former.key.id, await as(former.secret));
    const again = await rotate(thief.key.id, await as(thief.secret));
    expect((await remove(former.key.id)).revoked).toBe(3);
    for (const { secret } of [former, thief, again])
      await expect(verify(secret)).rejects.toMatchObject({ code: 'KEY_INVALID' });
  });

  it('has what was made with the former key', async () => {
    const former = await create();
    const child = await create({ principal: await as(former.secret) });
    const next = await rotate(former.key.id, await as(former.secret), 0);
    await expect(verify(former.secret)).rejects.toMatchObject({ code: 'KEY_INVALID' });
    expect((await as(child.secret)).id).toBe(BOOTSTRAP_USER_ID);
    expect(await madeBy(child.key.id)).toBe(next.key.id);
    expect((await remove(next.key.id)).revoked).toBe(2);
    await expect(verify(child.secret)).rejects.toMatchObject({ code: 'KEY_INVALID' });
  });

  it('is made by another key only within what that one may do, and ends with it', async () => {
    const former = await create();
    const narrow = await create({ permissions: ['key:write', 'flow:read'] });
    await expect(rotate(former.key.id, await as(narrow.secret))).rejects.toMatchObject({
      code: 'KEY_OF_MORE',
    });
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const short = await create({ expiresAt: soon });
    await expect(rotate(former.key.id, await as(short.secret))).rejects.toMatchObject({
      code: 'KEY_OUTLIVES_MAKER',
    });
    const maker = await create();
    const next = await rotate(former.key.id, await as(maker.secret));
    expect(await madeBy(next.key.id)).toBe(maker.key.id);
    await remove(maker.key.id);
    await expect(verify(next.secret)).rejects.toMatchObject({ code: 'KEY_INVALID' });
  });

  it('is not made of keys of others, of a setting, that end anyway, or by what was made with it', async () => {
    const problem = (text: RegExp) => ({ code: 'KEY_NOT_ROTATABLE', message: expect.stringMatching(text) });
    const ann = await ownerOfAnother();
    await expect(rotate((await create({ principal: ann })).key.id)).rejects.toMatchObject({
      code: 'KEY_UNKNOWN',
    });
    const colleague = { ...administrator, id: randomUUID() };
    await admin.query(
      `insert into auth."user" (id, organisation_id, team_id, name) values ($1, $2, $3, 'colleague')`,
      [colleague.id, tenant.organisationId, tenant.teamId],
    );
    await giveRole(colleague, 'owner', 'organisation');
    const theirs = await create({ principal: colleague });
    await expect(rotate(theirs.key.id)).rejects.toMatchObject(problem(/somebody else/));
    const { rows } = await admin.query<{ id: string }>(
      'select id from auth.api_key where is_bootstrap and revoked_at is null',
    );
    await expect(rotate(rows[0]?.id ?? '')).rejects.toMatchObject(problem(/CAUSEWAY_BOOTSTRAP_API_KEY/));
    const former = await create();
    const child = await create({ principal: await as(former.secret) });
    await expect(rotate(former.key.id, await as(child.secret))).rejects.toMatchObject(
      problem(/made with it/),
    );
    const [one, other] = await Promise.allSettled([rotate(former.key.id), rotate(former.key.id)]);
    expect([one.status, other.status].toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(rotate(former.key.id)).rejects.toMatchObject(problem(/anyway/));
    await expect(rotate(randomUUID())).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
    const program = { ...administrator, tokenId: randomUUID() };
    await expect(rotate(child.key.id, program)).rejects.toMatchObject({ code: 'TOKEN_NOT_ENOUGH' });
  });
});

describe('the bootstrap key', () => {
  it('belongs to the administrator and has every permission', async () => {
    const { principal, expiresAt } = await verify(FIRST);
    expect(principal).toEqual({
      ...administrator,
      keyId: expect.any(String),
      grants: [
        {
          role: 'owner',
          level: 'organisation',
          objectId: DEFAULT_ORGANISATION_ID,
          permissions: [...permissions],
        },
      ],
    });
    expect(expiresAt).toBeNull();
  });

  it('has an audit event that says that auth made it', async () => {
    const { principal } = await verify(FIRST);
    expect(await toldOf(principal.keyId as string)).toMatchObject([
      { action: 'key.create', actor: { kind: 'system', id: 'auth' }, object: { name: 'bootstrap' } },
    ]);
  });

  it('stays the same after restarts, also when several processes start at once', async () => {
    const { principal } = await verify(FIRST);
    await auth.stop();
    await auth.start();
    expect((await verify(FIRST)).principal.keyId).toBe(principal.keyId);
  });

  it('is revoked when the setting changes, alone and with a message, and does not become valid again', async () => {
    const { principal: first } = await verify(FIRST);
    const made = await create({ principal: first });
    const heard: string[] = [];
    const listening = auth.bus.subscribe(keyChanged, undefined, ({ keyId }) => void heard.push(keyId));
    await auth.stop();
    await auth.start({ CAUSEWAY_BOOTSTRAP_API_KEY: SECOND });
    await waitFor(() => heard.includes(first.keyId as string));
    listening.unsubscribe();
    await expect(verify(FIRST)).rejects.toMatchObject({ code: 'KEY_INVALID' });
    expect((await verify(SECOND)).principal.id).toBe(BOOTSTRAP_USER_ID);
    expect((await verify(made.secret)).principal.keyId).toBe(made.key.id);
    expect((await toldOf(first.keyId as string)).map(({ action }) => action)).toEqual([
      'key.create',
      'key.delete',
    ]);

    await auth.stop();
    await auth.start({ CAUSEWAY_BOOTSTRAP_API_KEY: FIRST });
    await expect(verify(FIRST)).rejects.toMatchObject({ code: 'KEY_INVALID' });
    expect((await verify(SECOND)).principal.id).toBe(BOOTSTRAP_USER_ID);
    await waitFor(() => auth.lines.some((line) => line.includes('bootstrap key was revoked')));
  });

  it('does not change when the setting has no value', async () => {
    await auth.stop();
    await auth.start({ CAUSEWAY_BOOTSTRAP_API_KEY: '' });
    expect((await verify(SECOND)).principal.id).toBe(BOOTSTRAP_USER_ID);
  });

  it('gets permissions that a new version of Causeway adds', async () => {
    const { principal } = await verify(SECOND);
    await admin.query(`update auth.api_key set permissions = '{flow:read}' where id = $1`, [principal.keyId]);
    await auth.stop();
    await auth.start({ CAUSEWAY_BOOTSTRAP_API_KEY: SECOND });
    expect((await verify(SECOND)).principal.permissions).toEqual([...permissions]);
  });

  it('N12: with an invalid value stops the start, and the error does not show the value', async () => {
    await auth.stop();
    await expect(auth.start({ CAUSEWAY_BOOTSTRAP_API_KEY: 'too short' })).rejects.toThrow(
      /CAUSEWAY_BOOTSTRAP_API_KEY/,
    );
    expect(auth.lines.join('\n')).not.toContain('too short');
    await auth.start({ CAUSEWAY_BOOTSTRAP_API_KEY: SECOND });
  });

  it('does not appear in the log', () => {
    expect(auth.lines.join('\n')).not.toMatch(/bootstrap-key-of-this-test/);
    expect(auth.lines.length).toBeGreaterThan(5);
  });
});

describe('making a key', () => {
  it('returns the secret once and stores only its hash', async () => {
    const { key, secret } = await create({ permissions: ['flow:run', 'flow:read', 'flow:run'] });
    expect(secret).toMatch(/^sk-[\w-]{43}$/);
    expect(key).toMatchObject({
      name: 'mine',
      masked: `${secret.slice(0, 8)}${'*'.repeat(38)}`,
      userId: BOOTSTRAP_USER_ID,
      permissions: ['flow:run', 'flow:read'],
      expiresAt: null,
      lastUsedAt: null,
      totalUses: 0,
      isActive: true,
    });
    const { rows } = await admin.query('select row_to_json(k)::text as text from auth.api_key k');
    expect(rows.map(({ text }) => text).join()).not.toContain(secret.slice(8));
    const held = ['flow:read', 'flow:run'];
    expect((await verify(secret)).principal).toEqual({
      ...administrator,
      keyId: key.id,
      permissions: held,
      grants: [
        { role: 'owner', level: 'organisation', objectId: DEFAULT_ORGANISATION_ID, permissions: held },
      ],
    });
  });

  it('gives all of the maker’s permissions unless fewer are requested', async () => {
    const { secret } = await create({ permissions: ['key:write', 'flow:run'] });
    const { principal } = await verify(secret);
    expect((await create({ principal })).key.permissions.toSorted()).toEqual(['flow:run', 'key:write']);
  });

  it('writes an audit event without the secret', async () => {
    const { key, secret } = await create({ name: 'told' });
    const events = await toldOf(key.id);
    expect(events).toMatchObject([
      {
        action: 'key.create',
        result: 'succeeded',
        requestId: 'r1',
        actor: { id: BOOTSTRAP_USER_ID },
        object: { type: 'key', name: 'told' },
      },
    ]);
    expect(JSON.stringify(events)).not.toContain(secret.slice(8));
  });

  it('refuses permissions that the maker does not have', async () => {
    const { secret } = await create({ permissions: ['key:write'] });
    const { principal } = await verify(secret);
    // What the message says of the maker does not count.
    for (const maker of [principal, { ...principal, permissions: [...permissions] }])
      await expect(
        create({ principal: maker, permissions: ['key:write', 'flow:run'] }),
      ).rejects.toMatchObject({
        code: 'KEY_SCOPE_TOO_WIDE',
        details: { permission: 'flow:run' },
      });
  });

  describe('with a key that expires', () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const expiring = async () => (await verify((await create({ expiresAt: inAnHour })).secret)).principal;

    it('gives the same expiry unless an earlier one is requested', async () => {
      const principal = await expiring();
      expect((await create({ principal })).key.expiresAt).toBe(inAnHour);
      const sooner = new Date(Date.now() + 60_000).toISOString();
      expect((await create({ principal, expiresAt: sooner })).key.expiresAt).toBe(sooner);
    });

    it('refuses a later expiry and names the latest one allowed', async () => {
      const principal = await expiring();
      const later = new Date(Date.parse(inAnHour) + 1).toISOString();
      const before = (await list()).keys.length;
      await expect(create({ principal, expiresAt: later })).rejects.toMatchObject({
        code: 'KEY_OUTLIVES_MAKER',
        details: { expiresAt: inAnHour },
      });
      expect((await list()).keys).toHaveLength(before);
    });

    it('makes no key once that key has expired or is revoked, even if it is still in a cache', async () => {
      const principal = await expiring();
      await admin.query(`update auth.api_key set expires_at = now() where id = $1`, [principal.keyId]);
      await expect(create({ principal })).rejects.toMatchObject({ code: 'KEY_INVALID' });
      const other = await expiring();
      await remove(other.keyId as string);
      await expect(create({ principal: other })).rejects.toMatchObject({ code: 'KEY_INVALID' });
    });
  });

  it('refuses an expiry in the past, and makers that are not in the database', async () => {
    await expect(create({ expiresAt: '2020-01-01T00:00:00Z' })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
    const nobody: Principal = { ...administrator, kind: 'anonymous', id: 'anonymous' };
    await expect(create({ principal: nobody })).rejects.toMatchObject({ code: 'KEY_INVALID' });
    // The gateway sends it for a caller, and never for a service.
    const system: Principal = { ...administrator, kind: 'system', id: 'scheduler' };
    await expect(create({ principal: system })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('accepts a name that is one line, and no other', async () => {
    expect((await create({ name: 'Équipe 支払い 👩‍💻' })).key.name).toBe('Équipe 支払い 👩‍💻');
    for (const name of ['a\u0000b', 'a\uD800', 'a\nb', '\u001b[2J', '\u202eb'])
      await expect(create({ name })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });
});

describe('verifying a key', () => {
  it('refuses an unknown key and an expired key', async () => {
    await expect(verify('sk-unknown')).rejects.toMatchObject({ code: 'KEY_INVALID' });
    const { secret, key } = await create({ expiresAt: new Date(Date.now() + 60_000).toISOString() });
    expect((await verify(secret)).expiresAt).toBe(key.expiresAt);
    await admin.query(`update auth.api_key set expires_at = now() where id = $1`, [key.id]);
    await expect(verify(secret)).rejects.toMatchObject({ code: 'KEY_INVALID' });
    expect((await list()).keys.find(({ id }) => id === key.id)?.isActive).toBe(false);
  });

  it('refuses a key of a user who is disabled or has no role in the team any more', async () => {
    const teamId = await otherTeam();
    const userId = randomUUID();
    await admin.query(
      `insert into auth."user" (id, organisation_id, team_id, name) values ($1, $2, $3, 'eve')`,
      [userId, DEFAULT_ORGANISATION_ID, teamId],
    );
    const eve = { ...administrator, id: userId, teamId };
    await giveRole(eve, 'editor', 'team');
    const { secret } = await create({ principal: eve });
    expect((await verify(secret)).principal).toMatchObject({ id: userId, teamId, name: 'eve' });

    await admin.query('delete from auth.role_binding where subject_id = $1', [userId]);
    await expect(verify(secret)).rejects.toMatchObject({
      code: 'KEY_UNUSABLE',
      message: expect.stringMatching(/its holder eve has no role in team .+ any more\.$/),
    });
    await giveRole(eve, 'viewer', 'team');
    expect((await verify(secret)).principal.id).toBe(userId);
    await admin.query(`update auth."user" set disabled_at = now() where id = $1`, [userId]);
    await expect(verify(secret)).rejects.toMatchObject({
      code: 'KEY_UNUSABLE',
      message: expect.stringMatching(/its holder eve is disabled\.$/),
    });
    // A key that has also expired is no key any more.
    await admin.query(`update auth.api_key set expires_at = now() where user_id = $1`, [userId]);
    await expect(verify(secret)).rejects.toMatchObject({ code: 'KEY_INVALID' });
  });

  it('accepts keys of service accounts until the accounts are disabled', async () => {
    const id = randomUUID();
    await admin.query(
      `insert into auth.service_account (id, organisation_id, team_id, name) values ($1, $2, $3, 'ci')`,
      [id, DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID],
    );
    const account = { ...administrator, kind: 'service_account' as const, id };
    await giveRole(account, 'runner', 'team');
    const { secret, key } = await create({ principal: account });
    expect((await verify(secret)).principal).toMatchObject({ kind: 'service_account', id, name: 'ci' });
    expect((await list({ kind: 'service_account', id })).keys.map((one) => one.id)).toEqual([key.id]);
    await admin.query('update auth.service_account set disabled_at = now() where id = $1', [id]);
    await expect(verify(secret)).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
  });

  it('refuses a value that is not a hash', async () => {
    await expect(auth.bus.request(verifyKey, { keyHash: 'sk-in-clear' })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
  });
});

describe('uses', () => {
  it('are counted after the answers, together with the uses that caches report', async () => {
    const { secret, key } = await create();
    await Promise.all(Array.from({ length: 20 }, () => verify(secret)));
    await auth.bus.request(verifyKey, { keyHash: apiKeyHash(secret), again: true });
    const later = new Date(Date.now() + 5_000).toISOString();
    await auth.bus.request(countKeyUses, {
      uses: [
        { keyId: key.id, count: 100, lastUsedAt: later },
        { keyId: randomUUID(), count: 1, lastUsedAt: later },
      ],
    });
    const counted = await waitFor(async () =>
      (await list()).keys.find(({ id, totalUses }) => id === key.id && totalUses === 120),
    );
    expect(counted.lastUsedAt).toBe(later);
  });

  it('are written before the service stops', async () => {
    const { secret, key } = await create();
    await auth.stop();
    await auth.start({ CAUSEWAY_BOOTSTRAP_API_KEY: SECOND, CAUSEWAY_KEY_USES_FLUSH_MS: '60000' });
    await verify(secret);
    await auth.stop();
    await auth.start({ CAUSEWAY_BOOTSTRAP_API_KEY: SECOND });
    expect((await list()).keys.find(({ id }) => id === key.id)?.totalUses).toBe(1);
  });

  it('do not cause a database statement for each request', async () => {
    const { secret } = await create();
    await auth.stop();
    await auth.start({ CAUSEWAY_BOOTSTRAP_API_KEY: SECOND, CAUSEWAY_KEY_USES_FLUSH_MS: '60000' });
    await verify(secret);
    const updates = async (): Promise<number> => {
      await admin.query('select pg_stat_force_next_flush()');
      const { rows } = await admin.query(
        `select n_tup_upd::int as n from pg_stat_user_tables where schemaname = 'auth' and relname = 'api_key'`,
      );
      return rows[0].n;
    };
    const before = await updates();
    for (let n = 0; n < 50; n++) await verify(secret);
    // What the service wrote before its stop may be counted late.
    expect(await updates()).toBeLessThan(before + 10);
  });
});

describe('listing keys', () => {
  it('returns one holder’s keys of one team, oldest first and masked', async () => {
    const teamId = await otherTeam();
    const principal = { ...administrator, teamId };
    const first = await create({ principal, name: 'first' });
    const second = await create({ principal, name: 'second' });
    const { keys } = await list({ teamId });
    expect(keys).toEqual([first.key, second.key]);
    expect((await list()).keys.map(({ id }) => id)).not.toContain(first.key.id);
  });

  it('returns nothing for other holders, and for texts that are not ids', async () => {
    expect((await list({ id: randomUUID() })).keys).toEqual([]);
    expect((await list({ id: 'nobody' })).keys).toEqual([]);
    expect((await list({ organisationId: randomUUID() })).keys).toEqual([]);
  });
});

describe('deleting a key', () => {
  it('revokes it at once, publishes the change, writes an audit event, and hides the key', async () => {
    const { secret, key } = await create();
    const heard: string[] = [];
    const listening = auth.bus.subscribe(keyChanged, undefined, ({ keyId }) => void heard.push(keyId));
    await remove(key.id);
    await expect(verify(secret)).rejects.toMatchObject({ code: 'KEY_INVALID' });
    await waitFor(() => heard.includes(key.id));
    listening.unsubscribe();
    expect((await list()).keys.map(({ id }) => id)).not.toContain(key.id);
    expect((await toldOf(key.id)).map(({ action, requestId }) => [action, requestId])).toEqual([
      ['key.create', 'r1'],
      ['key.delete', 'r2'],
    ]);
  });

  it('also revokes every key made with it, directly or indirectly, with a message for each', async () => {
    const [root, other] = [await create(), await create()];
    const principalOf = async ({ secret }: { secret: string }) => (await verify(secret)).principal;
    const child = await create({ principal: await principalOf(root) });
    const gone = await create({ principal: await principalOf(root) });
    await remove(gone.key.id);
    const grandchild = await create({ principal: await principalOf(child) });
    const heard: string[] = [];
    const listening = auth.bus.subscribe(keyChanged, undefined, ({ keyId }) => void heard.push(keyId));
    await remove(root.key.id);
    const tree = [root, child, grandchild];
    await waitFor(() => heard.length >= tree.length);
    listening.unsubscribe();
    expect(heard.toSorted()).toEqual(tree.map(({ key }) => key.id).toSorted());
    for (const { secret } of tree)
      await expect(verify(secret)).rejects.toMatchObject({ code: 'KEY_INVALID' });
    expect(await toldOf(grandchild.key.id)).toMatchObject([
      { action: 'key.create', detail: { madeBy: child.key.id } },
      { action: 'key.delete', requestId: 'r2', actor: { id: BOOTSTRAP_USER_ID } },
    ]);
    expect(await toldOf(gone.key.id)).toHaveLength(2);
    expect((await principalOf(other)).keyId).toBe(other.key.id);
  });

  it('also revokes a key that is made with it at the same time', async () => {
    const root = await create();
    const { principal } = await verify(root.secret);
    const making = Array.from({ length: 8 }, () => create({ principal }).catch(() => undefined));
    await remove(root.key.id);
    const made = (await Promise.all(making)).filter((one) => one !== undefined);
    const there = (await list()).keys.map(({ id }) => id);
    expect(made.filter(({ key }) => there.includes(key.id))).toEqual([]);
  });

  it('fails with KEY_UNKNOWN for an unknown key, another organisation’s key, or a second time', async () => {
    const { key, secret } = await create();
    const stranger = await ownerOfAnother();
    await expect(remove(key.id, stranger)).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
    expect((await verify(secret)).principal.keyId).toBe(key.id);
    await remove(key.id);
    await expect(remove(key.id)).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
    await expect(remove(randomUUID())).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
    expect(await toldOf(key.id)).toHaveLength(2);
  });

  describe('permissions', () => {
    const principalOf = async ({ secret }: { secret: string }) => (await verify(secret)).principal;
    const keyOf = (permissions: Principal['permissions'], principal = administrator) =>
      create({ permissions, principal });

    it('a key with fewer permissions cannot revoke a key that has more', async () => {
      const [wide, narrow] = [await keyOf(['key:write', 'flow:run']), await keyOf(['key:write'])];
      await expect(remove(wide.key.id, await principalOf(narrow))).rejects.toMatchObject({
        code: 'KEY_OF_MORE',
        details: { keyId: wide.key.id, permission: 'flow:run' },
      });
      const { principal: bootstrap } = await verify(SECOND);
      await expect(remove(bootstrap.keyId as string, await principalOf(narrow))).rejects.toMatchObject({
        code: 'KEY_OF_MORE',
      });
      expect((await principalOf(wide)).keyId).toBe(wide.key.id);
    });

    it('a key can revoke itself, the keys made with it, and keys that have no more permissions', async () => {
      const maker = await keyOf(['key:write', 'flow:run']);
      const principal = await principalOf(maker);
      const child = await keyOf(['key:write', 'flow:run'], principal);
      const grandchild = await keyOf(['flow:run'], await principalOf(child));
      const other = await keyOf(['key:write']);
      for (const { key } of [grandchild, other, child, maker]) await remove(key.id, principal);
      for (const { secret } of [grandchild, other, child, maker])
        await expect(verify(secret)).rejects.toMatchObject({ code: 'KEY_INVALID' });
    });

    it('a person’s key cannot revoke those of others without member:write in their team', async () => {
      const team = { ...administrator, teamId: await otherTeam() };
      const newUser = async (name: string, role: string) => {
        const user = { ...team, id: randomUUID(), name };
        await admin.query(
          `insert into auth."user" (id, organisation_id, team_id, name) values ($1, $2, $3, $4)`,
          [user.id, user.organisationId, user.teamId, `${name} ${user.id}`],
        );
        await giveRole(user, role, 'team');
        return user;
      };
      const [ann, bob, carla] = [
        await newUser('ann', 'viewer'),
        await newUser('bob', 'editor'),
        await newUser('carla', 'admin'),
      ];
      const narrow = await create({ principal: ann, permissions: ['flow:read'] });
      await expect(remove(narrow.key.id, bob)).rejects.toMatchObject({
        code: 'PERMISSION_DENIED',
        details: { permission: 'member:write' },
      });
      await remove(narrow.key.id, carla);
      // A key may name more than its holder's roles allow; what it allows is what counts.
      const wide = await create({ principal: ann });
      await admin.query(`update auth.api_key set permissions = $2 where id = $1`, [
        wide.key.id,
        [...permissions],
      ]);
      await remove(wide.key.id, carla);
    });

    it('no key can revoke the last key with every permission, and no event is written', async () => {
      const owner = await ownerOfAnother();
      const first = await create({ principal: owner });
      const principal = await principalOf(first);
      const made = await create({ principal });
      await expect(remove(first.key.id, principal)).rejects.toMatchObject({ code: 'KEY_LAST' });
      expect((await principalOf(made)).keyId).toBe(made.key.id);
      expect(await toldOf(first.key.id)).toHaveLength(1);
      await remove(made.key.id, principal);
      await expect(remove(first.key.id, principal)).rejects.toMatchObject({ code: 'KEY_LAST' });
      const expired = await create({ principal: owner });
      await admin.query(`update auth.api_key set expires_at = now() where id = $1`, [expired.key.id]);
      await expect(remove(first.key.id, principal)).rejects.toMatchObject({ code: 'KEY_LAST' });
      await remove(expired.key.id, principal);
      await create({ principal: owner });
      await remove(first.key.id, principal);
    });

    it('the last key with every permission that never expires stays, and so does the last one of all', async () => {
      const owner = await ownerOfAnother();
      const principal = owner;
      const inDays = (days: number) => ({
        expiresAt: new Date(Date.now() + days * 86_400_000).toISOString(),
      });
      const short = await create({ principal, ...inDays(1) });
      const long = await create({ principal, ...inDays(90) });
      const [alike, other] = [await create({ principal }), await create({ principal })];
      // Now a second key never expires.
      await remove(alike.key.id, principal);
      await expect(remove(other.key.id, principal)).rejects.toMatchObject({
        code: 'KEY_LAST',
        message: expect.stringContaining('the last of them that never expires') as string,
      });
      // Keys that expire can be revoked. A key with fewer permissions does not count.
      await create({ principal, permissions: ['key:write'] });
      await remove(long.key.id, principal);
      await expect(remove(other.key.id, principal)).rejects.toMatchObject({ code: 'KEY_LAST' });
      await admin.query(`update auth.api_key set expires_at = now() + interval '2 days' where id = $1`, [
        other.key.id,
      ]);
      // All that are left expire: the one that lasts longest may leave, the last one may not.
      await remove(other.key.id, principal);
      await expect(remove(short.key.id, principal)).rejects.toMatchObject({ code: 'KEY_LAST' });
    });
  });
});
