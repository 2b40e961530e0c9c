import { randomUUID } from 'node:crypto';
import {
  type Faults,
  type IdentityProvider,
  type Page,
  type Person,
  Visitor,
  signInAt,
  startIdentityProvider,
} from '@causeway/identity-provider';
import { waitFor } from '@causeway/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SignedIn } from '../support/signed-in.js';
import type { Stack } from '../support/stack.js';

const CONNECTION = 'acme';
const CLIENT = { clientId: 'causeway', clientSecret: 'a client secret for tests' };
/** A second, and additional time for a busy machine. */
const WITHIN_MS = 5_000;

/** People sign in at the identity provider of their company. */
export function signInStories({ api, causeway, sql }: Stack): void {
  const { url } = causeway;
  let provider: IdentityProvider;
  let team: { id: string; name: string };

  const person = (more: Partial<Person> = {}): Person => {
    const subject = randomUUID();
    const name = `Ada ${subject.slice(0, 8)}`;
    const email = `${subject.slice(0, 8)}@acme.example`;
    const made = { subject, name, email, groups: [], password: 'a password for tests', ...more };
    provider.setPerson(made);
    return made;
  };
  const goTo = (who: Person, to = '/', name = CONNECTION, visitor = new Visitor()): Promise<Page> =>
    signInAt(visitor, `${url}/sign-in/${name}?to=${encodeURIComponent(to)}`, who.email, who.password);
  const signIn = async (who: Person, name = CONNECTION, visitor = new Visitor()): Promise<SignedIn> =>
    new SignedIn(url, visitor, await goTo(who, '/', name, visitor));
  const connect = (name: string, issuer: string, more: object = {}) =>
    api.ask('PUT', `/api/platform/v1/connections/${name}`, { body: { issuer, ...CLIENT, ...more } });
  const party = (name: string) => ({
    ...CLIENT,
    redirectUris: [`${url}/sign-in/${name}/callback`],
    postLogoutRedirectUris: [`${url}/sign-in`],
    backchannelLogoutUri: `${url}/sign-in/${name}/back-channel-logout`,
  });
  const newGroup = async (name: string, role: string): Promise<void> => {
    const body = { name, connection: CONNECTION };
    const { id } = await api.ask<{ id: string }>('POST', '/api/platform/v1/groups', { body });
    await api.ask('POST', '/api/platform/v1/role-bindings', {
      body: { subject: { kind: 'group', id }, role, level: 'team', objectId: team.id },
    });
  };
  const hasEnded = (who: SignedIn): Promise<unknown> =>
    waitFor(async () => (await who.send('GET', '/api/platform/v1/self')).status === 401, {
      timeoutMs: WITHIN_MS,
      what: 'the session to end',
    });

  describe('people who sign in at an identity provider', () => {
    beforeAll(async () => {
      provider = await startIdentityProvider({ people: [], clients: [party(CONNECTION)] });
      team = await api.ask('POST', '/api/platform/v1/teams', { body: { name: `SSO ${randomUUID()}` } });
      await connect(CONNECTION, provider.issuer, { label: 'Acme', domains: ['acme.example'] });
      await newGroup('flow-builders', 'editor');
      await newGroup('flow-readers', 'viewer');
    });
    afterEach(() => {
      provider.setFaults({});
      provider.setOptions({ groupsIn: 'both', groupsClaim: 'groups', overage: false });
    });
    afterAll(() => provider.close());

    describe('signing in at an identity provider', () => {
      test('shows who somebody is, and what the groups of the provider allow them', async () => {
        const ada = person({ groups: ['flow-builders', 'something else'] });
        const who = await signIn(ada);
        const { page, visitor } = who;
        expect(page).toMatchObject({ status: 200, url: `${url}/` });
        expect(page.body).toContain(`Hello ${ada.name}`);
        expect(page.body).toContain('group flow-builders');
        expect(await who.ask<object>('GET', '/api/platform/v1/self')).toMatchObject({
          subject: { kind: 'user', name: ada.name },
          email: ada.email,
          teamId: team.id,
          roles: [{ role: 'editor', level: 'team', team: team.name, group: 'flow-builders' }],
        });
        const kept = visitor.cookies.find(({ name }) => name === who.cookie.name);
        expect(kept).toMatchObject({ isHttpOnly: true, sameSite: 'lax', path: '/' });
        expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
        expect(page.headers.get('cache-control')).toBe('no-store');
      });

      test('reaches the audit log, with the person, their groups and the session', async () => {
        const ada = person({ groups: ['flow-readers'] });
        await signIn(ada);
        const events = async (): Promise<object[]> => {
          const rows = await sql<{ content: string }>(
            `select content from audit.event where content like $1 order by time, id`,
            [`%${ada.name}%`],
          );
          return rows.map(({ content }) => JSON.parse(content) as object);
        };
        await waitFor(async () => (await events()).length >= 2);
        expect(await events()).toMatchObject([
          { action: 'user.create', detail: { connection: CONNECTION, email: ada.email } },
          { action: 'session.create', detail: { joinedGroups: ['flow-readers'], leftGroups: [] } },
        ]);
      });

      test('takes groups away that the provider does not name any more, also from sessions that exist', async () => {
        const ada = person({ groups: ['flow-builders', 'flow-readers'] });
        const first = await signIn(ada);
        expect(await first.permissions()).toContain('flow:write');
        provider.setGroups(ada.subject, ['flow-readers']);
        await signIn(ada);
        await waitFor(async () => !(await first.permissions()).includes('flow:write'), {
          timeoutMs: WITHIN_MS,
        });
        expect(await first.permissions()).toContain('flow:read');
        provider.setGroups(ada.subject, []);
        const last = await signIn(ada);
        expect(last.page.body).toContain('You have no role here yet');
        expect((await last.send('GET', '/api/v1/flows/')).status).toBe(403);
      });

      test.each(['id_token', 'userinfo', 'both'] as const)('finds the groups in %s', async (groupsIn) => {
        provider.setOptions({ groupsIn });
        expect(await (await signIn(person({ groups: ['flow-builders'] }))).permissions()).toContain(
          'flow:write',
        );
      });

      test('keeps the former groups when the provider says that it names only some of them', async () => {
        const ada = person({ groups: ['flow-readers'] });
        await signIn(ada);
        provider.setGroups(ada.subject, ['flow-builders']);
        provider.setOptions({ overage: true });
        const permissions = await (await signIn(ada)).permissions();
        expect(permissions).toContain('flow:read');
        expect(permissions).not.toContain('flow:write');
      });

      test.each(['number', 'object', 'tenThousand'] as const)(
        'gives nobody a group by a claim that is a %s',
        async (groups) => {
          provider.setFaults({ groups });
          expect(await (await signIn(person({ groups: ['flow-builders'] }))).permissions()).toEqual([]);
        },
      );

      test('goes on with a new signing key of the provider', async () => {
        await signIn(person());
        await provider.rotateKeys();
        // An unknown key is looked up at most once a minute: this provider is asked anew.
        await api.ask('POST', `/api/platform/v1/connections/${CONNECTION}/test`);
        expect((await signIn(person())).page.status).toBe(200);
      });

      test('N38: nobody becomes somebody else by an e-mail address or a subject', async () => {
        const ada = person({ groups: ['flow-builders'] });
        const mine = await (await signIn(ada)).id();
        const other = await startIdentityProvider({ people: [ada], clients: [party('other')] });
        try {
          await connect('other', other.issuer);
          const elsewhere = await signIn(ada, 'other');
          expect(await elsewhere.id()).not.toBe(mine);
          // The group has the same name there, but it is that of the first connection.
          expect(await elsewhere.permissions()).toEqual([]);
          provider.removePerson(ada.subject);
          const successor = await signIn(person({ email: ada.email, name: ada.name }));
          expect(await successor.id()).not.toBe(mine);
        } finally {
          await api.ask('DELETE', '/api/platform/v1/connections/other');
          await other.close();
        }
      });

      const refused: readonly (readonly [string, Faults, string])[] = [
        ['another nonce in the ID token', { idToken: 'otherNonce' }, 'SIGN_IN_REFUSED'],
        ['no nonce in the ID token', { idToken: 'noNonce' }, 'SIGN_IN_REFUSED'],
        ['an ID token for somebody else', { idToken: 'otherAudience' }, 'SIGN_IN_REFUSED'],
        ['an ID token of another issuer', { idToken: 'otherIssuer' }, 'SIGN_IN_REFUSED'],
        ['an expired ID token', { idToken: 'expired' }, 'SIGN_IN_REFUSED'],
        ['an ID token that another key signed', { idToken: 'otherKey' }, 'SIGN_IN_REFUSED'],
        ['N43: an ID token without a signature', { idToken: 'algNone' }, 'SIGN_IN_REFUSED'],
        ['an answer that another issuer says it gave', { callback: 'otherIssuer' }, 'SIGN_IN_REFUSED'],
        ['an answer that does not say who gave it', { callback: 'noIssuer' }, 'SIGN_IN_REFUSED'],
        ['another state', { callback: 'otherState' }, 'SIGN_IN_REFUSED'],
        ['userinfo about somebody else', { userinfo: 'otherSubject' }, 'SIGN_IN_REFUSED'],
        ['a token endpoint that fails', { answers: { token: { status: 500 } } }, 'PROVIDER_UNUSABLE'],
      ];
      test.each(refused)('N44: does not sign in with %s', async (_what, faults, code) => {
        // Otherwise nothing has to be asked of userinfo.
        provider.setOptions({ groupsIn: 'userinfo' });
        const ada = person();
        provider.setFaults(faults);
        const visitor = new Visitor();
        const page = await goTo(ada, '/', CONNECTION, visitor);
        expect(page.body).toContain(`Error ${code}`);
        expect(visitor.cookies.filter(({ authority }) => url.endsWith(authority))).toEqual([]);
        expect(await sql('select from auth.identity where subject = $1', [ada.subject])).toEqual([]);
      });

      test('N44: refuses a provider that calls itself by another name', async () => {
        provider.setFaults({ discovery: 'otherIssuer' });
        const tested = await api.send('POST', `/api/platform/v1/connections/${CONNECTION}/test`);
        expect([tested.status, tested.json().code]).toEqual([403, 'SIGN_IN_REFUSED']);
      });

      test('N44: takes an answer only in the browser that asked, once, and at the same connection', async () => {
        const ada = person();
        const visitor = new Visitor();
        const begun = await visitor.get(`${url}/sign-in/${CONNECTION}`);
        const { submitSignIn } = await import('@causeway/identity-provider');
        const { location = '' } = await submitSignIn(visitor, begun, ada.email, ada.password);
        const stranger = await new Visitor().get(location);
        expect(stranger.body).toContain('Error SIGN_IN_EXPIRED');
        const elsewhere = await new Visitor().get(
          location.replace(`/sign-in/${CONNECTION}/`, '/sign-in/nowhere/'),
        );
        expect(elsewhere.body).toMatch(/Error (SIGN_IN_EXPIRED|CONNECTION_UNKNOWN)/);
        expect((await visitor.follow(await visitor.get(location))).body).toContain(`Hello ${ada.name}`);
        expect((await visitor.get(location)).body).toContain('Error SIGN_IN_EXPIRED');
      });

      test.each([
        '//evil.example/x',
        'https://evil.example',
        String.raw`/\evil.example`,
        'javascript:alert(1)',
      ])('N33: does not lead to %s', async (to) => {
        expect((await goTo(person(), to)).url).toBe(`${url}/`);
      });

      test('sends somebody who is not signed in to where they can do it, and back', async () => {
        const visitor = new Visitor();
        const asked = await visitor.get(`${url}/account`);
        expect(asked.location).toBe(`${url}/sign-in?to=%2Faccount`);
        expect((await visitor.follow(asked)).body).toContain(`/sign-in/${CONNECTION}?to=%2Faccount`);
        expect((await goTo(person(), '/account')).url).toBe(`${url}/account`);
      });

      test('finds the provider by the domain of an e-mail address', async () => {
        const visitor = new Visitor();
        const found = await visitor.get(`${url}/sign-in?email=ada%40ACME.example`);
        expect(found.body).toContain(`content="0; url=/sign-in/${CONNECTION}?`);
        const unknown = await visitor.get(`${url}/sign-in?email=ada%40nowhere.example`);
        expect(unknown.body).toContain('Nobody signs in here with an address like ada@nowhere.example');
      });
    });

    describe('a session', () => {
      test('works in the team that its person chooses, and only where they have a role', async () => {
        const ada = person({ groups: ['flow-readers'] });
        const who = await signIn(ada);
        const second = await api.ask<{ id: string; name: string }>('POST', '/api/platform/v1/teams', {
          body: { name: `Second ${randomUUID()}` },
        });
        const csrf = await who.csrf();
        const choose = (teamId: string): Promise<Page> =>
          who.visitor.post(`${url}/account/team`, { csrf, teamId }, { from: `${url}/` });
        expect((await choose(second.id)).body).toContain('Error TEAM_UNKNOWN');
        await api.ask('POST', '/api/platform/v1/role-bindings', {
          body: {
            subject: { kind: 'user', id: await who.id() },
            role: 'admin',
            level: 'team',
            objectId: second.id,
          },
        });
        await waitFor(async () => (await choose(second.id)).location === `${url}/`, { timeoutMs: WITHIN_MS });
        await waitFor(async () => (await who.permissions()).includes('member:write'), {
          timeoutMs: WITHIN_MS,
        });
        expect((await who.visitor.get(`${url}/`)).body).toContain(
          `work in team <strong>${second.name}</strong>`,
        );
      });

      test('N13: ends when its person signs out, here and at the provider', async () => {
        const who = await signIn(person());
        const page = await who.submit('/account', '/sign-out');
        expect(page.body).toContain('You are signed out');
        expect(page.body).toContain(`url=${provider.issuer}/`);
        expect(() => who.cookie).toThrow('no session');
      });

      test('is ended by its person from another one', async () => {
        const ada = person();
        const [first, second] = [await signIn(ada), await signIn(ada)];
        expect(first.cookie.value).not.toBe(second.cookie.value);
        const list = await second.ask<{ items: { id: string; isCurrent: boolean }[] }>(
          'GET',
          '/api/platform/v1/sessions',
        );
        expect(list.items.map(({ isCurrent }) => isCurrent)).toEqual([false, true]);
        const old = first.cookie;
        expect((await second.submit('/account', '/account/sessions', { sessionId: 'others' })).status).toBe(
          303,
        );
        await hasEnded(first);
        expect(first.cookie).toEqual(old);
        expect((await second.send('GET', '/api/platform/v1/self')).status).toBe(200);
      });

      test('ends when its person is disabled, and stays so when they are enabled', async () => {
        const ada = person({ groups: ['flow-builders'] });
        const who = await signIn(ada);
        const id = await who.id();
        await api.ask('PATCH', `/api/platform/v1/users/${id}`, { body: { disabled: true } });
        await hasEnded(who);
        expect((await goTo(ada)).body).toContain('Error USER_DISABLED');
        await api.ask('PATCH', `/api/platform/v1/users/${id}`, { body: { disabled: false } });
        expect((await who.send('GET', '/api/platform/v1/self')).status).toBe(401);
        expect(await (await signIn(ada)).permissions()).toContain('flow:write');
      });

      test('ends when the identity provider says so, and only by a token of that provider', async () => {
        const ada = person();
        const [who, other] = [await signIn(ada), await signIn(person())];
        const post = (logout_token: string) =>
          api.as(undefined).send('POST', `/sign-in/${CONNECTION}/back-channel-logout`, {
            body: new URLSearchParams({ logout_token }).toString(),
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
          });
        const claims = {
          iss: provider.issuer,
          aud: CLIENT.clientId,
          sub: ada.subject,
          iat: Math.floor(Date.now() / 1_000),
          jti: randomUUID(),
          events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
        };
        for (const wrong of [
          'no token',
          await provider.sign({ ...claims, aud: 'somebody else' }),
          await provider.sign({ ...claims, iss: 'https://elsewhere.example' }),
          await provider.sign({ ...claims, iat: claims.iat - 3_600 }),
          await provider.sign({ ...claims, nonce: 'n' }),
          await provider.sign({ ...claims, events: {} }),
          await provider.sign({ ...claims, sub: undefined } as never),
        ])
          expect((await post(wrong)).json().code).toBe('LOGOUT_TOKEN_INVALID');
        expect((await who.send('GET', '/api/platform/v1/self')).status).toBe(200);
        await provider.endSessions(ada.subject);
        await hasEnded(who);
        expect((await other.send('GET', '/api/platform/v1/self')).status).toBe(200);
      });

      test('changes something only from a page of this site', async () => {
        const who = await signIn(person({ groups: ['flow-builders'] }));
        const csrf = await who.csrf();
        const body = { name: `n ${randomUUID()}` };
        const post = async (headers: Record<string, string>): Promise<string | number> => {
          const answer = await who.send('POST', '/api/v1/flows/', { body, headers });
          return answer.status < 300 ? answer.status : answer.json().code;
        };
        expect(await post({})).toBe('REQUEST_FORGED');
        expect(await post({ 'x-csrf-token': csrf })).toBe('REQUEST_FORGED');
        expect(await post({ 'x-csrf-token': csrf, origin: 'https://evil.example' })).toBe('REQUEST_FORGED');
        expect(await post({ 'x-csrf-token': csrf, origin: url, 'sec-fetch-site': 'cross-site' })).toBe(
          'REQUEST_FORGED',
        );
        expect(await post({ origin: url })).toBe('REQUEST_FORGED');
        expect(await post({ 'x-csrf-token': `${csrf.slice(1)}A`, origin: url })).toBe('REQUEST_FORGED');
        expect(await post({ 'x-csrf-token': csrf, origin: url })).toBe(201);
        const form = (fields: Record<string, string>, from: string) =>
          who.visitor.post(`${url}/account/keys`, { name: 'k', days: '1', ...fields }, { from });
        expect((await form({ csrf: '' }, `${url}/account`)).body).toContain('Error REQUEST_FORGED');
        expect((await form({ csrf }, 'https://evil.example/')).body).not.toContain('sk-');
        expect((await form({ csrf }, `${url}/account`)).body).toMatch(/class="key"\s+value="sk-/);
      });

      test('is no key, and a key is no session', async () => {
        const who = await signIn(person({ groups: ['flow-builders'] }));
        const { name, value } = who.cookie;
        expect((await api.as(value).send('GET', '/api/platform/v1/self')).json().code).toBe('KEY_INVALID');
        const asCookie = { headers: { cookie: `${name}=${api.key}` } };
        const answer = await api.as(undefined).send('GET', '/api/platform/v1/self', asCookie);
        expect([answer.status, answer.json().code]).toEqual([401, 'SESSION_ENDED']);
      });

      test('makes keys that outlive it, and revokes them', async () => {
        const who = await signIn(person({ groups: ['flow-builders'] }));
        const page = await who.submit('/account', '/account/keys', { name: 'laptop', days: '30' });
        const [, key = ''] = /class="key"\s+value="(sk-[\w-]+)"/.exec(page.body) ?? [];
        expect((await api.as(key).send('GET', '/api/v1/flows/')).status).toBe(200);
        await who.submit('/account', '/sign-out');
        expect((await api.as(key).send('GET', '/api/v1/flows/')).status).toBe(200);
      });
    });
  });
}
