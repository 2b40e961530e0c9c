import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import type * as client from 'openid-client';
import { afterAll, afterEach, expect, test } from 'vitest';
import {
  type Faults,
  OTHER_ISSUER,
  type Page,
  startIdentityProvider,
  submitSignIn,
  Visitor,
} from '../src/index.js';
import {
  AFTER_LOGOUT,
  ann,
  app,
  CLIENT_ID,
  CLIENT_SECRET,
  exchange,
  prepare,
  REDIRECT,
} from './relying-party.js';

const provider = await startIdentityProvider({
  people: [ann],
  clients: [app],
  keySeed: 'tests',
  groupsIn: 'both',
});
afterAll(() => provider.close());
afterEach(() => provider.setFaults({}));

/** Signs in up to the code, which the caller exchanges. */
async function codeOf(faults: Faults) {
  const attempt = await prepare(provider);
  provider.setFaults(faults);
  const visitor = new Visitor();
  const page = await submitSignIn(visitor, await visitor.get(attempt.url), ann.email, ann.password);
  return { attempt, page };
}

/** The answer of the token endpoint, unchecked. */
async function tokensOf({ attempt, page }: Awaited<ReturnType<typeof codeOf>>) {
  const response = await fetch(`${provider.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      code: new URL(page.location ?? '').searchParams.get('code') ?? '',
      redirect_uri: REDIRECT,
      code_verifier: attempt.verifier,
    }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as { id_token: string; access_token: string };
}

const failureOf = (exchanging: Promise<client.TokenEndpointResponse>) =>
  exchanging.then(
    () => 'accepted',
    (error: Error) => `${error.message} ${error.cause instanceof Error ? error.cause.message : ''}`,
  );
/** What a client says to an ID token with this fault. */
const refusalOf = async (idToken: Faults['idToken']) => {
  const { attempt, page } = await codeOf({ idToken });
  return failureOf(exchange(attempt, page));
};
const jwks = () => createRemoteJWKSet(new URL(`${provider.issuer}/jwks`));
const verify = (token: string) => jwtVerify(token, jwks());

test('without a fault everything is accepted', async () => {
  const { attempt, page } = await codeOf({});
  expect(await failureOf(exchange(attempt, page))).toBe('accepted');
});

test.each([
  ['otherNonce', { nonce: 'of-another-request' }, /nonce/],
  ['otherAudience', { aud: 'another-client' }, /aud/],
  ['otherIssuer', { iss: OTHER_ISSUER }, /iss/],
] as const)('an ID token with %s is signed well and refused', async (idToken, claims, message) => {
  const { id_token: token } = await tokensOf(await codeOf({ idToken }));
  expect((await verify(token)).payload).toMatchObject({ sub: 'ann-1', ...claims });
  expect(await refusalOf(idToken)).toMatch(message);
});

test('an ID token without a nonce is signed well and refused', async () => {
  const { id_token: token } = await tokensOf(await codeOf({ idToken: 'noNonce' }));
  expect((await verify(token)).payload).not.toHaveProperty('nonce');
  expect(await refusalOf('noNonce')).toMatch(/nonce/);
});

test('an ID token of an hour ago is signed well and refused', async () => {
  const { id_token: token } = await tokensOf(await codeOf({ idToken: 'expired' }));
  const anHourAgo = new Date(Date.now() - 3_600_000);
  const { payload } = await jwtVerify(token, jwks(), { currentDate: new Date(anHourAgo.getTime() - 60_000) });
  expect(payload.exp).toBeLessThanOrEqual(anHourAgo.getTime() / 1_000);
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
  expect(await refusalOf('expired')).toMatch(/exp/);
});

test('an ID token about somebody else is signed well; only userinfo tells the truth', async () => {
  const { id_token: token, access_token: accessToken } = await tokensOf(
    await codeOf({ idToken: 'otherSubject' }),
  );
  expect((await verify(token)).payload.sub).toBe('somebody-else');
  expect((await userinfoOf(accessToken))['sub']).toBe('ann-1');
});

test('an ID token of another key names the published one', async () => {
  const code = await codeOf({ idToken: 'otherKey' });
  const { id_token: token } = await tokensOf(code);
  const { keys } = (await (await fetch(`${provider.issuer}/jwks`)).json()) as { keys: { kid: string }[] };
  expect(decodeProtectedHeader(token).kid).toBe(keys[0]?.kid);
  await expect(verify(token)).rejects.toMatchObject({ code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
  expect(await refusalOf('otherKey')).toMatch(/signature/);
});

test('an ID token can say that it has no signature', async () => {
  const { id_token: token } = await tokensOf(await codeOf({ idToken: 'algNone' }));
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'none' });
  expect(token.endsWith('.')).toBe(true);
  expect(decodeJwt(token)).toMatchObject({ sub: 'ann-1', aud: CLIENT_ID });
  expect(await refusalOf('algNone')).toMatch(/alg/);
});

test.each([
  ['otherIssuer', 'iss', OTHER_ISSUER],
  ['noIssuer', 'iss', null],
  ['otherState', 'state', 'of-another-request'],
] as const)('the way back has %s, and a client refuses it', async (callback, name, value) => {
  const { attempt, page } = await codeOf({ callback });
  expect(new URL(page.location ?? '').searchParams.get(name)).toBe(value);
  expect(new URL(page.location ?? '').searchParams.get('code')).toEqual(expect.any(String));
  expect(await failureOf(exchange(attempt, page))).toMatch(new RegExp(name));
});

test('an answer that refuses has the same mistakes', async () => {
  provider.setFaults({});
  const { url } = await prepare(provider, { prompt: 'none' });
  provider.setFaults({ callback: 'otherState' });
  const { location = '' } = (await new Visitor().get(url)) as Page;
  expect(Object.fromEntries(new URL(location).searchParams)).toMatchObject({
    error: 'login_required',
    state: 'of-another-request',
  });
});

test('the way back after signing out is left alone', async () => {
  provider.setFaults({ callback: 'otherState' });
  const visitor = new Visitor();
  const query = new URLSearchParams({
    client_id: CLIENT_ID,
    post_logout_redirect_uri: AFTER_LOGOUT,
    state: 'kept',
  });
  const page = await visitor.get(`${provider.issuer}/session/end?${query}`);
  const { location } = await visitor.follow(page, ({ port }) => port === '9');
  expect(location).toBe(`${AFTER_LOGOUT}?state=kept`);
});

test('discovery names another issuer', async () => {
  provider.setFaults({ discovery: 'otherIssuer' });
  await expect(prepare(provider)).rejects.toThrow();
  const url = `${provider.issuer}/.well-known/openid-configuration`;
  expect(await (await fetch(url)).json()).toMatchObject({
    issuer: OTHER_ISSUER,
    token_endpoint: `${provider.issuer}/token`,
  });
});

test('userinfo is about somebody else', async () => {
  const { id_token: token, access_token: accessToken } = await tokensOf(
    await codeOf({ userinfo: 'otherSubject' }),
  );
  expect([decodeJwt(token).sub, (await userinfoOf(accessToken))['sub']]).toEqual(['ann-1', 'somebody-else']);
});

test.each([
  ['string', 'staff payments'],
  ['number', 2],
  ['object', { staff: true, payments: true }],
  ['tenThousand', expect.arrayContaining(['staff', 'payments', 'group-2', 'group-9999'])],
] as const)('the groups are a %s, in the ID token and in userinfo', async (groups, value) => {
  const { id_token: token, access_token: accessToken } = await tokensOf(await codeOf({ groups }));
  const both = [decodeJwt(token)['groups'], (await userinfoOf(accessToken))['groups']];
  expect(both).toEqual([value, value]);
  if (groups === 'tenThousand') expect(both[0]).toHaveLength(10_000);
});

test('email_verified is a text', async () => {
  const { id_token: token, access_token: accessToken } = await tokensOf(
    await codeOf({ emailVerified: 'text' }),
  );
  expect(decodeJwt(token)['email_verified']).toBe('false');
  expect((await userinfoOf(accessToken))['email_verified']).toBe('false');
});

test.each([
  ['discovery', '/.well-known/openid-configuration'],
  ['jwks', '/jwks'],
  ['token', '/token'],
  ['userinfo', '/me'],
] as const)('%s fails, or answers late', async (endpoint, path) => {
  const method = endpoint === 'token' ? 'POST' : 'GET';
  const ask = () => fetch(`${provider.issuer}${path}`, { method });
  const usual = (await ask()).status;
  provider.setFaults({ answers: { [endpoint]: { status: 503 } } });
  expect((await ask()).status).toBe(503);
  provider.setFaults({ answers: { [endpoint]: { delayMs: 60 } } });
  const startedAt = performance.now();
  expect((await ask()).status).toBe(usual);
  // Timers may fire a millisecond early.
  expect(performance.now() - startedAt).toBeGreaterThan(58);
});

test('closing does not wait for late answers', async () => {
  const other = await startIdentityProvider({ people: [ann], clients: [app], keySeed: 'tests' });
  other.setFaults({ answers: { jwks: { delayMs: 600_000 } } });
  const asking = fetch(`${other.issuer}/jwks`).catch(() => 'failed');
  await expect.poll(() => other.requests).toEqual(['GET /jwks']);
  await other.close();
  expect(await asking).toBe('failed');
});

test('a fault that does not exist is refused, and the old ones stay', async () => {
  provider.setFaults({ emailVerified: 'text' });
  // The type forbids it; a program without types would pass it.
  expect(() => provider.setFaults({ idToken: 'wrong' } as unknown as Faults)).toThrow(
    /not faults[\s\S]*idToken/,
  );
  expect(() => provider.setFaults({ answers: { jwks: { delayMs: -1 } } })).toThrow(/delayMs/);
  const { id_token: token } = await tokensOf(await codeOf({ emailVerified: 'text' }));
  expect(decodeJwt(token)['email_verified']).toBe('false');
});

async function userinfoOf(accessToken: string): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${accessToken}` };
  const response = await fetch(`${provider.issuer}/me`, { headers });
  return (await response.json()) as Record<string, unknown>;
}
