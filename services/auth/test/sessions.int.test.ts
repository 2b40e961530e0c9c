import { randomUUID } from 'node:crypto';
import {
  DEFAULT_ORGANISATION_ID,
  DEFAULT_TEAM_ID,
  type Principal,
  acceptInvitation,
  createInvitation,
  createKey,
  createRoleBinding,
  createServiceAccount,
  createTeam,
  deleteConnection,
  deleteKey,
  deleteRoleBinding,
  endSession,
  listInvitations,
  listUserSessions,
  putConnection,
  setPassword,
  signInWithPassword,
  updateUser,
  verifySession,
} from '@causeway/contracts';
import { SealedKind, newApiKey, newInvitationToken, newSessionToken } from '@causeway/platform';
import { expect, it } from 'vitest';
import { startAuth } from './auth.js';

const ROOT = 'sk-the-bootstrap-key-of-the-session-test';
const IDLE_MS = 60_000;
const { bus, admin, vault, principalOf } = await startAuth(ROOT, {
  CAUSEWAY_SESSION_IDLE_MS: String(IDLE_MS),
  CAUSEWAY_SESSION_MOST_MS: '3600000',
});
const owner = await principalOf(ROOT);
const by = (principal: Principal) => ({ principal, requestId: 'r' });
const seal = (value: object, id: string) =>
  vault.seal(JSON.stringify(value), { organisationId: DEFAULT_ORGANISATION_ID, kind: SealedKind.typed, id });
const PASSWORD = 'eleven purple herons argue';
const team = await bus.request(createTeam, { ...by(owner), name: `n ${randomUUID()}` });

/** A person with a password, and the hash of their first session's token. */
async function newPerson() {
  const invitation = newInvitationToken();
  const asked = { ...by(owner), name: 'Zoe', role: 'viewer', teamId: team.id };
  await bus.request(createInvitation, { ...asked, tokenHash: invitation.tokenHash });
  const login = `${randomUUID()}@sessions.example`;
  const { tokenHash } = newSessionToken();
  const sealed = await seal({ login, password: PASSWORD }, tokenHash);
  const invitationHash = invitation.tokenHash;
  await bus.request(acceptInvitation, { invitationHash, sealed, tokenHash, requestId: 'r' });
  return { login, tokenHash };
}
const verify = (tokenHash: string, again = false) => bus.request(verifySession, { tokenHash, again });
const usedAgo = (tokenHash: string, ms: number) =>
  admin.query(
    `update auth.session set last_used_at = now() - make_interval(secs => $2 / 1000.0) where token_hash = $1`,
    [tokenHash, ms],
  );

it('ends when the same browser signs in again, as whoever, and the audit log says so', async () => {
  const [first, other] = [await newPerson(), await newPerson()];
  const signIn = async (login: string, formerHash?: string, password = PASSWORD): Promise<string> => {
    const { tokenHash } = newSessionToken();
    const sealed = await seal({ login, password }, tokenHash);
    const former = formerHash === undefined ? {} : { formerHash };
    await bus.request(signInWithPassword, { sealed, tokenHash, ...former, requestId: 'r' });
    return tokenHash;
  };
  const again = await signIn(first.login, first.tokenHash);
  await expect(verify(first.tokenHash)).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  const { principal } = await verify(again);
  const { rows } = await admin.query<{ payload: string }>('select payload from auth.outbox');
  const ends = rows.filter(({ payload }) => payload.includes('the same browser signed in again'));
  expect(ends).toHaveLength(1);
  expect(ends[0]?.payload).toContain('session.delete');
  expect(ends[0]?.payload).toContain(principal.id);
  await expect(signIn(other.login, again, 'a wrong password')).rejects.toMatchObject({
    code: 'PASSWORD_WRONG',
  });
  // Another browser of theirs, or somebody who was refused, ends nothing.
  const elsewhere = await signIn(first.login);
  expect((await verify(again)).principal.id).toBe(principal.id);
  await signIn(other.login, again);
  await expect(verify(again)).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  expect((await verify(elsewhere)).principal.id).toBe(principal.id);
});

/** The events of a session that ended, each as its reason. */
async function endings(sessionId = ''): Promise<unknown[]> {
  const { rows } = await admin.query<{ payload: string }>(
    `select payload from auth.outbox where payload like '%session.delete%' and payload like '%' || $1 || '%'`,
    [sessionId],
  );
  return rows
    .map(({ payload }) => JSON.parse(payload) as { object: { id: string }; detail: { because: unknown } })
    .filter(({ object }) => object.id === sessionId)
    .map(({ detail }) => detail.because);
}
const sessionOf = async (tokenHash: string) => (await verify(tokenHash)).principal;

it('is told of when it ends with its person, its password, its connection, or because there are too many', async () => {
  const disabled = await newPerson();
  const first = await sessionOf(disabled.tokenHash);
  await bus.request(updateUser, { ...by(owner), userId: first.id, disabled: true });
  expect(await endings(first.sessionId)).toEqual(['the person was disabled']);

  const changed = await newPerson();
  const second = await sessionOf(changed.tokenHash);
  const typed = await seal({ login: changed.login, password: `${PASSWORD} again` }, second.id);
  await bus.request(setPassword, { ...by(owner), userId: second.id, sealed: typed, isBreakGlass: false });
  expect(await endings(second.sessionId)).toEqual(['the password was changed']);

  const busy = await newPerson();
  const third = await sessionOf(busy.tokenHash);
  await admin.query(
    `insert into auth.session (id, organisation_id, user_id, team_id, token_hash, expires_at, last_used_at)
     select gen_random_uuid(), $1, $2, $3, encode(sha256(gen_random_uuid()::text::bytea), 'hex'), now() + interval '1 hour', now() + n * interval '1 second'
     from generate_series(1, 49) n`,
    [DEFAULT_ORGANISATION_ID, third.id, team.id],
  );
  const { tokenHash } = newSessionToken();
  const sealed = await seal({ login: busy.login, password: PASSWORD }, tokenHash);
  await bus.request(signInWithPassword, { sealed, tokenHash, requestId: 'r' });
  expect(await endings(third.sessionId)).toEqual(['the person had too many']);

  const away = await newPerson();
  const fourth = await sessionOf(away.tokenHash);
  const connection = `c-${randomUUID()}`.slice(0, 40);
  const fields = { issuer: `https://${connection}.example`, clientId: 'c' };
  const { id } = await bus.request(putConnection, { ...by(owner), name: connection, fields });
  await admin.query('update auth.session set connection_id = $1 where id = $2', [id, fourth.sessionId]);
  await bus.request(deleteConnection, { ...by(owner), name: connection });
  expect(await endings(fourth.sessionId)).toEqual(['the connection was removed']);
});

it('works in the team of its person, also once a flow of another team is shared with them', async () => {
  const person = await newPerson();
  const { principal } = await verify(person.tokenHash);
  // Where an identity provider's people are until they have a role elsewhere.
  await admin.query('update auth."user" set team_id = $1 where id = $2', [DEFAULT_TEAM_ID, principal.id]);
  const begin = async () => {
    const { tokenHash } = newSessionToken();
    const sealed = await seal({ login: person.login, password: PASSWORD }, tokenHash);
    await bus.request(signInWithPassword, { sealed, tokenHash, requestId: 'r' });
    return tokenHash;
  };
  const before = await begin();
  await bus.request(createRoleBinding, {
    ...by(owner),
    subject: { kind: 'user', id: principal.id },
    role: 'runner',
    teamId: DEFAULT_TEAM_ID,
    projectId: randomUUID(),
    flowId: randomUUID(),
  });
  for (const tokenHash of [before, await begin()])
    expect((await verify(tokenHash, true)).principal.teamId).toBe(team.id);
});

it('ends when it was not used for so long, and use prolongs it', async () => {
  const { tokenHash } = await newPerson();
  await usedAgo(tokenHash, IDLE_MS - 5_000);
  await verify(tokenHash);
  const { rows } = await admin.query<{ ago: number }>(
    `select extract(epoch from now() - last_used_at)::float8 as ago from auth.session where token_hash = $1`,
    [tokenHash],
  );
  // It is noted at most once a minute.
  expect(rows[0]?.ago).toBeGreaterThan(50);
  await usedAgo(tokenHash, IDLE_MS + 1_000);
  await expect(verify(tokenHash)).rejects.toMatchObject({ code: 'SESSION_ENDED' });
});

it('is not prolonged by a stream that is open', async () => {
  const { tokenHash } = await newPerson();
  await admin.query(
    `update auth.session set last_used_at = now() - interval '59 seconds', created_at = now() - interval '5 minutes' where token_hash = $1`,
    [tokenHash],
  );
  await verify(tokenHash, true);
  const { rows } = await admin.query<{ ago: number }>(
    `select extract(epoch from now() - last_used_at)::float8 as ago from auth.session where token_hash = $1`,
    [tokenHash],
  );
  expect(rows[0]?.ago).toBeGreaterThan(58);
});

it('ends at its last moment, however much it is used', async () => {
  const { tokenHash } = await newPerson();
  const { expiresAt } = await verify(tokenHash);
  expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(3_600_000);
  await admin.query(`update auth.session set expires_at = now() where token_hash = $1`, [tokenHash]);
  await expect(verify(tokenHash)).rejects.toMatchObject({ code: 'SESSION_ENDED' });
});

it('ends when a person has fifty others', async () => {
  const { tokenHash } = await newPerson();
  const { principal } = await verify(tokenHash);
  await admin.query(
    `insert into auth.session (id, organisation_id, user_id, team_id, token_hash, expires_at)
     select gen_random_uuid(), $1, $2::uuid, $3, md5(n::text || $2::text) || md5($2::text || n::text), now() + interval '1 hour' from generate_series(1, 49) n`,
    [principal.organisationId, principal.id, team.id],
  );
  await usedAgo(tokenHash, 30_000);
  const { rows } = await admin.query<{ login: string }>(
    `select login from auth.password where user_id = $1`,
    [principal.id],
  );
  const next = newSessionToken();
  const sealed = await seal({ login: rows[0]?.login, password: PASSWORD }, next.tokenHash);
  await bus.request(signInWithPassword, { sealed, tokenHash: next.tokenHash, requestId: 'r' });
  await expect(verify(tokenHash)).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  const left = await bus.request(listUserSessions, {
    principal: (await verify(next.tokenHash)).principal,
    page: { limit: 500 },
  });
  expect(left.items).toHaveLength(50);
});

it('is ended by its own person only', async () => {
  const [mine, theirs] = [await newPerson(), await newPerson()];
  const { principal } = await verify(mine.tokenHash);
  const other = await verify(theirs.tokenHash);
  const asked = { ...by(principal), sessionId: other.principal.sessionId as string };
  await expect(bus.request(endSession, asked)).rejects.toMatchObject({ code: 'BROWSER_SESSION_UNKNOWN' });
  await verify(theirs.tokenHash);
});

it('does not open with the hash of a key, nor a key with the hash of a token', async () => {
  const { rows } = await admin.query<{ key_hash: string }>(`select key_hash from auth.api_key limit 1`);
  await expect(verify(rows[0]?.key_hash as string)).rejects.toMatchObject({ code: 'SESSION_ENDED' });
});

/** An invitation that somebody makes, and what accepts it. */
async function invite(maker: Principal, asked: object = { role: 'viewer', teamId: team.id }) {
  const invitation = newInvitationToken();
  await bus.request(createInvitation, {
    ...by(maker),
    name: 'Yann',
    ...asked,
    tokenHash: invitation.tokenHash,
  });
  return async (): Promise<string> => {
    const { tokenHash } = newSessionToken();
    const login = `${randomUUID()}@sessions.example`;
    const sealed = await seal({ login, password: PASSWORD }, tokenHash);
    await bus.request(acceptInvitation, {
      invitationHash: invitation.tokenHash,
      sealed,
      tokenHash,
      requestId: 'r',
    });
    return tokenHash;
  };
}

it('is not begun with an invitation whose maker could not make it any more', async () => {
  const { id } = await bus.request(createServiceAccount, {
    ...by(owner),
    teamId: team.id,
    name: `n ${randomUUID()}`,
    role: 'viewer',
  });
  const { secret, ...stored } = newApiKey();
  await bus.request(createKey, { ...by(owner), ...stored, name: 'k', serviceAccountId: id });
  const { rows } = await admin.query<{ organisation_id: string }>(
    'select organisation_id from auth.team limit 1',
  );
  const binding = randomUUID();
  await admin.query(
    `insert into auth.role_binding (id, organisation_id, subject_kind, subject_id, role, level, object_id)
     values ($1, $2, 'service_account', $3, 'admin', 'organisation', $2)`,
    [binding, rows[0]?.organisation_id, id],
  );
  const maker = await principalOf(secret);
  const [first, second, third] = [await invite(maker), await invite(maker), await invite(maker, {})];
  await first();
  await bus.request(deleteRoleBinding, { ...by(owner), bindingId: binding });
  for (const accept of [second, third])
    await expect(accept()).rejects.toMatchObject({ code: 'INVITATION_UNKNOWN' });
});

it('is not begun with an invitation that was made with a key that has ended, or with one made from it', async () => {
  const newKey = async (principal: Principal, more: object = {}) => {
    const { secret, ...stored } = newApiKey();
    const { key } = await bus.request(createKey, { ...by(principal), ...stored, name: 'k', ...more });
    return { id: key.id, principal: await principalOf(secret) };
  };
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const stolen = await newKey(owner, { expiresAt });
  const child = await newKey(stolen.principal);
  const [used, ...left] = [
    await invite(stolen.principal),
    await invite(stolen.principal),
    await invite(child.principal),
  ];
  await used();
  const { items } = await bus.request(listInvitations, { principal: owner, page: { limit: 100 } });
  expect(items.filter((one) => one.expiresAt === expiresAt)).toHaveLength(2);
  await bus.request(deleteKey, { ...by(owner), keyId: stolen.id });
  for (const accept of left) await expect(accept()).rejects.toMatchObject({ code: 'INVITATION_UNKNOWN' });
});

it('of somebody without a role is told to no team', async () => {
  const tokenHash = await (await invite(owner, {}))();
  const { principal } = await verify(tokenHash);
  const { rows } = await admin.query<{ payload: string }>(
    `select payload from auth.outbox where payload like '%' || $1 || '%'`,
    [principal.id],
  );
  const events = rows.map(({ payload }) => JSON.parse(payload) as { action: string; teamId?: string });
  expect(events.map(({ action, teamId }) => [action, teamId])).toEqual([['user.create', undefined]]);
});

it('of somebody who was invited begins with a role that the audit log tells of', async () => {
  const tokenHash = await (await invite(owner))();
  const { principal } = await verify(tokenHash);
  const { rows } = await admin.query<{ payload: string }>(
    `select payload from auth.outbox where payload like '%' || $1 || '%'`,
    [principal.id],
  );
  const events = rows.map(({ payload }) => JSON.parse(payload) as { action: string; teamId?: string });
  expect(events.map(({ action, teamId }) => [action, teamId]).toSorted()).toEqual([
    ['role_binding.create', team.id],
    ['user.create', team.id],
  ]);
});
