import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Page,
  type Person,
  type SamlProvider,
  Visitor,
  findForms,
  signInAt,
  startSamlProvider,
  submitSignIn,
} from '@causeway/identity-provider';
import { waitFor } from '@causeway/testing';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser } from '../support/browser.js';
import { causewayCli } from '../support/cli.js';
import { SignedIn } from '../support/signed-in.js';
import type { Stack } from '../support/stack.js';

const CONNECTION = 'acme-saml';
const PASSWORD = 'a password for tests';
/** A second, and additional time for a busy machine. */
const WITHIN_MS = 5_000;

/** People sign in at a SAML identity provider. */
export function samlStories({ api, causeway, sql }: Stack): void {
  const { url } = causeway;
  const begin = `${url}/sign-in/${CONNECTION}?to=%2Faccount`;
  let provider: SamlProvider;
  let team: { id: string; name: string };

  const person = (groups: readonly string[] = []): Person => {
    const subject = randomUUID();
    const email = `${subject.slice(0, 8)}@saml.example`;
    const made = { subject, name: `Sam ${subject.slice(0, 8)}`, email, groups, password: PASSWORD };
    provider.setPerson(made);
    return made;
  };
  const goTo = ({ email }: Person, visitor = new Visitor(), from = begin): Promise<Page> =>
    signInAt(visitor, from, email, PASSWORD);
  const signIn = async (who: Person): Promise<SignedIn> => {
    const visitor = new Visitor();
    return new SignedIn(url, visitor, await goTo(who, visitor));
  };
  /** The page of the provider that sends its answer. */
  const answerTo = async (visitor: Visitor, { email }: Person): Promise<Page> =>
    submitSignIn(visitor, await visitor.get(begin), email, PASSWORD);

  describe('people who sign in at a SAML identity provider', () => {
    beforeAll(async () => {
      provider = await startSamlProvider({ people: [] });
      const folder = mkdtempSync(join(tmpdir(), 'causeway-saml-'));
      const file = join(folder, 'metadata.xml');
      writeFileSync(file, provider.metadata());
      const added = await causewayCli(api, [
        'sso',
        'add',
        CONNECTION,
        '--saml',
        file,
        '--label',
        'Acme SAML',
      ]);
      rmSync(folder, { recursive: true });
      expect(added).toMatchObject({ code: 0, stderr: '' });
      expect(added.stdout).toContain(`${url}/sign-in/${CONNECTION}/metadata`);
      // As an administrator of the provider does: with what the metadata says.
      const described = await api.as(undefined).send('GET', `/sign-in/${CONNECTION}/metadata`);
      const [, entityId = ''] = /entityID="([^"]*)"/.exec(described.text) ?? [];
      const [, answerUrl = ''] =
        /AssertionConsumerService[^>]* Location="([^"]*)"/.exec(described.text) ?? [];
      provider.setParties([
        { entityId, answerUrl },
        { entityId, answerUrl: answerUrl.replace('127.0.0.1', 'localhost') },
      ]);
      team = await api.ask('POST', '/api/platform/v1/teams', { body: { name: `SAML ${randomUUID()}` } });
      const body = { name: `saml-builders`, connection: CONNECTION, claimValue: 'builders' };
      const { id } = await api.ask<{ id: string }>('POST', '/api/platform/v1/groups', { body });
      await api.ask('POST', '/api/platform/v1/role-bindings', {
        body: { subject: { kind: 'group', id }, role: 'editor', level: 'team', objectId: team.id },
      });
    });
    afterEach(() => provider.setFaults({}));
    afterAll(() => provider.close());

    test('are shown by their name, with what the groups of the provider allow them, until it names them no more', async () => {
      const sam = person(['builders', 'others']);
      const who = await signIn(sam);
      expect(who.page).toMatchObject({ status: 200, url: `${url}/account` });
      expect(who.page.body).toContain(sam.name);
      expect(await who.ask<object>('GET', '/api/platform/v1/self')).toMatchObject({
        subject: { kind: 'user', name: sam.name },
        email: sam.email,
        teamId: team.id,
        roles: [{ role: 'editor', level: 'team', group: 'saml-builders' }],
      });
      const id = await who.id();
      provider.setGroups(sam.subject, []);
      const again = await signIn(sam);
      expect(await again.id()).toBe(id);
      await waitFor(async () => !(await who.permissions()).includes('flow:write'), { timeoutMs: WITHIN_MS });
    });

    test('choose their provider by its label, and sign out here', async () => {
      expect((await new Visitor().get(`${url}/sign-in`)).body).toContain('>Acme SAML</a>');
      const who = await signIn(person());
      const page = await who.submit('/account', '/sign-out');
      expect(page.body).toContain('You are signed out');
      expect(page.body).not.toContain(provider.entityId);
      expect(() => who.cookie).toThrow('no session');
    });

    test('do so in a browser that sends no cookie with the form of another site', async ({ skip }) => {
      const browser = await openBrowser();
      if (!browser) skip('no Chromium, and CAUSEWAY_ALLOW_MISSING allows that');
      try {
        const sam = person();
        const page = await (browser as Browser).newPage();
        // To a browser, localhost and 127.0.0.1 are different sites; other ports of one of them are not.
        await page.goto(begin.replace('127.0.0.1', 'localhost'));
        await page.fill('input[name=email]', sam.email);
        await page.fill('input[name=password]', PASSWORD);
        const answered = page.waitForRequest((request) => request.url().endsWith('/callback'));
        await page.click('button[type=submit]');
        expect(await (await answered).headerValue('cookie')).toBeNull();
        await page.waitForURL('**/account');
        expect(await page.textContent('body')).toContain(sam.name);
      } finally {
        await browser?.close();
      }
    }, 60_000);

    test('prove which browser began: the answer to another one signs nobody in', async () => {
      const sam = person();
      const [mallorys, victims] = [new Visitor(), new Visitor()];
      const answer = await answerTo(mallorys, sam);
      const [form] = findForms(answer);
      const post = (visitor: Visitor) =>
        visitor.post(form?.action ?? '', form?.fields ?? {}, { from: answer.url });
      // A browser that has begun nothing, as when the provider begins.
      const unasked = await victims.follow(await post(victims));
      expect(unasked.body).toContain('Error SIGN_IN_NOT_BEGUN');
      expect(unasked.body).toContain(`begin it here, at /sign-in/${CONNECTION}`);
      // One that has begun a sign-in of its own.
      await victims.get(begin);
      const theirs = await victims.follow(await post(victims));
      expect(theirs.body).toContain('Error SIGN_IN_REFUSED');
      expect(theirs.body).toContain('another request than that of this browser');
      // Straight to where this site's own page sends it, from another site.
      const shown = await post(mallorys);
      const [inner] = findForms(shown);
      const forged = await mallorys.post(inner?.action ?? '', inner?.fields ?? {}, { from: answer.url });
      expect(forged.body).toContain('Error REQUEST_FORGED');
      expect(victims.cookies.filter(({ name }) => !name.endsWith('-sign-in'))).toEqual([]);
      expect(await sql('select from auth.identity where subject = $1', [sam.subject])).toEqual([]);
      // The browser that began still can, and once.
      expect((await mallorys.follow(shown)).body).toContain(sam.name);
      expect((await mallorys.follow(await post(mallorys))).body).toContain('Error SIGN_IN_NOT_BEGUN');
    });

    test('are told by a page why they cannot, and so is the audit log', async () => {
      provider.setFaults({ audience: 'https://elsewhere.example' });
      const page = await goTo(person());
      expect(page.status).toBe(403);
      expect(page.body).toContain('Error SIGN_IN_REFUSED');
      const [, requestId = ''] = /request <code>([^<]+)</.exec(page.body) ?? [];
      const find = async () =>
        sql<{ content: string }>(
          `select content from audit.event where content like $1 and content like '%request.refuse%'`,
          [`%${requestId}%`],
        );
      await waitFor(async () => (await find()).length > 0, { timeoutMs: WITHIN_MS });
      expect(JSON.parse((await find())[0]?.content ?? '{}')).toMatchObject({
        action: 'request.refuse',
        code: 'SIGN_IN_REFUSED',
        object: { type: 'connection', id: CONNECTION },
        detail: { reason: expect.stringContaining('audience mismatch') as string },
      });
    });

    test('send no more than fits, and nothing that is no answer', async () => {
      const send = (path: string, SAMLResponse: string) =>
        new Visitor().post(`${url}/sign-in/${CONNECTION}/${path}`, { SAMLResponse }, { from: `${url}/` });
      expect((await send('callback', 'A'.repeat(256 * 1024 + 1))).status).toBe(400);
      const odd = await send('callback', '"><script>alert(1)</script>');
      expect(odd.body).not.toContain('alert(1)</script>');
      expect(odd.headers.get('content-security-policy')).toMatch(/script-src 'sha256-[^']+'$/);
      const visitor = new Visitor();
      await visitor.get(begin);
      const page = await visitor.post(
        `${url}/sign-in/${CONNECTION}/finish`,
        { SAMLResponse: 'PHg+' },
        { from: `${url}/` },
      );
      expect(page.body).toContain('no well-formed XML');
    });

    test('go on while the provider replaces its certificate', async () => {
      const before = await api.ask<{ items: { name: string; kind: string; certificates?: object[] }[] }>(
        'GET',
        '/api/platform/v1/connections',
      );
      expect(before.items.find(({ name }) => name === CONNECTION)?.certificates).toHaveLength(1);
      await provider.rotateKey();
      const sam = person();
      expect((await goTo(sam)).body).toContain('Invalid signature');
      const metadataUrl = provider.metadataUrl;
      await api.ask('PUT', `/api/platform/v1/connections/${CONNECTION}`, {
        body: { kind: 'saml', metadataUrl },
      });
      expect((await goTo(sam)).body).toContain(sam.name);
      const tested = await causewayCli(api, ['sso', 'test', CONNECTION]);
      expect(tested.stdout).toContain('which says that it is valid until');
    });

    test('have no logout tokens, and end with their connection', async () => {
      const who = await signIn(person());
      const logout = await api.as(undefined).send('POST', `/sign-in/${CONNECTION}/back-channel-logout`, {
        body: 'logout_token=x',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      expect([logout.status, logout.json().code]).toEqual([400, 'LOGOUT_TOKEN_INVALID']);
      const path = `/api/platform/v1/connections/${CONNECTION}`;
      expect((await api.send('DELETE', path)).json().code).toBe('CONNECTION_IN_USE');
      const off = await causewayCli(api, ['sso', 'disable', CONNECTION]);
      expect(off.stdout).toContain('nobody can sign in by it');
      expect((await new Visitor().get(begin)).body).toContain('Error CONNECTION_UNKNOWN');
      expect((await who.send('GET', '/api/platform/v1/self')).status).toBe(200);
      const groups = await api.ask<{ items: { id: string; connection: string | null }[] }>(
        'GET',
        '/api/platform/v1/groups?limit=500',
      );
      for (const { id, connection } of groups.items)
        if (connection === CONNECTION) await api.ask('DELETE', `/api/platform/v1/groups/${id}`);
      await api.ask('DELETE', path);
      await waitFor(async () => (await who.send('GET', '/api/platform/v1/self')).status === 401, {
        timeoutMs: WITHIN_MS,
      });
    });
  });
}
