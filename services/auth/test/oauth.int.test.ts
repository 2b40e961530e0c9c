import { randomUUID } from 'node:crypto';
import {
  DEFAULT_ORGANISATION_ID,
  DEFAULT_TEAM_ID,
  OAuthAnswer,
  type OAuthRequest,
  askOAuth,
  createKey,
  createOAuthClient,
  createServiceAccount,
  deleteOAuthClient,
  verifyToken,
} from '@causeway/contracts';
import { SealedKind, apiKeyHash, newApiKey, newClientSecret } from '@causeway/platform';
import { expect, it } from 'vitest';
import { MOST_TOKENS } from '../src/store/oauth/token.store.js';
import { startAuth } from './auth.js';

const ROOT = 'sk-the-bootstrap-key-of-the-oauth-tests';
const ORIGIN = 'https://causeway.example';
const { bus, admin, vault, principalOf } = await startAuth(ROOT);
const principal = await principalOf(ROOT);
const place = { organisationId: DEFAULT_ORGANISATION_ID, kind: SealedKind.typed, id: 'r' };

const ask = async (more: Partial<OAuthRequest>): Promise<OAuthAnswer> => {
  const request = { method: 'POST', path: '/oauth/token', origin: ORIGIN, body: '', ...more };
  const sealed = await vault.seal(JSON.stringify(request), place);
  const reply = await bus.request(askOAuth, { sealed, requestId: 'r' });
  expect(JSON.stringify(reply)).not.toMatch(/access_token|issuer/);
  return OAuthAnswer.parse(JSON.parse(await vault.open(reply.sealed, place)));
};

const newClient = async () => {
  const account = await bus.request(createServiceAccount, {
    principal,
    requestId: 'r',
    teamId: DEFAULT_TEAM_ID,
    name: `account ${randomUUID()}`,
    role: 'runner',
  });
  const { secret, secretHash } = newClientSecret();
  const client = await bus.request(createOAuthClient, {
    principal,
    requestId: 'r',
    name: 'program',
    kind: 'service',
    serviceAccountId: account.id,
    secretHash,
  });
  const authorization = `Basic ${Buffer.from(`${client.id}:${secret}`).toString('base64')}`;
  const contentType = 'application/x-www-form-urlencoded';
  return { client, account, sending: { authorization, contentType, body: 'grant_type=client_credentials' } };
};

type Made = Awaited<ReturnType<typeof newClient>>;

it('gives a token whose principal is the account, and stores only its hash', async () => {
  const { account, sending } = await newClient();
  const answer = await ask(sending);
  expect(answer.status).toBe(200);
  const { access_token: token } = JSON.parse(answer.body) as { access_token: string };
  const found = await bus.request(verifyToken, { tokenHash: apiKeyHash(token) });
  expect(found.principal).toMatchObject({ kind: 'service_account', id: account.id, teamId: DEFAULT_TEAM_ID });
  const { rows } = await admin.query(
    'select count(*)::int as count from auth.oauth_token t where t::text like $1',
    [`%${token}%`],
  );
  expect(rows).toEqual([{ count: 0 }]);
});

it('lets what has begun go on with a token that has expired, but not with one that ended otherwise', async () => {
  const { client, sending } = await newClient();
  const { access_token: token } = JSON.parse((await ask(sending)).body) as { access_token: string };
  const tokenHash = apiKeyHash(token);
  const verify = (again: boolean) => bus.request(verifyToken, { tokenHash, again });
  const expire = (ago: string) =>
    admin.query('update auth.oauth_token set expires_at = now() - $2::interval where token_hash = $1', [
      tokenHash,
      ago,
    ]);
  const invalid = { code: 'TOKEN_INVALID' };
  await expire('1 second');
  await expect(verify(false)).rejects.toMatchObject(invalid);
  expect((await verify(true)).principal.kind).toBe('service_account');
  await expire('1 day');
  await expect(verify(true)).rejects.toMatchObject(invalid);
  await expire('-1 minute');
  expect((await verify(false)).principal.kind).toBe('service_account');
  await bus.request(deleteOAuthClient, { principal, requestId: 'r', clientId: client.id });
  await expect(verify(true)).rejects.toMatchObject(invalid);
});

it('refuses tokens beyond the limit of a client, and gives one again when others have expired', async () => {
  const { client, sending } = await newClient();
  await admin.query(
    `insert into auth.oauth_token (id, token_hash, kind, organisation_id, client_id, content, expires_at)
     select gen_random_uuid(), encode(sha256(n::text::bytea), 'hex'), 'ClientCredentials', $1, $2, '{}', now() + interval '1 hour'
     from generate_series(1, $3) n`,
    [principal.organisationId, client.id, MOST_TOKENS],
  );
  const refused = await ask(sending);
  expect([refused.status, JSON.parse(refused.body)]).toMatchObject([
    400,
    { error: 'temporarily_unavailable', error_description: expect.stringContaining('too many valid tokens') },
  ]);
  await admin.query('update auth.oauth_token set expires_at = now() where client_id = $1', [client.id]);
  expect((await ask(sending)).status).toBe(200);
});

it('answers only what the gateway may ask, and only what is sealed', async () => {
  for (const path of ['/oauth/authorize', '/oauth/token/x', '/interaction/x', '/session/end/confirm'])
    await expect(ask({ method: 'GET', path })).rejects.toMatchObject({ code: 'ROUTE_UNKNOWN' });
  await expect(bus.request(askOAuth, { sealed: '{}', requestId: 'r' })).rejects.toMatchObject({
    code: 'SEALED_UNREADABLE',
  });
});

it('says of itself what its address is, at each address', async () => {
  for (const origin of [ORIGIN, ...Array.from({ length: 12 }, (_, n) => `https://host-${n}.example`)]) {
    const answer = await ask({ method: 'GET', path: '/.well-known/openid-configuration', origin });
    expect(JSON.parse(answer.body)).toMatchObject({
      issuer: origin,
      token_endpoint: `${origin}/oauth/token`,
    });
    expect(Object.keys(answer.headers)).not.toContain('set-cookie');
  }
});

it('seals the signing key where it stores it', async () => {
  await ask({ method: 'GET', path: '/oauth/jwks' });
  const { rows } = await admin.query<{ id: string; sealed: string }>('select id, sealed from auth.oauth_key');
  expect(rows).toHaveLength(1);
  const [{ id, sealed } = { id: '', sealed: '' }] = rows;
  const key = JSON.parse(await vault.open(sealed, { ...place, kind: SealedKind.signingKey, id })) as {
    d?: string;
  };
  expect(JSON.stringify(rows)).not.toContain(key.d);
});

it('lets nobody make programs who may not, nor with more than they may', async () => {
  const { account } = await newClient();
  const wanted = {
    requestId: 'r',
    name: 'program',
    kind: 'service' as const,
    serviceAccountId: account.id,
    secretHash: 'a'.repeat(64),
  };
  const none = { ...principal, keyId: randomUUID() };
  await expect(bus.request(createOAuthClient, { ...wanted, principal: none })).rejects.toMatchObject({
    code: 'KEY_INVALID',
  });
  const organisational = { ...wanted, principal, permissions: ['organisation:write' as const] };
  const made = await bus.request(createOAuthClient, organisational);
  // The account has no such role: its tokens allow nothing then.
  expect(made.permissions).toEqual(['organisation:write']);
  const { serviceAccountId: _account, ...rest } = wanted;
  await expect(bus.request(createOAuthClient, { ...rest, principal })).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
  });
  await expect(
    bus.request(createOAuthClient, { ...wanted, principal, kind: 'public' }),
  ).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
});

it.each([
  [
    'is given back',
    async ({ sending }: Made, token: string) =>
      void (await ask({ ...sending, path: '/oauth/revoke', body: `token=${token}` })),
  ],
  [
    'loses its client',
    ({ client }: Made) => bus.request(deleteOAuthClient, { principal, requestId: 'r', clientId: client.id }),
  ],
  [
    'has an account that is disabled',
    async ({ account }: Made) =>
      void (await admin.query('update auth.service_account set disabled_at = now() where id = $1', [
        account.id,
      ])),
  ],
])('a token that %s ends the keys that it has made, whoever holds them', async (_what, end) => {
  const made = await newClient();
  const { access_token: token } = JSON.parse((await ask(made.sending)).body) as { access_token: string };
  const { principal: program } = await bus.request(verifyToken, { tokenHash: apiKeyHash(token) });
  const other = await newClient();
  await admin.query(`update auth.role_binding set role = 'admin' where subject_id = any ($1)`, [
    [made.account.id, other.account.id],
  ]);
  const serviceAccountId = other.account.id;
  const { secret, ...stored } = newApiKey();
  await bus.request(createKey, {
    principal: program,
    requestId: 'r',
    ...stored,
    name: 'k',
    permissions: ['flow:read'],
    serviceAccountId,
  });
  expect(await principalOf(secret)).toMatchObject({ id: serviceAccountId, permissions: ['flow:read'] });
  await end(made, token);
  await expect(principalOf(secret)).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
});
