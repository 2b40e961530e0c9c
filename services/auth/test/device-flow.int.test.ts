import { randomUUID } from 'node:crypto';
import {
  DEFAULT_ORGANISATION_ID,
  DEFAULT_TEAM_ID,
  DEVICE_GRANT,
  OAuthAnswer,
  type Principal,
  acceptInvitation,
  askOAuth,
  createInvitation,
  createKey,
  createOAuthClient,
  createTeam,
  decideDevice,
  deleteOAuthClient,
  endOAuthGrant,
  endSession,
  listOAuthGrants,
  listUserSessions,
  reviewDevice,
  rotateKey,
  verifySession,
  verifyToken,
} from '@causeway/contracts';
import {
  SealedKind,
  apiKeyHash,
  newApiKey,
  newClientSecret,
  newInvitationToken,
  newSessionToken,
} from '@causeway/platform';
import { waitFor } from '@causeway/testing';
import { decodeJwt } from 'jose';
import { expect, it } from 'vitest';
import { MOST_CODES, MOST_CODES_OF_NETWORK } from '../src/store/oauth/device-code.store.js';
import { startAuth } from './auth.js';

const ROOT = 'sk-the-bootstrap-key-of-the-device-test';
const origin = 'https://causeway.example';
const { bus, admin, vault, principalOf } = await startAuth(ROOT);
const owner = await principalOf(ROOT);
const requestId = 'r';
const place = { organisationId: DEFAULT_ORGANISATION_ID, kind: SealedKind.typed, id: requestId };

interface Codes {
  readonly device_code: string;
  readonly user_code: string;
}

const newClient = (more: object = {}) =>
  bus.request(createOAuthClient, {
    principal: owner,
    requestId,
    name: 'a terminal',
    kind: 'public',
    deviceFlow: true,
    ...more,
  });
const client = await newClient();

const post = async (
  path: string,
  form: Readonly<Record<string, string>>,
  address = '192.0.2.1',
): Promise<{ status: number; body: Record<string, unknown> }> => {
  const contentType = 'application/x-www-form-urlencoded';
  const body = new URLSearchParams({ client_id: client.id, ...form }).toString();
  const request = { method: 'POST', path, origin, contentType, body, userAgent: 'a test' };
  const sealed = await vault.seal(JSON.stringify(request), place);
  const reply = await bus.request(askOAuth, { sealed, requestId, address, network: address });
  const answer = OAuthAnswer.parse(JSON.parse(await vault.open(reply.sealed, place)));
  return { status: answer.status, body: JSON.parse(answer.body) as Record<string, unknown> };
};
const newCodes = async (form: Readonly<Record<string, string>> = {}, address?: string): Promise<Codes> => {
  const answer = await post('/oauth/device_authorization', { scope: 'flow:read openid', ...form }, address);
  expect(answer.status).toBe(200);
  return answer.body as unknown as Codes;
};
const poll = (deviceCode: string, more: Readonly<Record<string, string>> = {}) =>
  post('/oauth/token', { grant_type: DEVICE_GRANT, device_code: deviceCode, ...more });
const patiently = async (deviceCode: string) => {
  await admin.query(
    `update auth.oauth_device_code set polled_at = polled_at - interval '1 minute' where token_hash = $1`,
    [apiKeyHash(deviceCode)],
  );
  return poll(deviceCode);
};
const waits = { status: 400, body: { error: 'authorization_pending' } };
const refused = (error: string) => ({ status: 400, body: { error } });

/** Somebody who is signed in with a browser. */
async function newPerson(): Promise<Principal> {
  const invitation = newInvitationToken();
  const email = 'typed@by-somebody-else.example';
  const asked = { principal: owner, requestId, name: 'Zoe', email, role: 'viewer', teamId: DEFAULT_TEAM_ID };
  await bus.request(createInvitation, { ...asked, tokenHash: invitation.tokenHash });
  const { tokenHash } = newSessionToken();
  const login = `${randomUUID()}@device.example`;
  const typed = JSON.stringify({ login, password: 'eleven purple herons argue' });
  const sealed = await vault.seal(typed, { ...place, id: tokenHash });
  await bus.request(acceptInvitation, { invitationHash: invitation.tokenHash, sealed, tokenHash, requestId });
  return (await bus.request(verifySession, { tokenHash })).principal;
}
const zoe = await newPerson();
const review = (userCode: string, principal = zoe) =>
  bus.request(reviewDevice, { principal, requestId, origin, userCode });
const decide = (
  userCode: string,
  { principal = zoe, teamId = DEFAULT_TEAM_ID, decision = 'allow' as 'allow' | 'deny' } = {},
) => bus.request(decideDevice, { principal, requestId, origin, userCode, teamId, decision });
const grants = async (): Promise<number> =>
  (await admin.query('select from auth.oauth_grant where ended_at is null and user_id = $1', [zoe.id]))
    .rowCount ?? 0;

it.each([
  ['was disabled', 'update auth."user" set disabled_at = now() where id = $1'],
  ['has left the team', 'delete from auth.role_binding where subject_id = $1'],
  ['was signed out because SSO is enforced', 'update auth.session set ended_at = now() where user_id = $1'],
])('gives nothing to a program when the person %s while they answer', async (_what, change) => {
  const person = await newPerson();
  const codes = await newCodes();
  // Whoever changes what the person may do holds this lock.
  const lock = `hashtextextended('auth of ' || '${DEFAULT_ORGANISATION_ID}', 0)`;
  await admin.query(`select pg_advisory_lock(${lock})`);
  try {
    const answered = decide(codes.user_code, { principal: person }).catch((error: unknown) => error);
    await waitFor(async () => {
      const { rows } = await admin.query<{ waits: boolean }>(
        `select exists (select from pg_locks where locktype = 'advisory' and not granted) as waits`,
      );
      return rows[0]?.waits === true;
    });
    await admin.query(change, [person.id]);
    await admin.query(`select pg_advisory_unlock(${lock})`);
    expect(await answered).toMatchObject({
      code: 'OAUTH_REQUEST_INVALID',
      message: expect.stringContaining('may not allow it any more'),
    });
  } finally {
    await admin.query('select pg_advisory_unlock_all()');
  }
  const { rowCount } = await admin.query('select from auth.oauth_grant where user_id = $1', [person.id]);
  expect(rowCount).toBe(0);
  expect((await poll(codes.device_code)).status).toBe(400);
});

it('gives tokens once, when a person has allowed it, for the team that they chose', async () => {
  const answer = await post('/oauth/device_authorization', { scope: 'flow:read openid' });
  expect(answer.body).toMatchObject({
    verification_uri: `${origin}/device`,
    expires_in: 600,
    interval: 5,
    device_code: expect.stringMatching(/^cd-[\w-]{43}$/),
    user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
  });
  const { device_code: code, user_code: userCode } = answer.body as unknown as Codes;
  expect(await poll(code)).toMatchObject(waits);
  // However it is typed.
  expect(await review(` ${userCode.toLowerCase().replace('-', ' ')} `)).toMatchObject({
    client: 'a terminal',
    userCode,
    permissions: ['flow:read'],
    learns: ['openid'],
    address: '192.0.2.1',
    userAgent: 'a test',
  });
  expect(await decide(userCode.toLowerCase())).toEqual({ client: 'a terminal' });
  const given = await poll(code);
  expect(given).toMatchObject({ status: 200, body: { scope: 'flow:read openid' } });
  const { access_token: token, refresh_token: refreshToken } = given.body as Record<string, string>;
  const { principal } = await bus.request(verifyToken, { tokenHash: apiKeyHash(token ?? '') });
  expect(principal).toMatchObject({ id: zoe.id, teamId: DEFAULT_TEAM_ID, permissions: ['flow:read'] });
  const { rows } = await admin.query(
    'select count(*)::int as count from auth.oauth_device_code t where t::text like any ($1)',
    [[`%${code}%`, `%${userCode}%`, `%${userCode.replace('-', '')}%`]],
  );
  expect(rows).toEqual([{ count: 0 }]);
  // Whoever uses the code again ends what followed from it.
  expect(await poll(code)).toMatchObject(refused('invalid_grant'));
  await expect(bus.request(verifyToken, { tokenHash: apiKeyHash(token ?? '') })).rejects.toMatchObject({
    code: 'TOKEN_INVALID',
  });
  const again = { grant_type: 'refresh_token', refresh_token: refreshToken ?? '' };
  expect(await post('/oauth/token', again)).toMatchObject(refused('invalid_grant'));
});

it('tells a program that asks too often to slow down, each time by five seconds more', async () => {
  const { device_code: code } = await newCodes();
  const intervalOf = async () =>
    (
      await admin.query<{ interval_s: number }>(
        'select interval_s from auth.oauth_device_code where token_hash = $1',
        [apiKeyHash(code)],
      )
    ).rows[0]?.interval_s;
  expect(await poll(code)).toMatchObject(waits);
  expect(await poll(code)).toMatchObject(refused('slow_down'));
  expect(await intervalOf()).toBe(10);
  expect(await poll(code)).toMatchObject(refused('slow_down'));
  expect(await intervalOf()).toBe(15);
  expect(await patiently(code)).toMatchObject(waits);
  for (let count = 0; count < 12; count++) await poll(code);
  expect(await intervalOf()).toBe(60);
});

it('gives nothing when the person refuses, and the code cannot be answered again', async () => {
  const { device_code: code, user_code: userCode } = await newCodes();
  const before = await grants();
  await decide(userCode, { decision: 'deny' });
  await expect(decide(userCode)).rejects.toMatchObject({ code: 'USER_CODE_UNKNOWN' });
  await expect(review(userCode)).rejects.toMatchObject({ code: 'USER_CODE_UNKNOWN' });
  expect(await poll(code)).toMatchObject(refused('access_denied'));
  expect(await poll(code)).toMatchObject(refused('invalid_grant'));
  expect(await grants()).toBe(before);
});

it('gives nothing for a code that has expired', async () => {
  const { device_code: code, user_code: userCode } = await newCodes();
  await admin.query(
    `update auth.oauth_device_code set expires_at = now(),
       content = jsonb_set(content, '{exp}', to_jsonb(extract(epoch from now())::int - 1)) where token_hash = $1`,
    [apiKeyHash(code)],
  );
  await expect(review(userCode)).rejects.toMatchObject({ code: 'USER_CODE_UNKNOWN' });
  await expect(decide(userCode)).rejects.toMatchObject({ code: 'USER_CODE_UNKNOWN' });
  expect(await poll(code)).toMatchObject(refused('expired_token'));
});

it('gives nothing for the code of another client, nor for one that was guessed', async () => {
  const { device_code: code, user_code: userCode } = await newCodes();
  const other = await newClient();
  expect(await poll(code, { client_id: other.id })).toMatchObject(refused('invalid_grant'));
  expect(await poll('cd-guessed')).toMatchObject(refused('invalid_grant'));
  await expect(review('BBBB-BBBB')).rejects.toMatchObject({ code: 'USER_CODE_UNKNOWN' });
  await expect(decide('', {})).rejects.toMatchObject({ code: 'USER_CODE_UNKNOWN' });
  await decide(userCode);
  expect(await poll(code, { client_id: other.id })).toMatchObject(refused('invalid_grant'));
  expect((await poll(code)).status).toBe(200);
});

it('is only for clients that have it among their grants, and ends with the client', async () => {
  const byBrowser = await newClient({ deviceFlow: false, redirectUris: ['http://127.0.0.1/back'] });
  expect(await post('/oauth/device_authorization', { client_id: byBrowser.id })).toMatchObject(
    refused('invalid_request'),
  );
  await expect(newClient({ deviceFlow: false })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  const gone = await newClient();
  const { device_code: code, user_code: userCode } = await newCodes({ client_id: gone.id });
  await bus.request(deleteOAuthClient, { principal: owner, requestId, clientId: gone.id });
  await expect(decide(userCode)).rejects.toMatchObject({ code: 'USER_CODE_UNKNOWN' });
  expect((await poll(code, { client_id: gone.id })).body['error']).toBe('invalid_client');
});

it('asks each time, whatever the program says of that', async () => {
  const { device_code: code, user_code: userCode } = await newCodes({ prompt: 'none' });
  expect(await poll(code)).toMatchObject(waits);
  await decide(userCode);
  expect((await poll(code)).status).toBe(200);
});

it('lets only people with a browser answer, for teams of theirs, and for programs of their organisation', async () => {
  const { device_code: code, user_code: userCode } = await newCodes();
  await expect(review(userCode, owner)).rejects.toMatchObject({ code: 'OAUTH_NEEDS_BROWSER' });
  await expect(decide(userCode, { principal: owner })).rejects.toMatchObject({ code: 'OAUTH_NEEDS_BROWSER' });
  const { id: teamId } = await bus.request(createTeam, {
    principal: owner,
    requestId,
    name: `not Zoe's ${randomUUID()}`,
  });
  await expect(decide(userCode, { teamId })).rejects.toMatchObject({ code: 'TEAM_UNKNOWN' });
  await admin.query(`insert into auth.organisation (id, name) values ($1, 'another')`, [teamId]);
  const move = (organisationId: string) =>
    admin.query('update auth.oauth_device_code set organisation_id = $2 where token_hash = $1', [
      apiKeyHash(code),
      organisationId,
    ]);
  await move(teamId);
  for (const decision of ['allow', 'deny'] as const)
    await expect(decide(userCode, { decision })).rejects.toMatchObject({ code: 'USER_CODE_UNKNOWN' });
  await move(DEFAULT_ORGANISATION_ID);
  expect(await patiently(code)).toMatchObject(waits);
});

it('counts one of several answers at the same time, and gives tokens to one of several questions', async () => {
  const { device_code: code, user_code: userCode } = await newCodes();
  const people = [zoe, ...(await Promise.all([newPerson(), newPerson(), newPerson()]))];
  const answers = await Promise.allSettled(
    people.flatMap((principal) => [decide(userCode, { principal }), decide(userCode, { principal })]),
  );
  const won = answers.filter(({ status }) => status === 'fulfilled');
  expect(won).toHaveLength(1);
  const { rowCount } = await admin.query(
    "select from auth.oauth_grant where user_id = any($1::uuid[]) and client_id = $2 and created_at > now() - interval '5 s' and ended_at is null and not exists (select from auth.oauth_token t where t.grant_id = auth.oauth_grant.id)",
    [people.map(({ id }) => id), client.id],
  );
  expect(rowCount).toBe(1);
  const given = await Promise.all([poll(code), poll(code), poll(code)]);
  expect(given.map(({ status }) => status).toSorted()).toEqual([200, 400, 400]);
  // The second one has ended what the first one got.
  const token = given.find(({ status }) => status === 200)?.body['access_token'];
  await expect(bus.request(verifyToken, { tokenHash: apiKeyHash(String(token)) })).rejects.toMatchObject({
    code: 'TOKEN_INVALID',
  });
});

it('says why it cannot be allowed, to the person and to the program', async () => {
  const person = await newPerson();
  await admin.query(
    `insert into auth.oauth_grant (id, organisation_id, team_id, user_id, client_id, content, expires_at)
     select gen_random_uuid(), $1, $2, $3, $4, '{}', now() + interval '1 hour' from generate_series(1, 200)`,
    [DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID, person.id, client.id],
  );
  const { device_code: code, user_code: userCode } = await newCodes();
  await expect(decide(userCode, { principal: person })).rejects.toMatchObject({
    code: 'OAUTH_REQUEST_INVALID',
    message: expect.stringContaining('at most 200 programs may act for a person'),
  });
  expect(await poll(code)).toMatchObject(refused('access_denied'));
});

it('has a limit of open codes, of a client and of an address, also when many ask at the same time', async () => {
  const { id } = await newClient();
  const ask = (address: string) => post('/oauth/device_authorization', { client_id: id }, address);
  const answers = await Promise.all(
    Array.from({ length: MOST_CODES_OF_NETWORK + 5 }, () => ask('192.0.2.9')),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(MOST_CODES_OF_NETWORK);
  expect(answers.find(({ status }) => status === 400)).toMatchObject(refused('temporarily_unavailable'));
  expect((await ask('192.0.2.10')).status).toBe(200);
  await admin.query(
    `insert into auth.oauth_device_code (id, token_hash, user_code_hash, organisation_id, client_id, content, expires_at)
     select gen_random_uuid(), encode(sha256((n || $2)::bytea), 'hex'), encode(sha256((n || $2)::bytea), 'hex'), $1, $2::uuid, '{}', now() + interval '1 minute'
     from generate_series(1, $3) n`,
    [DEFAULT_ORGANISATION_ID, id, MOST_CODES],
  );
  expect(await ask('192.0.2.11')).toMatchObject(refused('temporarily_unavailable'));
  await admin.query('update auth.oauth_device_code set expires_at = now() where client_id = $1', [id]);
  expect((await ask('192.0.2.9')).status).toBe(200);
});

/** The tokens that somebody lets the program have. */
async function tokensOf(principal: Principal, scope: string): Promise<Record<string, string>> {
  const codes = await newCodes({ scope });
  await decide(codes.user_code, { principal });
  const given = await poll(codes.device_code);
  expect(given.status).toBe(200);
  return given.body as Record<string, string>;
}

it('says that an address is verified only if a connection has verified it, at the last sign-in', async () => {
  const said = async (): Promise<unknown> => {
    const { id_token: idToken = '' } = await tokensOf(zoe, 'openid email');
    const { email, email_verified: isVerified } = decodeJwt(idToken);
    return { email, isVerified };
  };
  const email = 'typed@by-somebody-else.example';
  expect(await said()).toEqual({ email, isVerified: false });
  await admin.query('update auth."user" set email_verified = true where id = $1', [zoe.id]);
  expect(await said()).toEqual({ email, isVerified: true });
});

it('ends what it has made together with the grant, and a key that it has made may do no more than itself', async () => {
  const { access_token: token = '' } = await tokensOf(zoe, 'key:write flow:read');
  const { principal: program } = await bus.request(verifyToken, { tokenHash: apiKeyHash(token) });
  const newKey = async (principal: Principal) => {
    const { secret, ...stored } = newApiKey();
    const permissions = ['key:write' as const];
    const { key } = await bus.request(createKey, { principal, requestId, ...stored, name: 'k', permissions });
    return { id: key.id, secret };
  };
  const { secret: first } = await newKey(program);
  const byKey = await principalOf(first);
  expect(byKey).toMatchObject({ tokenId: program.tokenId, permissions: ['key:write'] });
  const second = await newKey(byKey);
  const byNext = await principalOf(second.secret);
  for (const principal of [program, byKey, byNext]) {
    const by = { principal, requestId };
    const { secretHash } = newClientSecret();
    for (const act of [
      () => bus.request(listUserSessions, { principal, page: { limit: 10 } }),
      () => bus.request(endSession, { ...by, sessionId: zoe.sessionId ?? '' }),
      () => bus.request(listOAuthGrants, { principal, page: { limit: 10 } }),
      () => bus.request(endOAuthGrant, { ...by, grantId: randomUUID() }),
      () => bus.request(rotateKey, { ...by, ...newApiKey(), keyId: second.id, overlapS: 0 }),
      () => bus.request(createOAuthClient, { ...by, name: 'n', kind: 'confidential', secretHash }),
    ])
      await expect(act()).rejects.toMatchObject({ code: 'TOKEN_NOT_ENOUGH' });
  }
  const { rows } = await admin.query<{ id: string }>(
    'select grant_id as id from auth.oauth_token where id = $1',
    [program.tokenId],
  );
  await bus.request(endOAuthGrant, { principal: zoe, requestId, grantId: rows[0]?.id ?? '' });
  for (const secret of [first, second.secret])
    await expect(principalOf(secret)).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
  await expect(newKey(byNext)).rejects.toMatchObject({ code: 'KEY_INVALID' });
});
