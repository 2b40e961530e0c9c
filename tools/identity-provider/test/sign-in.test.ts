import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { findForms, signInAt, startIdentityProvider, submitSignIn, Visitor } from '../src/index.js';
import {
  AFTER_LOGOUT,
  ann,
  app,
  CLIENT_ID,
  CLIENT_SECRET,
  exchange,
  prepare,
  REDIRECT,
  signIn,
  startLogoutReceiver,
} from './relying-party.js';

const provider = await startIdentityProvider({ people: [ann], clients: [app], keySeed: 'tests' });
afterAll(() => provider.close());
afterEach(() => {
  provider.removePerson(ann.subject);
  provider.setPerson(ann);
  provider.setClients([app]);
  provider.setOptions({ groupsIn: 'id_token', groupsClaim: 'groups', overage: false });
});

const headersOf = async (url: string, headers: Record<string, string> = {}) =>
  (await fetch(url, { headers })).headers;

describe('signing in', () => {
  test('a code with PKCE becomes an ID token, an access token and userinfo', async () => {
    const { page, idToken, userinfo, tokens } = await signIn(provider);
    expect(new URL(page.location ?? '').searchParams.get('iss')).toBe(provider.issuer);
    expect(idToken).toMatchObject({
      iss: provider.issuer,
      aud: CLIENT_ID,
      sub: 'ann-1',
      name: 'Ann Example',
      preferred_username: 'ann@example.com',
      email: 'ann@example.com',
      email_verified: true,
    });
    expect(decodeProtectedHeader(tokens.id_token ?? '')).toMatchObject({ alg: 'RS256' });
    expect(userinfo).toMatchObject({ sub: 'ann-1', name: 'Ann Example', email: 'ann@example.com' });
  });

  test('the secret may be in the body, and a wrong one is refused', async () => {
    for (const [secret, outcome] of [
      [CLIENT_SECRET, 'ann-1'],
      ['wrong', 'invalid_client'],
    ] as const) {
      const visitor = new Visitor();
      const attempt = await prepare(provider, {}, client.ClientSecretPost(secret));
      const page = await submitSignIn(visitor, await visitor.get(attempt.url), ann.email, ann.password);
      const got = await exchange(attempt, page).then(
        (tokens) => tokens.claims()?.sub,
        (error: client.ResponseBodyError) => error.error,
      );
      expect(got).toBe(outcome);
    }
  });

  test('a request without PKCE, or with another redirect address, gets no code', async () => {
    const { url } = await prepare(provider);
    url.searchParams.delete('code_challenge');
    url.searchParams.delete('code_challenge_method');
    const { location = '' } = await new Visitor().get(url);
    expect(new URL(location).searchParams.get('error')).toBe('invalid_request');

    const { url: elsewhere } = await prepare(provider, { redirect_uri: `${REDIRECT}/other` });
    const page = await new Visitor().get(elsewhere);
    expect([page.status, page.location]).toEqual([400, undefined]);
    expect(page.body).toContain('invalid_redirect_uri');
  });

  test('a code works once, and only with its verifier', async () => {
    const { attempt, page } = await signIn(provider);
    await expect(exchange(attempt, page)).rejects.toMatchObject({ error: 'invalid_grant' });

    const visitor = new Visitor();
    const other = await prepare(provider);
    const second = await submitSignIn(visitor, await visitor.get(other.url), ann.email, ann.password);
    const wrong = { ...other, verifier: client.randomPKCECodeVerifier() };
    await expect(exchange(wrong, second)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  test('a wrong password or address shows the form again, and says so', async () => {
    for (const [email, password] of [
      [ann.email, 'wrong'],
      ['bob@example.com', ann.password],
    ] as const) {
      const visitor = new Visitor();
      const { url } = await prepare(provider);
      const page = await submitSignIn(visitor, await visitor.get(url), email, password);
      expect([page.status, page.location]).toEqual([401, undefined]);
      expect(page.body).toContain('The address or the password is wrong.');
      expect(findForms(page)[0]?.fields).toEqual({ email, password: '' });
      const again = await submitSignIn(visitor, page, ann.email.toUpperCase(), ann.password);
      expect(again.location).toContain(`${REDIRECT}?code=`);
    }
  });

  test('who is signed in is not asked again, unless the relying party wants it', async () => {
    const visitor = new Visitor();
    await signIn(provider, visitor);
    const { url } = await prepare(provider);
    expect((await visitor.get(url)).location).toContain(`${REDIRECT}?code=`);
    const { url: asking } = await prepare(provider, { prompt: 'login', login_hint: ann.email });
    const page = await visitor.follow(await visitor.get(asking));
    expect(findForms(page)[0]?.fields).toEqual({ email: ann.email, password: '' });
    const { url: consent } = await prepare(provider, { prompt: 'consent' });
    const consented = await visitor.follow(await visitor.get(consent), ({ port }) => port === '9');
    expect(consented.location).toContain(`${REDIRECT}?code=`);
    const { url: silent } = await prepare(provider, { prompt: 'none' });
    expect((await new Visitor().get(silent)).location).toContain('error=login_required');
  });

  test('another person can sign in over the session of the first', async () => {
    const bob = { ...ann, subject: 'bob-1', email: 'bob@example.com' };
    provider.setPerson(bob);
    const visitor = new Visitor();
    await signIn(provider, visitor);
    const attempt = await prepare(provider, { prompt: 'login' });
    const page = await submitSignIn(visitor, await visitor.get(attempt.url), bob.email, bob.password);
    expect((await exchange(attempt, page)).claims()?.sub).toBe('bob-1');
    provider.removePerson('bob-1');
  });

  test('cancelling tells the relying party', async () => {
    const visitor = new Visitor();
    const { url } = await prepare(provider);
    const page = await visitor.follow(await visitor.get(url));
    const answer = await visitor.follow(
      await visitor.post(page.url, { cancel: 'yes' }),
      ({ port }) => port === '9',
    );
    expect(new URL(answer.location ?? '').searchParams.get('error')).toBe('access_denied');
  });

  test('an attempt belongs to the browser that began it', async () => {
    const visitor = new Visitor();
    const { url } = await prepare(provider);
    const page = await visitor.follow(await visitor.get(url));
    const stranger = await new Visitor().get(page.url);
    expect(stranger.status).toBe(400);
    expect(stranger.body).toContain('Start again');
    const form = { email: ann.email, password: 'x'.repeat(20_000) };
    expect((await visitor.post(page.url, form)).status).toBe(413);
  });

  test('the page has labels, loads nothing, and lists people only when told to', async () => {
    const visitor = new Visitor();
    const { url } = await prepare(provider);
    const page = await visitor.follow(await visitor.get(url));
    expect(page.body).toMatch(/<label for="email">[\s\S]*<label for="password">/);
    expect(page.body).not.toMatch(/<script|src=|Ann Example/);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");

    const demo = await startIdentityProvider({
      people: [ann],
      clients: [app],
      keySeed: 'tests',
      listsPeople: true,
    });
    try {
      const listing = new Visitor();
      const { url: demoUrl } = await prepare(demo);
      const shown = await listing.follow(await listing.get(demoUrl));
      expect(shown.body).toContain('value="ann-1">Ann Example – staff, payments</button>');
      const filled = await listing.get(`${shown.url}?person=ann-1`);
      expect(findForms(filled)[0]?.fields).toEqual({ email: ann.email, password: ann.password });
    } finally {
      await demo.close();
    }
  });
});

describe('groups', () => {
  test.each([
    ['id_token', ['staff', 'payments'], undefined],
    ['userinfo', undefined, ['staff', 'payments']],
    ['both', ['staff', 'payments'], ['staff', 'payments']],
  ] as const)('are in %s', async (groupsIn, inIdToken, inUserinfo) => {
    provider.setOptions({ groupsIn });
    const { idToken, userinfo } = await signIn(provider);
    expect([idToken['groups'], userinfo['groups']]).toEqual([inIdToken, inUserinfo]);
  });

  test('are where the path of the claim leads, and change at once', async () => {
    const visitor = new Visitor();
    await signIn(provider, visitor);
    provider.setOptions({ groupsClaim: 'realm_access.roles' });
    provider.setGroups('ann-1', ['owners']);
    const { idToken } = await signInAgain(visitor);
    expect(idToken['realm_access']).toEqual({ roles: ['owners'] });
    expect(idToken).not.toHaveProperty('groups');
    provider.setOptions({ groupsClaim: 'https://example.com/groups' });
    expect((await signInAgain(visitor)).idToken['https://example.com/groups']).toEqual(['owners']);
  });

  test('that are too many are pointed to', async () => {
    provider.setOptions({ overage: true });
    const { idToken } = await signIn(provider);
    expect(idToken).not.toHaveProperty('groups');
    expect(idToken).toMatchObject({
      _claim_names: { groups: 'src1' },
      _claim_sources: { src1: { endpoint: `${provider.issuer}/people/ann-1/groups` } },
    });
  });

  test.each(['sub', 'email', '', 'a..b'])('can not be in the claim "%s"', (groupsClaim) => {
    expect(() => provider.setOptions({ groupsClaim })).toThrow(/groupsClaim/);
  });

  /** A second sign-in in a browser that is signed in. */
  async function signInAgain(visitor: Visitor) {
    const attempt = await prepare(provider);
    const tokens = await exchange(attempt, await visitor.get(attempt.url));
    return { idToken: tokens.claims() ?? {} } as { idToken: Record<string, unknown> };
  }
});

describe('keys', () => {
  test('depend only on the seed and on the number of rotations', async () => {
    const kids = async ({ issuer }: { issuer: string }) =>
      ((await (await fetch(`${issuer}/jwks`)).json()) as { keys: { kid: string; d?: string }[] }).keys;
    const [one, two] = await Promise.all(
      [1, 2].map(() => startIdentityProvider({ people: [ann], clients: [app], keySeed: 'same' })),
    );
    try {
      expect(await kids(one!)).toEqual(await kids(two!));
      const [before] = await kids(one!);
      expect(before).not.toHaveProperty('d');
      const old = await one!.sign({ sub: 'x' });

      await one!.rotateKeys();
      const jwks = createRemoteJWKSet(new URL(`${one!.issuer}/jwks`));
      expect((await kids(one!)).map(({ kid }) => kid)).toEqual([
        expect.not.stringMatching(before!.kid),
        before!.kid,
      ]);
      await jwtVerify(old, jwks);
      const { tokens } = await signIn(one!);
      expect(decodeProtectedHeader(tokens.id_token ?? '').kid).toBe((await kids(one!))[0]?.kid);

      await one!.rotateKeys({ keepPrevious: false });
      expect(await kids(one!)).toHaveLength(1);
      await expect(jwtVerify(old, createRemoteJWKSet(new URL(`${one!.issuer}/jwks`)))).rejects.toMatchObject({
        code: 'ERR_JWKS_NO_MATCHING_KEY',
      });
    } finally {
      await Promise.all([one?.close(), two?.close()]);
    }
  });

  test('can be of ES256', async () => {
    const other = await startIdentityProvider({ people: [ann], clients: [app], signingAlgorithm: 'ES256' });
    try {
      const attempt = await prepare(other);
      const visitor = new Visitor();
      const page = await submitSignIn(visitor, await visitor.get(attempt.url), ann.email, ann.password);
      const { id_token: token = '' } = await exchange(attempt, page);
      const { protectedHeader } = await jwtVerify(token, createRemoteJWKSet(new URL(`${other.issuer}/jwks`)));
      expect(protectedHeader.alg).toBe('ES256');
      expect(attempt.config.serverMetadata().id_token_signing_alg_values_supported).toEqual(['ES256']);
    } finally {
      await other.close();
    }
  });

  test('survive sessions and change nothing for who is signed in', async () => {
    const visitor = new Visitor();
    const { idToken } = await signIn(provider, visitor);
    await provider.rotateKeys();
    const attempt = await prepare(provider);
    const tokens = await exchange(attempt, await visitor.get(attempt.url));
    expect(tokens.claims()?.sub).toBe(idToken.sub);
  });
});

describe('signing out', () => {
  test('with an ID token ends the session, calls the relying party and goes where it wants', async () => {
    const receiver = await startLogoutReceiver();
    provider.setClients([{ ...app, backchannelLogoutUri: receiver.url }]);
    const visitor = new Visitor();
    const { attempt, tokens, idToken } = await signIn(provider, visitor);
    expect(idToken['sid']).toEqual(expect.any(String));
    const url = client.buildEndSessionUrl(attempt.config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: AFTER_LOGOUT,
      state: 'kept',
    });
    expect((await visitor.get(url)).location).toBe(`${AFTER_LOGOUT}?state=kept`);

    const { payload, protectedHeader } = await jwtVerify(
      receiver.tokens[0] ?? '',
      createRemoteJWKSet(new URL(`${provider.issuer}/jwks`)),
      { issuer: provider.issuer, audience: CLIENT_ID },
    );
    expect(protectedHeader.typ).toBe('logout+jwt');
    expect(payload).toMatchObject({
      sub: 'ann-1',
      sid: idToken['sid'],
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    expect(payload).not.toHaveProperty('nonce');
    expect(provider.requests).toContain(`-> POST ${receiver.url} 200`);
    await receiver.close();

    const { url: next } = await prepare(provider);
    expect((await visitor.get(next)).location).toContain('/sign-in/');
    expect(visitor.cookies.filter(({ name }) => name.endsWith('_session'))).toEqual([]);
    const userinfo = client.fetchUserInfo(attempt.config, tokens.access_token, 'ann-1');
    await expect(userinfo).rejects.toThrow();
  });

  test('an address that is not registered is refused', async () => {
    const visitor = new Visitor();
    const { attempt, tokens } = await signIn(provider, visitor);
    const url = client.buildEndSessionUrl(attempt.config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: 'http://127.0.0.1:9/elsewhere',
    });
    const page = await visitor.get(url);
    expect([page.status, page.location]).toEqual([400, undefined]);
  });

  test('without an ID token the person is asked', async () => {
    const visitor = new Visitor();
    await signIn(provider, visitor);
    const page = await visitor.get(`${provider.issuer}/session/end`);
    expect(page.body).toContain('Do you want to sign out?');
    const [form] = findForms(page);
    const done = await visitor.follow(await visitor.post(form!.action, { ...form!.fields, logout: 'yes' }));
    expect(done.body).toContain('You are signed out.');
    const { url } = await prepare(provider);
    expect((await visitor.get(url)).location).toContain('/sign-in/');
  });

  test('ending the sessions of a person signs out every browser and names who could not be told', async () => {
    const [receiver, broken] = [await startLogoutReceiver(), await startLogoutReceiver(500)];
    provider.setClients([{ ...app, backchannelLogoutUri: receiver.url }]);
    const visitors = [new Visitor(), new Visitor()];
    const sids: unknown[] = [];
    for (const visitor of visitors) sids.push((await signIn(provider, visitor)).idToken['sid']);
    const unused = await prepare(provider);
    const page = await visitors[0]!.get(unused.url);
    expect(page.location).toContain(`${REDIRECT}?code=`);
    await provider.endSessions('ann-1');
    expect(receiver.tokens.map((token) => decodeJwt(token)['sid']).sort()).toEqual([...sids].sort());
    await expect(exchange(unused, page)).rejects.toMatchObject({ error: 'invalid_grant' });
    for (const visitor of visitors) {
      const { url } = await prepare(provider);
      expect((await visitor.get(url)).location).toContain('/sign-in/');
    }

    provider.setClients([{ ...app, backchannelLogoutUri: broken.url }]);
    await signIn(provider);
    await expect(provider.endSessions('ann-1')).rejects.toThrow(
      `app did not accept the logout at ${broken.url}`,
    );
    await expect(provider.endSessions('ann-1')).resolves.toBeUndefined();
    await Promise.all([receiver.close(), broken.close()]);
  });

  test('somebody who is removed is nobody, with every session and token', async () => {
    const visitor = new Visitor();
    const { attempt, tokens } = await signIn(provider, visitor);
    provider.removePerson('ann-1');
    const { url } = await prepare(provider);
    const page = await submitSignIn(visitor, await visitor.get(url), ann.email, ann.password);
    expect(page.status).toBe(401);
    await expect(client.fetchUserInfo(attempt.config, tokens.access_token, 'ann-1')).rejects.toThrow();
  });
});

describe('the provider', () => {
  test('listens only on this machine, and answers only to its own name', async () => {
    const options = { people: [ann], clients: [app] };
    for (const host of ['0.0.0.0', '::', 'localhost', '192.0.2.1'])
      await expect(startIdentityProvider({ ...options, host })).rejects.toThrow(/only on this machine/);
    const { port } = provider;
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      import('node:http').then(({ get }) =>
        get({ port, host: '127.0.0.1', path: '/jwks', headers: { host: 'evil.example' } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on('error', reject),
      );
    });
    expect(answer).toBe(421);
    expect((await headersOf(`${provider.issuer}/jwks`)).get('content-type')).toContain('json');
  });

  test('keeps a log of the newest 1,000 requests', async () => {
    await signIn(provider);
    expect(provider.requests.slice(-3)).toEqual(['POST /token', 'GET /jwks', 'GET /me']);
    for (let batch = 0; batch < 11; batch += 1)
      await Promise.all(
        Array.from({ length: 100 }, () => fetch(`${provider.issuer}/none`).then((r) => r.text())),
      );
    expect(provider.requests).toHaveLength(1_000);
    expect(provider.requests[0]).toBe('GET /none');
  });

  test.each([
    [{ people: [ann, { ...ann, subject: 'other' }] }, /"ann@example.com" is the address of "ann-1"/],
    [{ people: [ann, ann] }, /Two people have the subject "ann-1"/],
    [{ people: [{ ...ann, email: 'ann' }] }, /email/],
    [{ clients: [app, app] }, /same id/],
    [{ clients: [{ ...app, redirectUris: ['javascript:alert(1)'] }] }, /redirectUris/],
  ])('refuses what can not work (%#)', async (change, message) => {
    const starting = startIdentityProvider({ people: [ann], clients: [app], ...change });
    await expect(starting).rejects.toThrow(message);
  });

  test('leads a browser to the program that asked', async () => {
    const { url } = await prepare(provider, { response_mode: 'form_post' });
    await expect(signInAt(new Visitor(), url, ann.email, ann.password)).rejects.toThrow(/fetch failed/);
  });
});
