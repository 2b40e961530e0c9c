import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type IdentityProvider,
  Visitor,
  findForms,
  signInAt,
  startIdentityProvider,
} from '@causeway/identity-provider';
import { waitFor } from '@causeway/testing';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Answer } from '../support/api.js';
import { causewayCli } from '../support/cli.js';
import { chatFlow } from '../support/flows.js';
import { type BareFrame, bareFrames } from '../support/frames.js';
import { OAuthProgram, type Registered, TokenApi, backOf, given } from '../support/oauth-client.js';
import { newAccount } from '../support/service-account.js';
import { SignedIn } from '../support/signed-in.js';
import type { Stack } from '../support/stack.js';

const CONNECTION = 'oauth-people';
const CLIENT = { clientId: 'causeway', clientSecret: 'a client secret for tests' };
/** A second, and additional time for a busy machine. */
const WITHIN_MS = 5_000;
const WANTED = 'flow:read flow:run';
/** An answer that takes about three seconds, longer than a token is trusted without asking again. */
const SLOWLY = { reply: { chunks: Array.from({ length: 15 }, (_, at) => `word${at} `), chunkDelayMs: 200 } };
const BACK = 'http://127.0.0.1:4711/back';

/** Programs get tokens, for service accounts and for people who allow it. */
export function oauthStories(stack: Stack): void {
  const { api, causeway, sql } = stack;
  const { url } = causeway;
  let provider: IdentityProvider;
  let team: { id: string };

  const withToken = (token: string): TokenApi => new TokenApi(url, token);
  const statusOf = async (token: string): Promise<number> =>
    (await withToken(token).send('GET', '/api/platform/v1/self')).status;
  const hasEnded = (token: string): Promise<unknown> =>
    waitFor(async () => (await statusOf(token)) === 401, { timeoutMs: WITHIN_MS, what: 'the token to end' });
  const errorOf = (answer: Answer): [number, string] => [
    answer.status,
    answer.json<{ error: string }>().error,
  ];
  const newService = async (role: string, body: object = {}) => {
    const account = await newAccount(api, team.id, role);
    const path = `/api/platform/v1/service-accounts/${account.id}/clients`;
    const client = await api.ask<Registered>('POST', path, { body: { name: 'a program', ...body } });
    return { account, path, client, program: new OAuthProgram(api, client) };
  };
  const newClient = (body: object): Promise<Registered> =>
    api.ask('POST', '/api/platform/v1/clients', {
      body: { name: `Program ${randomUUID().slice(0, 8)}`, redirectUris: [BACK], ...body },
    });
  const signIn = async (groups = ['oauth-editors']): Promise<SignedIn> => {
    const subject = randomUUID();
    const email = `${subject.slice(0, 8)}@acme.example`;
    const password = 'a password for tests';
    provider.setPerson({ subject, name: `Olga ${subject.slice(0, 8)}`, email, groups, password });
    const visitor = new Visitor();
    const page = await signInAt(visitor, `${url}/sign-in/${CONNECTION}?to=/`, email, password);
    return new SignedIn(url, visitor, page);
  };

  beforeAll(async () => {
    const redirectUris = [`${url}/sign-in/${CONNECTION}/callback`];
    provider = await startIdentityProvider({ people: [], clients: [{ ...CLIENT, redirectUris }] });
    team = await api.ask('POST', '/api/platform/v1/teams', { body: { name: `OAuth ${randomUUID()}` } });
    const body = { issuer: provider.issuer, ...CLIENT };
    await api.ask('PUT', `/api/platform/v1/connections/${CONNECTION}`, { body });
    const group = { name: 'oauth-editors', connection: CONNECTION };
    const { id } = await api.ask<{ id: string }>('POST', '/api/platform/v1/groups', { body: group });
    const subject = { kind: 'group', id };
    await api.ask('POST', '/api/platform/v1/role-bindings', {
      body: { subject, role: 'editor', level: 'team', objectId: team.id },
    });
  });
  afterAll(() => provider.close());

  describe('a program with a client of a service account', () => {
    test('gets a token that allows what the account may do, and no more than it asked for', async () => {
      const { account, program } = await newService('editor');
      const all = await program.own();
      expect(all).toMatchObject({ token_type: 'Bearer', expires_in: 600 });
      expect(all.access_token).toMatch(/^ct-[\w-]{43}$/);
      expect(all.scope?.split(' ')).toContain('flow:write');
      const self = await withToken(all.access_token).ask<object>('GET', '/api/platform/v1/self');
      expect(self).toMatchObject({ subject: { kind: 'service_account', id: account.id }, teamId: team.id });
      const narrow = await program.own({ scope: 'flow:read' });
      expect(narrow.scope).toBe('flow:read');
      const narrowed = withToken(narrow.access_token);
      expect((await narrowed.send('GET', '/api/v1/flows/')).status).toBe(200);
      const write = await narrowed.send('POST', '/api/v1/flows/', { body: { name: 'x', data: null } });
      expect([write.status, write.json().code]).toEqual([403, 'PERMISSION_DENIED']);
    });

    test('gets nothing that its client may not have, and tokens lose what the account loses', async () => {
      const { account, program } = await newService('editor', { permissions: ['flow:read', 'flow:write'] });
      expect(
        errorOf(await program.post('/oauth/token', { grant_type: 'client_credentials', scope: 'flow:run' })),
      ).toEqual([400, 'invalid_scope']);
      expect(
        errorOf(
          await program.post('/oauth/token', { grant_type: 'client_credentials', scope: 'all:things' }),
        ),
      ).toEqual([400, 'invalid_scope']);
      const { access_token: token } = await program.own();
      expect(await statusOf(token)).toBe(200);
      await api.ask('PATCH', `/api/platform/v1/service-accounts/${account.id}`, { body: { disabled: true } });
      await hasEnded(token);
      expect((await program.post('/oauth/introspect', { token })).json()).toEqual({ active: false });
      expect(errorOf(await program.post('/oauth/token', { grant_type: 'client_credentials' }))).toEqual([
        400,
        'unauthorized_client',
      ]);
    });

    test('is refused with a wrong secret, and after its client or the key that made it has ended', async () => {
      const { client, program, account } = await newService('admin');
      const form = { grant_type: 'client_credentials' };
      expect(errorOf(await program.post('/oauth/token', form, 'cp-wrong'))).toEqual([401, 'invalid_client']);
      const { access_token: token } = await program.own();
      await api.ask('DELETE', `/api/platform/v1/clients/${client.id}`);
      await hasEnded(token);
      expect(errorOf(await program.post('/oauth/token', form))).toEqual([401, 'invalid_client']);
      const path = `/api/platform/v1/service-accounts/${account.id}/clients`;
      const made = await account.api.ask<Registered>('POST', path, { body: { name: 'made by a key' } });
      const other = new OAuthProgram(api, made);
      const { access_token: second } = await other.own();
      await api.ask('DELETE', `/api/v1/api_key/${account.keyId}`);
      await waitFor(async () => (await statusOf(second)) === 401, { timeoutMs: WITHIN_MS });
      expect(errorOf(await other.post('/oauth/token', form))).toEqual([401, 'invalid_client']);
    });

    test('has two valid secrets for a day after the secret was renewed, and never three', async () => {
      const { client, program } = await newService('viewer');
      const renew = () => api.ask<Registered>('POST', `/api/platform/v1/clients/${client.id}/secret`);
      const form = { grant_type: 'client_credentials' };
      const second = await renew();
      expect((await program.post('/oauth/token', form)).status).toBe(200);
      expect((await program.post('/oauth/token', form, second.secret)).status).toBe(200);
      await renew();
      expect((await program.post('/oauth/token', form, second.secret)).status).toBe(200);
      expect(errorOf(await program.post('/oauth/token', form))).toEqual([401, 'invalid_client']);
    });

    test('learns about its own tokens only, and revokes only these', async () => {
      const [one, other] = [await newService('viewer'), await newService('viewer')];
      const { access_token: token } = await one.program.own();
      const about = async (program: OAuthProgram) =>
        (await program.post('/oauth/introspect', { token })).json<{ active: boolean }>();
      expect(await about(one.program)).toMatchObject({ active: true, client_id: one.client.id });
      expect(await about(other.program)).toEqual({ active: false });
      const nobody = await one.program.post('/oauth/introspect', { token }, 'cp-wrong');
      expect(errorOf(nobody)).toEqual([401, 'invalid_client']);
      await other.program.post('/oauth/revoke', { token });
      expect(await statusOf(token)).toBe(200);
      expect((await one.program.post('/oauth/revoke', { token })).status).toBe(200);
      await hasEnded(token);
    });

    test('makes nothing with a token that would outlive it', async () => {
      const { account, path, program } = await newService('admin');
      const { access_token: token } = await program.own();
      const client = await withToken(token).send('POST', path, { body: { name: 'more' } });
      expect([client.status, client.json().code]).toEqual([403, 'TOKEN_NOT_ENOUGH']);
      const keys = `/api/platform/v1/service-accounts/${account.id}/keys`;
      const far = new Date(Date.now() + 86_400_000).toISOString();
      const key = await withToken(token).send('POST', keys, { body: { expires_at: far } });
      expect(key.json().code).toBe('KEY_OUTLIVES_MAKER');
      const made = await withToken(token).ask<{ expires_at: string }>('POST', keys, { body: {} });
      expect(Date.parse(made.expires_at)).toBeLessThan(Date.now() + 600_000);
    });

    test('reads a stream to its end when its token expires meanwhile, and begins no other one', async () => {
      stack.provider.setScript([SLOWLY]);
      onTestFinished(() => stack.provider.setScript([]));
      const { account, program } = await newService('editor');
      const flow = await account.api.importFlow(chatFlow());
      const mine = withToken((await program.own()).access_token);
      const body = { input_value: 'x' };
      const response = await mine.open('POST', `/api/v1/run/${flow.id}?stream=true`, { body });
      const frames: BareFrame[] = [];
      for await (const frame of bareFrames(response)) {
        frames.push(frame);
        if (frame.event !== 'token' || frames.some(({ event }) => event === 'expired')) continue;
        frames.push({ event: 'expired', data: {} } as BareFrame);
        await sql('update auth.oauth_token set expires_at = now() where client_id = $1', [program.client.id]);
      }
      expect(frames.map(({ event }) => event)).toContain('expired');
      expect(frames.at(-1)?.event).toBe('end');
      expect((await mine.run(flow.id, body)).status).toBe(401);
    });

    test('is in the audit log, without the token and the secret', async () => {
      const { client, program } = await newService('viewer');
      const { access_token: token } = await program.own();
      await program.post('/oauth/token', { grant_type: 'client_credentials' }, 'cp-wrong-for-the-log');
      const rows = () =>
        sql<{ content: string }>('select content from audit.event where content like $1 order by time, id', [
          `%${client.id}%`,
        ]);
      await waitFor(async () => (await rows()).length >= 2);
      const events = (await rows()).map(({ content }) => JSON.parse(content) as { action: string });
      expect(events.map(({ action }) => action)).toEqual(['client.create', 'token.create']);
      const refused = () =>
        sql<object>("select 1 from audit.event where content like '%OAUTH_REFUSED%' limit 1");
      await waitFor(async () => (await refused()).length > 0);
      const [leaked] = await sql<{ count: string }>(
        'select count(*) from audit.event where content like $1 or content like $2 or content like $3',
        [`%${token}%`, `%${client.secret}%`, '%cp-wrong-for-the-log%'],
      );
      expect(leaked?.count).toBe('0');
      const kept = await sql<object>('select 1 from auth.oauth_token t where t::text like $1', [
        `%${token}%`,
      ]);
      expect(kept).toEqual([]);
    });
  });

  describe('the gateway', () => {
    test('N43: takes only an access token as one, and an access token only as Bearer', async () => {
      const { account, program } = await newService('viewer');
      const { access_token: token } = await program.own();
      const who = await signIn();
      const client = await newClient({ kind: 'public' });
      const tokens = await new OAuthProgram(api, client).getTokens(who.visitor, `openid ${WANTED}`);
      const wrong = [account.api.key, tokens.refresh_token, tokens.id_token, 'ct-unknown', ''];
      for (const one of wrong) {
        const answer = await withToken(one ?? '').send('GET', '/api/v1/flows/');
        expect([one?.slice(0, 3), answer.status]).toEqual([one?.slice(0, 3), one === '' ? 403 : 401]);
      }
      // The token of a session is one of its own kind, and what it may do is not narrowed by scopes.
      expect((await withToken(who.cookie.value).send('GET', '/api/v1/flows/')).status).toBe(200);
      expect(
        new Headers((await withToken('ct-x').send('GET', '/api/v1/flows/')).headers).get('www-authenticate'),
      ).toBe('Bearer error="invalid_token"');
      expect((await api.as(token).send('GET', '/api/v1/flows/')).json().code).toBe('KEY_INVALID');
      const asCookie = await api
        .as(undefined)
        .send('GET', '/api/v1/flows/', { headers: { cookie: `${who.cookie.name}=${token}` } });
      expect(asCookie.status).toBe(401);
    });

    test('C17: signs ID tokens by one algorithm, with keys that it publishes, also after they were renewed', async () => {
      const who = await signIn();
      const client = await newClient({ kind: 'public' });
      const program = new OAuthProgram(api, client);
      const before = await program.getTokens(who.visitor, `openid profile ${WANTED}`);
      const renewed = await api.ask<{ keyId: string }>('POST', '/api/platform/v1/signing-keys');
      const configuration = await api
        .as(undefined)
        .ask<Record<string, unknown>>('GET', '/.well-known/openid-configuration');
      expect(configuration).toMatchObject({
        issuer: url,
        token_endpoint: `${url}/oauth/token`,
        code_challenge_methods_supported: ['S256'],
        response_modes_supported: ['query'],
        id_token_signing_alg_values_supported: ['ES256'],
      });
      expect(await api.as(undefined).ask('GET', '/.well-known/oauth-authorization-server')).toEqual(
        configuration,
      );
      const published = () =>
        api.as(undefined).ask<{ keys: { kid: string; d?: string }[] }>('GET', '/oauth/jwks');
      await waitFor(async () => (await published()).keys.some(({ kid }) => kid === renewed.keyId), {
        timeoutMs: 10_000,
      });
      const { keys } = await published();
      expect(keys.filter(({ d }) => d !== undefined)).toEqual([]);
      const after = await program.getTokens(who.visitor, `openid profile ${WANTED}`);
      for (const { id_token: idToken = '' } of [before, after]) {
        const options = { issuer: url, audience: client.id, algorithms: ['ES256'] };
        const { payload } = await jwtVerify(idToken, createLocalJWKSet({ keys } as never), options);
        expect(payload.sub).toBe(await who.id());
      }
    });
  });

  describe('a program that asks a person', () => {
    test('may do what the person allows it, and what they may do themselves', async () => {
      const who = await signIn();
      const client = await newClient({ kind: 'confidential' });
      const program = new OAuthProgram(api, client);
      const page = await who.visitor.get(program.authorizeUrl(`${WANTED} organisation:write`));
      expect(page.body).toContain('run flows');
      expect(page.body).toContain('You may not do all of this yourself now');
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      const back = await program.ask(who.visitor, `${WANTED} organisation:write`);
      expect(`${back.origin}${back.pathname}`).toBe(BACK);
      expect(back.searchParams.get('state')).toBe(program.state);
      expect(back.searchParams.get('iss')).toBe(url);
      const tokens = given(await program.redeem(back.searchParams.get('code') ?? ''));
      const mine = withToken(tokens.access_token);
      expect(await mine.ask<object>('GET', '/api/platform/v1/self')).toMatchObject({
        subject: { kind: 'user', id: await who.id() },
      });
      expect((await mine.send('GET', '/api/v1/flows/')).status).toBe(200);
      expect((await mine.send('GET', '/api/platform/v1/connections')).json().code).toBe('PERMISSION_DENIED');
      expect((await mine.send('POST', '/api/v1/flows/', { body: { name: 'x' } })).json().code).toBe(
        'PERMISSION_DENIED',
      );
      for (const path of ['/api/platform/v1/sessions', '/api/platform/v1/grants'])
        expect((await mine.send('GET', path)).json().code).toBe('TOKEN_NOT_ENOUGH');
      const { items } = await who.ask<{ items: object[] }>('GET', '/api/platform/v1/grants');
      expect(items).toMatchObject([{ clientId: client.id, teamId: team.id }]);
      await who.submit('/account', '/account/programs');
      await hasEnded(tokens.access_token);
      expect(errorOf(await program.refresh(tokens.refresh_token))).toEqual([400, 'invalid_grant']);
    });

    test('gets nothing when the person says no, is not signed in, or the form is not from their session', async () => {
      const [who, other] = [await signIn(), await signIn()];
      const program = new OAuthProgram(api, await newClient({ kind: 'public' }));
      const back = await program.ask(who.visitor, WANTED, 'deny');
      expect([back.searchParams.get('error'), back.searchParams.get('code')]).toEqual([
        'access_denied',
        null,
      ]);
      const denied = () =>
        sql<object>(
          `select 1 from audit.event where content like '%"grant.create"%' and content like '%"refused"%' and content like $1`,
          [`%${program.client.id}%`],
        );
      await waitFor(async () => (await denied()).length === 1);
      const asked = await new Visitor().get(program.authorizeUrl(WANTED));
      expect(asked.location).toContain('/sign-in?to=%2Foauth%2Fauthorize');
      const query = new URL(program.authorizeUrl(WANTED)).search.slice(1);
      const forged = await who.visitor.post(
        `${url}/oauth/authorize`,
        { csrf: await other.csrf(), query, decision: 'allow' },
        { from: `${url}/oauth/authorize` },
      );
      expect(forged.status).toBe(403);
      const fromElsewhere = await who.visitor.post(
        `${url}/oauth/authorize`,
        { csrf: await who.csrf(), query, decision: 'allow' },
        { from: 'https://evil.example/' },
      );
      expect(fromElsewhere.status).not.toBe(200);
      const byKey = await api.send('GET', `/oauth/authorize?${query}`);
      expect([byKey.status, byKey.text.includes('OAUTH_NEEDS_BROWSER')]).toEqual([400, true]);
    });

    test('C19: needs PKCE with S256, also to change the code', async () => {
      const { visitor } = await signIn();
      const program = new OAuthProgram(api, await newClient({ kind: 'public' }));
      for (const more of [
        { code_challenge: undefined, code_challenge_method: undefined },
        { code_challenge: program.verifier, code_challenge_method: 'plain' },
        { code_challenge_method: undefined },
      ]) {
        const back = backOf(await visitor.get(program.authorizeUrl(WANTED, more)));
        expect([back.searchParams.get('error'), back.searchParams.get('code')]).toEqual([
          'invalid_request',
          null,
        ]);
      }
      const code = async () => (await program.ask(visitor, WANTED)).searchParams.get('code') ?? '';
      const wrong = await program.redeem(await code(), { code_verifier: 'w'.repeat(43) });
      expect(errorOf(wrong)).toEqual([400, 'invalid_grant']);
      const { code_verifier: _left, ...form } = {
        grant_type: 'authorization_code',
        code: await code(),
        redirect_uri: BACK,
        code_verifier: '',
      };
      expect(errorOf(await program.post('/oauth/token', form))).toEqual([400, 'invalid_grant']);
    });

    test.each([
      [BACK, `${BACK}/more`],
      [BACK, `${BACK}?x=1`],
      [BACK, 'http://127.0.0.1.evil.example:4711/back'],
      [BACK, 'http://localhost:4711/back'],
      [BACK, 'http://127.0.0.1:4711@evil.example/back'],
      ['https://app.example/back', 'https://app.example/back/'],
      ['https://app.example/back', 'https://app.example:8443/back'],
      ['https://app.example/back', 'https://app.example.evil.example/back'],
      ['https://app.example/back', 'https://evil.example/#https://app.example/back'],
      ['https://app.example/back', 'https://app.example/x/../back'],
    ])('N44: registered for %s, is not sent to %s', async (registered, asked) => {
      const { visitor } = await signIn([]);
      const client = await newClient({ kind: 'public', redirectUris: [registered] });
      const page = await visitor.get(new OAuthProgram(api, client, asked).authorizeUrl('openid'));
      expect([
        page.status,
        page.body.includes('OAUTH_REQUEST_INVALID'),
        page.body.includes('http-equiv="refresh"'),
      ]).toEqual([400, true, false]);
    });

    test('is told so when it wants no page, another sign-in, or an answer in another form', async () => {
      const { visitor } = await signIn();
      const program = new OAuthProgram(api, await newClient({ kind: 'public' }));
      const error = async (more: Record<string, string>) => {
        const { searchParams, hash } = backOf(await visitor.get(program.authorizeUrl(WANTED, more)));
        return searchParams.get('error') ?? new URLSearchParams(hash.slice(1)).get('error');
      };
      expect(await error({ prompt: 'none' })).toBe('consent_required');
      expect(await error({ prompt: 'login' })).toBe('login_required');
      expect(await error({ response_type: 'token' })).toBe('unsupported_response_type');
      expect(await error({ request: 'eyJhbGciOiJub25lIn0.e30.' })).toBe('request_not_supported');
      const posted = await visitor.get(program.authorizeUrl(WANTED, { response_mode: 'form_post' }));
      expect([posted.status, posted.body.includes('OAUTH_REQUEST_INVALID')]).toEqual([400, true]);
      const back = await program.ask(visitor, WANTED, 'allow', { prompt: 'consent' });
      expect(back.searchParams.get('code')).toMatch(/^cc-/);
    });

    test('is told when it names no scope that is known, and may name unknown ones beside known ones', async () => {
      const { visitor } = await signIn();
      const program = new OAuthProgram(api, await newClient({ kind: 'public' }));
      const error = async (scope: string) => {
        const { searchParams } = backOf(await visitor.get(program.authorizeUrl(scope)));
        return [searchParams.get('error'), searchParams.get('error_description')];
      };
      for (const scope of ['flow:raed things', ''])
        expect(await error(scope)).toEqual([
          'invalid_scope',
          'the request names no scope that is known here; scopes_supported lists them',
        ]);
      const back = await program.ask(visitor, `${WANTED} offline_access flow:raed`);
      expect(given(await program.redeem(back.searchParams.get('code') ?? '')).scope).toBe(WANTED);
    });

    test('may use any port of the machine itself', async () => {
      const { visitor } = await signIn();
      const client = await newClient({ kind: 'public' });
      const program = new OAuthProgram(api, client, 'http://127.0.0.1:58123/back');
      const back = await program.ask(visitor, WANTED);
      expect(back.port).toBe('58123');
      expect(given(await program.redeem(back.searchParams.get('code') ?? '')).scope).toBe(WANTED);
    });

    test('N44: loses everything when its code is used a second time, also by another client', async () => {
      const { visitor } = await signIn();
      const program = new OAuthProgram(api, await newClient({ kind: 'confidential' }));
      const stranger = new OAuthProgram(api, await newClient({ kind: 'confidential' }));
      const code = (await program.ask(visitor, WANTED)).searchParams.get('code') ?? '';
      const mixedUp = await stranger.redeem(code, { code_verifier: program.verifier });
      expect(errorOf(mixedUp)).toEqual([400, 'invalid_grant']);
      expect(errorOf(await program.redeem(code, { redirect_uri: `${BACK}2` }))).toEqual([
        400,
        'invalid_grant',
      ]);
      const tokens = given(await program.redeem(code));
      expect(await statusOf(tokens.access_token)).toBe(200);
      expect(errorOf(await program.redeem(code))).toEqual([400, 'invalid_grant']);
      await hasEnded(tokens.access_token);
      expect(errorOf(await program.refresh(tokens.refresh_token))).toEqual([400, 'invalid_grant']);
    });

    test('C18: gets another refresh token each time, and loses everything when one is used twice', async () => {
      const { visitor } = await signIn();
      const program = new OAuthProgram(api, await newClient({ kind: 'public' }));
      const first = await program.getTokens(visitor, WANTED);
      const second = given(await program.refresh(first.refresh_token));
      expect(second.refresh_token).not.toBe(first.refresh_token);
      const third = given(await program.refresh(second.refresh_token, { scope: 'flow:read' }));
      expect(third.scope).toBe('flow:read');
      expect(errorOf(await program.refresh(third.refresh_token, { scope: 'flow:write' }))).toEqual([
        400,
        'invalid_scope',
      ]);
      expect(errorOf(await program.refresh(first.refresh_token))).toEqual([400, 'invalid_grant']);
      await hasEnded(third.access_token);
      expect(errorOf(await program.refresh(third.refresh_token))).toEqual([400, 'invalid_grant']);
    });

    test('C18: of two uses of a refresh token at the same time one wins, and then all ends', async () => {
      const { visitor } = await signIn();
      const program = new OAuthProgram(api, await newClient({ kind: 'public' }));
      const { refresh_token: token } = await program.getTokens(visitor, WANTED);
      const answers = await Promise.all([program.refresh(token), program.refresh(token)]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400]);
      const won = answers.find(({ status }) => status === 200);
      const tokens = given(won as Answer);
      await hasEnded(tokens.access_token);
      expect(errorOf(await program.refresh(tokens.refresh_token))).toEqual([400, 'invalid_grant']);
      const ends = () =>
        sql<{ content: string }>(
          `select content from audit.event where content like '%grant.delete%' and content like $1`,
          [`%${program.client.id}%`],
        );
      await waitFor(async () => (await ends()).length > 0);
      expect((await ends()).map(({ content }) => JSON.parse(content) as object)).toMatchObject([
        { action: 'grant.delete', detail: { because: 'a code or a refresh token was used twice' } },
      ]);
    });

    test('loses its tokens with the person who is disabled, and keeps them when they sign out', async () => {
      const who = await signIn();
      const id = await who.id();
      const program = new OAuthProgram(api, await newClient({ kind: 'public' }));
      const tokens = await program.getTokens(who.visitor, WANTED);
      await who.submit('/account', '/sign-out');
      expect(await statusOf(tokens.access_token)).toBe(200);
      await api.ask('PATCH', `/api/platform/v1/users/${id}`, { body: { disabled: true } });
      await hasEnded(tokens.access_token);
      expect(errorOf(await program.refresh(tokens.refresh_token))).toEqual([400, 'invalid_grant']);
    });

    test('acts for who is signed in now, whoever was before in the same browser', async () => {
      const [one, other] = [await signIn(), await signIn()];
      const program = new OAuthProgram(api, await newClient({ kind: 'public' }));
      await program.getTokens(one.visitor, WANTED);
      const { name, value } = other.cookie;
      one.visitor.setCookie(url, `${name}=${value}; Path=/; HttpOnly; SameSite=Lax`);
      const { access_token: token } = await program.getTokens(one.visitor, WANTED);
      const { subject } = await withToken(token).ask<{ subject: { id: string } }>(
        'GET',
        '/api/platform/v1/self',
      );
      expect(subject.id).toBe(await other.id());
      const { host } = new URL(url);
      const ours = one.visitor.cookies.filter(({ authority }) => authority === host);
      expect(ours.map((cookie) => cookie.name)).toEqual([name]);
    });
  });

  describe('the command line', () => {
    test('makes clients, and gives them other secrets', async () => {
      const made = await newAccount(api, team.id, 'runner');
      const of = ['--account', made.id, '--team', team.id];
      const created = await causewayCli(api, ['--json', 'clients', 'create', 'nightly', ...of]);
      const client = JSON.parse(created.stdout) as Registered;
      expect((await new OAuthProgram(api, client).own()).scope).toContain('flow:run');
      const renewed = await causewayCli(api, ['--json', 'clients', 'secret', client.id]);
      const secret = (JSON.parse(renewed.stdout) as Registered).secret ?? '';
      expect((await new OAuthProgram(api, { id: client.id, secret }).own()).scope).toContain('flow:run');
      expect((await causewayCli(api, ['clients', 'list', ...of])).stdout).toContain(client.id);
      expect((await causewayCli(api, ['clients', 'delete', client.id])).code).toBe(0);
      expect((await causewayCli(api, ['clients', 'list', ...of])).stdout).not.toContain(client.id);
    });

    test('acts for a person who has logged in, renews that, and logs out', async () => {
      const configFolder = mkdtempSync(join(tmpdir(), 'causeway-login-'));
      onTestFinished(() => rmSync(configFolder, { recursive: true, force: true }));
      const who = await signIn();
      const client = await newClient({ kind: 'public', redirectUris: ['http://127.0.0.1/back'] });
      const nobody = { url, key: undefined };
      const run = (...args: string[]) => causewayCli(nobody, ['--json', ...args], { configFolder });
      const asked = Promise.withResolvers<string>();
      const login = causewayCli(nobody, ['--json', 'login', '--client', client.id], {
        configFolder,
        onProgress: (text) => {
          const [address] = /http\S+(?=\n)/.exec(text) ?? [];
          if (address !== undefined) asked.resolve(address);
        },
      });
      const page = await who.visitor.get(await asked.promise);
      const form = findForms(page).find(({ action }) => action.endsWith('/oauth/authorize'));
      const fields = { ...form?.fields, decision: 'allow' };
      const back = backOf(await who.visitor.post(form?.action ?? '', fields, { from: page.url }));
      expect(await (await fetch(back)).text()).toContain('You can close this page');
      const outcome = await login;
      expect([outcome.code, JSON.parse(outcome.stdout)]).toMatchObject([
        0,
        { subject: { id: await who.id() } },
      ]);
      const path = join(configFolder, 'causeway', 'logins.json');
      expect(statSync(path).mode & 0o777).toBe(0o600);
      const kept = JSON.parse(readFileSync(path, 'utf8')) as Record<string, object>;
      const expired = { ...kept[url], expiresAtMs: 0 };
      writeFileSync(path, JSON.stringify({ [url]: expired }));
      const outcomes = await Promise.all([run('access'), run('access'), run('flows', 'list')]);
      expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(outcomes.map(() => [0, '']));
      const { accessToken } = (
        JSON.parse(readFileSync(path, 'utf8')) as Record<string, { accessToken: string }>
      )[url] ?? { accessToken: '' };
      expect(await statusOf(accessToken)).toBe(200);
      expect((await run('logout')).code).toBe(0);
      await hasEnded(accessToken);
      expect(readFileSync(path, 'utf8')).toBe('{}');
      expect((await run('logout')).stdout).toContain('not logged in');
    });
  });
}
