import { randomUUID } from 'node:crypto';
import { Visitor, findForms } from '@causeway/identity-provider';
import { waitFor } from '@causeway/testing';
import { type TOTP, URI } from 'otpauth';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Answer, Api } from '../support/api.js';
import { SignedIn } from '../support/signed-in.js';
import type { Stack } from '../support/stack.js';

const PASSWORD = 'eleven purple herons argue';

/** People sign in with passwords: those who were invited, and break-glass administrators. */
export function passwordStories({ api, causeway, sql }: Stack): void {
  const { url } = causeway;
  let team: { id: string };

  const invite = (more: object = {}): Promise<{ id: string; link: string }> =>
    api.ask('POST', '/api/platform/v1/invitations', { body: { name: `Zoe ${randomUUID()}`, ...more } });
  const accept = async (link: string, login: string, password: string): Promise<SignedIn> => {
    const visitor = new Visitor();
    const page = await visitor.get(link);
    const [form] = findForms(page).filter(({ action }) => action.endsWith('/invitation'));
    if (!form) throw new Error(`no form: ${page.body}`);
    const answer = await visitor.post(form.action, { ...form.fields, login, password }, { from: link });
    return new SignedIn(url, visitor, await visitor.follow(answer));
  };
  /** A person who was invited, with their user name. */
  const newPerson = async (): Promise<{ login: string; who: SignedIn; id: string }> => {
    const login = `${randomUUID()}@passwords.example`;
    const place = { role: 'editor', level: 'team', objectId: team.id };
    const who = await accept((await invite(place)).link, login, PASSWORD);
    return { login, who, id: await who.id() };
  };
  const signIn = (login: string, password: string, code?: string): Promise<Answer> => {
    const fields = { username: login, password, ...(code !== undefined && { code }) };
    return api.as(undefined).send('POST', '/api/v1/login', {
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  };
  const withToken = (token: string): { headers: Record<string, string> } => ({
    headers: { authorization: `Bearer ${token}` },
  });
  const enforce = (ssoEnforced: boolean): Promise<unknown> =>
    api.ask('PATCH', '/api/platform/v1/organisation', { body: { ssoEnforced } });
  const codeOf = async (answer: Promise<Answer>): Promise<string> => (await answer).json().code;

  describe('people with passwords', () => {
    beforeAll(async () => {
      team = await api.ask('POST', '/api/platform/v1/teams', { body: { name: `Passwords ${randomUUID()}` } });
    });

    describe('an invitation', () => {
      test('makes somebody a person with the role that it gives, and is used up by that', async () => {
        const { link } = await invite({ role: 'editor', level: 'team', objectId: team.id });
        const login = `${randomUUID()}@passwords.example`;
        const who = await accept(link, login, PASSWORD);
        expect(who.page.url).toBe(`${url}/`);
        expect(await who.permissions()).toContain('flow:write');
        expect((await new Visitor().get(link)).body).toContain('Error INVITATION_UNKNOWN');
        const [row] = await sql<{ hash: string }>('select hash from auth.password where login = $1', [login]);
        expect(row?.hash).toMatch(/^scrypt\$32768\$8\$3\$/);
      });

      test.each([
        ['short', 'fewer than 12'],
        ['password1234', 'common passwords'],
        ['qwertyuiopas', 'common passwords'],
        ['its-zoe@passwords.example', 'the name or the address'],
      ])('takes no password like %s', async (password, problem) => {
        const { link } = await invite();
        const who = await accept(link, 'zoe@passwords.example', password);
        expect(who.page.body).toContain('Error PASSWORD_WEAK');
        expect(who.page.body).toContain(problem);
        // It can still be accepted.
        expect((await new Visitor().get(link)).body).toContain('you are invited');
      });

      test('is taken back, and cannot give what its maker does not have', async () => {
        const { id, link } = await invite();
        await api.ask('DELETE', `/api/platform/v1/invitations/${id}`);
        expect((await new Visitor().get(link)).body).toContain('Error INVITATION_UNKNOWN');
        const { who, id: userId } = await newPerson();
        await api.ask('POST', '/api/platform/v1/role-bindings', {
          body: { subject: { kind: 'user', id: userId }, role: 'admin', level: 'organisation' },
        });
        const body = { name: 'n', role: 'owner', level: 'organisation' };
        const headers = { origin: url, 'x-csrf-token': await who.csrf() };
        await waitFor(async () => (await who.permissions()).includes('member:write'));
        expect(await codeOf(who.send('POST', '/api/platform/v1/invitations', { body, headers }))).toBe(
          'ROLE_TOO_WIDE',
        );
      });
    });

    describe('a password', () => {
      test('signs in as Langflow does, with a token that programs send', async () => {
        const { login, id } = await newPerson();
        const signedIn = await signIn(login.toUpperCase(), PASSWORD);
        expect(signedIn.status).toBe(200);
        const { access_token: token } = signedIn.json<{ access_token: string }>();
        const program = api.as(undefined);
        const whoami = await program.ask('GET', '/api/v1/users/whoami', withToken(token));
        expect(whoami).toMatchObject({ id, is_active: true, is_superuser: false });
        expect(await program.ask('GET', '/api/v1/session', withToken(token))).toMatchObject({
          authenticated: true,
          user: { id },
        });
        // No site can make a browser send this header, so it needs no proof of a page.
        const body = { name: `n ${randomUUID()}` };
        expect((await program.send('POST', '/api/v1/flows/', { body, ...withToken(token) })).status).toBe(
          201,
        );
        const refreshed = await program.ask('POST', '/api/v1/refresh', withToken(token));
        expect(refreshed).toMatchObject({ access_token: token, token_type: 'bearer' });
        expect(await program.ask('POST', '/api/v1/logout', withToken(token))).toEqual({
          message: 'Logout successful',
        });
        await waitFor(
          async () => (await program.send('GET', '/api/v1/users/whoami', withToken(token))).status === 401,
        );
        expect(await program.ask('GET', '/api/v1/session', withToken(token))).toEqual({
          authenticated: false,
          user: null,
          store_api_key: null,
        });
      });

      test('answers automatic sign-in as Langflow without it', async () => {
        const answer = await api.as(undefined).send('GET', '/api/v1/auto_login');
        expect([answer.status, answer.json<unknown>()]).toEqual([
          403,
          { detail: { message: 'Auto login is disabled.', auto_login: false } },
        ]);
      });

      test('N15: says nothing of who exists, and locks a user name after five wrong tries', async () => {
        const { login } = await newPerson();
        const nobody = await signIn('nobody@passwords.example', 'something else');
        const wrong = await signIn(login, 'something else');
        expect([wrong.status, wrong.json().code, wrong.json().detail]).toEqual([
          nobody.status,
          nobody.json().code,
          nobody.json().detail,
        ]);
        for (let tries = 0; tries < 4; tries++) await signIn(login, 'something else');
        const locked = await signIn(login, PASSWORD);
        expect([locked.status, locked.json().code]).toEqual([429, 'PASSWORD_LOCKED']);
        expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(20);
        await sql(`update auth.password set locked_until = now() where login = $1`, [login]);
        expect((await signIn(login, PASSWORD)).status).toBe(200);
      });

      test('is asked for on a page of this site only', async () => {
        const { login } = await newPerson();
        const visitor = new Visitor();
        const fields = { login, password: PASSWORD, to: '//evil.example' };
        const elsewhere = await visitor.post(`${url}/password`, fields, { from: 'https://evil.example/' });
        expect(elsewhere.body).toContain('Error REQUEST_FORGED');
        expect((await visitor.post(`${url}/password`, fields, { from: `${url}/password` })).location).toBe(
          `${url}/`,
        );
      });

      test('is set anew by an owner, which ends its sessions', async () => {
        const { login, who, id } = await newPerson();
        const path = `/api/platform/v1/users/${id}/password`;
        const taken = await newPerson();
        const body = { login, password: `${PASSWORD} again` };
        expect(await codeOf(api.send('PUT', path, { body: { ...body, login: taken.login } }))).toBe(
          'LOGIN_TAKEN',
        );
        await api.ask('PUT', path, { body });
        await waitFor(async () => (await who.send('GET', '/api/platform/v1/self')).status === 401);
        expect((await signIn(login, PASSWORD)).status).toBe(401);
        expect((await signIn(login, body.password)).status).toBe(200);
        await api.ask('DELETE', path);
        expect((await signIn(login, body.password)).status).toBe(401);
      });
    });

    describe('enforced SSO', () => {
      const breakGlass = async (id: string, login: string): Promise<() => string> => {
        const { uri } = await api.ask<{ uri: string }>('PUT', `/api/platform/v1/users/${id}/password`, {
          body: { login, password: PASSWORD, breakGlass: true },
        });
        const totp = URI.parse(uri) as TOTP;
        let used = 0;
        // Each code is taken once; the one after this is taken too.
        return () => totp.generate({ timestamp: Date.now() + 30_000 * used++ });
      };

      test('N25: lets only break-glass administrators sign in with a password, with a code, and marks it', async () => {
        const { login, who, id } = await newPerson();
        const admin = await newPerson();
        const nextCode = await breakGlass(admin.id, admin.login);
        await connectOnce(api);
        await enforce(true);
        try {
          await waitFor(async () => (await who.send('GET', '/api/platform/v1/self')).status === 401);
          expect(await codeOf(signIn(login, PASSWORD))).toBe('SSO_ENFORCED');
          expect(
            await codeOf(api.send('POST', '/api/platform/v1/invitations', { body: { name: 'n' } })),
          ).toBe('SSO_ENFORCED');
          const own = { body: { login, password: `${PASSWORD} again` } };
          expect(await codeOf(api.send('PUT', `/api/platform/v1/users/${id}/password`, own))).toBe(
            'SSO_ENFORCED',
          );
          expect(await codeOf(signIn(admin.login, PASSWORD))).toBe('PASSWORD_CODE_NEEDED');
          expect(await codeOf(signIn(admin.login, PASSWORD, '000000'))).toBe('PASSWORD_WRONG');
          const code = nextCode();
          expect((await signIn(admin.login, PASSWORD, code)).status).toBe(200);
          expect(await codeOf(signIn(admin.login, PASSWORD, code))).toBe('PASSWORD_WRONG');
          const marked = async (): Promise<object[]> =>
            sql(
              `select from audit.event where action = 'session.create' and content like $1 and content like '%"breakGlass":true%'`,
              [`%${admin.login}%`],
            );
          await waitFor(async () => (await marked()).length === 1);
        } finally {
          await enforce(false);
        }
        expect((await signIn(login, PASSWORD)).status).toBe(200);
      });

      test('of two sign-ins with the same code at the same time, one succeeds', async () => {
        const { login, id } = await newPerson();
        const code = (await breakGlass(id, login))();
        const answers = await Promise.all(Array.from({ length: 4 }, () => signIn(login, PASSWORD, code)));
        expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401, 401, 401]);
      });
    });
  });
}

/** A connection, because SSO can be enforced only with one. */
function connectOnce(api: Api): Promise<unknown> {
  const body = { issuer: 'https://login.passwords.example', clientId: 'causeway', clientSecret: null };
  return api.ask('PUT', '/api/platform/v1/connections/passwords', { body });
}
