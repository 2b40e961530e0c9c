import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@causeway/testing';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser } from '../support/browser.js';
import { causewayCli } from '../support/cli.js';
import { startStack } from '../support/stack.js';
import { KeycloakRealm, type RealmPerson, findKeycloak } from './keycloak-realm.js';

const WITHIN_MS = 10_000;
/** How long a page may take on a busy machine. */
const PAGE_MS = 30_000;
const keycloak = findKeycloak();

/** The transcript. */
const tell = (line: string): void => console.log(line);

if (!keycloak) test.skip('signing in at Keycloak: npm run check:keycloak does it at a real one', () => {});
else {
  const realm = new KeycloakRealm(keycloak);
  const { causeway, api } = await startStack({ environment: { auth: { CAUSEWAY_SAML: 'on' } } });
  // To a browser this is another site than Keycloak's, which is at 127.0.0.1.
  const site = causeway.url.replace('127.0.0.1', 'localhost');
  const [oidc, saml] = ['kc-oidc', 'kc-saml'];
  const clientSecret = randomUUID();
  const person = (username: string): RealmPerson => ({ id: randomUUID(), username, password: randomUUID() });
  const [ada, ben] = [person('ada'), person('ben')];
  let browser: Browser;
  let team: { id: string };

  const cli = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await causewayCli(api, args);
    tell(`$ causeway ${args.join(' ')}\n${stdout}${stderr}`);
    expect(code).toBe(0);
    return stdout;
  };

  /** Somebody in a browser of their own. */
  class Visit {
    private constructor(
      readonly context: BrowserContext,
      readonly page: Page,
    ) {}

    static async begin(): Promise<Visit> {
      const context = await browser.newContext();
      context.setDefaultTimeout(PAGE_MS);
      return new Visit(context, await context.newPage());
    }

    /** Signs in and returns what the last page shows. Without a person, Keycloak knows the browser and does not ask. */
    async signIn(connection: string, who?: RealmPerson): Promise<string> {
      await this.page.goto(`${site}/sign-in/${connection}?to=%2Faccount`);
      if (who) await this.answer(who);
      // The page with the answer goes on by itself.
      await this.page.waitForURL(`${site}/account`).catch(() => {});
      return this.text();
    }

    /** Fills in Keycloak's form. */
    async answer({ username, password }: RealmPerson): Promise<void> {
      await this.page.fill('#username', username);
      await this.page.fill('#password', password);
      await this.page.click('#kc-login');
    }

    async text(): Promise<string> {
      return (await this.page.textContent('body')) ?? '';
    }

    async self(): Promise<{ status: number; roles: string[]; id: string; email: string | null }> {
      const answer = await this.context.request.get(`${site}/api/platform/v1/self`);
      if (!answer.ok()) return { status: answer.status(), roles: [], id: '', email: null };
      const self = (await answer.json()) as {
        subject: { id: string };
        email: string | null;
        roles: { role: string; group?: string }[];
      };
      const roles = self.roles.map(({ role, group }) => `${role} by ${group}`);
      return { status: 200, roles, id: self.subject.id, email: self.email };
    }
  }

  const newGroup = async (
    name: string,
    connection: string,
    claimValue: string,
    role: string,
  ): Promise<void> => {
    const body = { name, connection, claimValue };
    const { id } = await api.ask<{ id: string }>('POST', '/api/platform/v1/groups', { body });
    await api.ask('POST', '/api/platform/v1/role-bindings', {
      body: { subject: { kind: 'group', id }, role, level: 'team', objectId: team.id },
    });
  };

  beforeAll(async () => {
    const opened = await openBrowser();
    if (!opened) throw new Error('check:keycloak needs Chromium');
    browser = opened;
    const callback = (base: string): string => `${base}/sign-in/${oidc}/callback`;
    await realm.create(
      {
        clientId: 'causeway',
        secret: clientSecret,
        redirectUris: [callback(site), callback(causeway.url)],
        attributes: {
          'backchannel.logout.url': `${causeway.url}/sign-in/${oidc}/back-channel-logout`,
          'backchannel.logout.session.required': 'true',
          'post.logout.redirect.uris': `${site}/sign-in`,
        },
        protocolMappers: [
          {
            name: 'groups',
            protocol: 'openid-connect',
            protocolMapper: 'oidc-group-membership-mapper',
            config: {
              'claim.name': 'groups',
              'full.path': 'false',
              'id.token.claim': 'true',
              'userinfo.token.claim': 'true',
            },
          },
        ],
      },
      [
        { ...ada, groups: ['payments', 'research'] },
        { ...ben, groups: ['payments'] },
      ],
    );
    tell(`${await realm.version()}, Chromium ${browser.version()}, Node ${process.version}`);
    team = await api.ask('POST', '/api/platform/v1/teams', { body: { name: 'Payments' } });
    const folder = mkdtempSync(join(tmpdir(), 'causeway-keycloak-'));
    writeFileSync(join(folder, 'secret'), clientSecret);
    const secretFile = join(folder, 'secret');
    await cli(
      'sso',
      'add',
      oidc,
      '--issuer',
      realm.issuer,
      '--client-id',
      'causeway',
      '--secret-file',
      secretFile,
    );
    rmSync(folder, { recursive: true });
    await cli('sso', 'test', oidc);
    await cli('sso', 'add', saml, '--saml', realm.descriptorUrl, '--label', 'Keycloak by SAML');
    await cli('sso', 'test', saml);
    // What the administrator of Keycloak uploads there.
    await realm.addSamlClient(
      await (await fetch(`${site}/sign-in/${saml}/metadata`)).text(),
      'causeway-saml',
    );
    for (const connection of [oidc, saml]) {
      await newGroup(`${connection} payments`, connection, 'payments', 'editor');
      await newGroup(`${connection} research`, connection, 'research', 'viewer');
    }
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await realm.delete();
  });

  describe.each([oidc, saml])('Keycloak by %s', (connection) => {
    test('says who somebody is, with groups that have roles here', async () => {
      const visit = await Visit.begin();
      expect(await visit.signIn(connection, ada)).toContain('Sessions and keys');
      const self = await visit.self();
      tell(`${connection}: ada is signed in as ${self.email}: ${self.roles.join(', ')}`);
      expect(self.email).toBe('ada@acme.example');
      expect(self.roles.toSorted()).toEqual([
        `editor by ${connection} payments`,
        `viewer by ${connection} research`,
      ]);
      // Keycloak knows the browser and does not ask again.
      await visit.signIn(connection);
      expect((await visit.self()).id).toBe(self.id);
    });
  });

  test('a group that Keycloak takes away is gone at the next sign-in, also from sessions that exist', async () => {
    const visits = await Promise.all([Visit.begin(), Visit.begin()]);
    for (const [at, connection] of [oidc, saml].entries()) await visits[at]?.signIn(connection, ada);
    await realm.leaveGroup(ada, 'payments');
    for (const [at, connection] of [oidc, saml].entries()) {
      await (await Visit.begin()).signIn(connection, ada);
      await waitFor(async () => (await visits[at]?.self())?.roles.length === 1, { timeoutMs: WITHIN_MS });
      const roles = (await visits[at]?.self())?.roles;
      tell(
        `${connection}: ada has left payments at Keycloak; her former session here has: ${roles?.join(', ')}`,
      );
      expect(roles).toEqual([`viewer by ${connection} research`]);
    }
  });

  test('somebody who signs in by both is two people here: only issuer and subject say who they are', async () => {
    const [first, second] = [await Visit.begin(), await Visit.begin()];
    await first.signIn(oidc, ben);
    await second.signIn(saml, ben);
    expect((await first.self()).id).not.toBe((await second.self()).id);
  });

  test('signing out here signs out at Keycloak, by OpenID Connect', async () => {
    const visit = await Visit.begin();
    await visit.signIn(oidc, ben);
    await visit.page.click('form[action="/sign-out"] button');
    await visit.page.waitForURL(`${site}/sign-in`);
    expect((await visit.self()).status).not.toBe(200);
    await visit.page.goto(`${site}/sign-in/${oidc}`);
    await visit.page.waitForSelector('#password');
    tell(`${oidc}: signed out here; Keycloak asks for the password again`);
  });

  test('signing out here ends only the session here, by SAML', async () => {
    const visit = await Visit.begin();
    await visit.signIn(saml, ben);
    await visit.page.click('form[action="/sign-out"] button');
    await visit.page.waitForSelector('text=You are signed out');
    expect((await visit.self()).status).not.toBe(200);
    await visit.signIn(saml);
    expect((await visit.self()).status).toBe(200);
    tell(`${saml}: signed out here; Keycloak still knows the browser`);
  });

  test('a session that Keycloak ends has ended here: back-channel logout', async () => {
    const visit = await Visit.begin();
    await visit.signIn(oidc, ben);
    const begunMs = Date.now();
    await realm.logOut(ben);
    await waitFor(async () => (await visit.self()).status !== 200, { timeoutMs: WITHIN_MS });
    const tookMs = Date.now() - begunMs;
    tell(`${oidc}: Keycloak ended the session of ben; it ended here after ${tookMs} ms`);
    expect(tookMs).toBeLessThan(WITHIN_MS);
  });

  test('a sign-in that begins at Keycloak is refused, by SAML', async () => {
    const visit = await Visit.begin();
    await visit.page.goto(`${realm.issuer}/protocol/saml/clients/causeway-saml`);
    await visit.answer(ben);
    await visit.page.waitForSelector('text=SIGN_IN_NOT_BEGUN');
    tell(`${saml}: begun at Keycloak: ${(await visit.page.textContent('[role=alert]'))?.trim()}`);
    expect((await visit.self()).status).not.toBe(200);
  });

  test('a new key of Keycloak is accepted once its metadata was read again, by SAML', async () => {
    await realm.rotateKey();
    // By OpenID Connect an unknown key is looked up at most once a minute; this asks for the keys anew, for the tests that follow.
    await cli('sso', 'test', oidc);
    const before = await Visit.begin();
    await before.page.goto(`${site}/sign-in/${saml}`);
    await before.answer(ben);
    await before.page.waitForSelector('text=SIGN_IN_REFUSED');
    const said = await cli('sso', 'add', saml, '--saml', realm.descriptorUrl);
    expect(said.match(/it signs with certificate/g)).toHaveLength(2);
    const after = await Visit.begin();
    await after.signIn(saml, ben);
    expect((await after.self()).status).toBe(200);
  });

  test('while SSO is enforced, nobody signs in with a password, and everybody at Keycloak', async () => {
    await cli('sso', 'enforce');
    const page = await (await fetch(`${site}/sign-in`)).text();
    expect(page).toContain('Break-glass sign-in');
    expect(page).not.toContain('Sign in with a password');
    for (const connection of [oidc, saml]) {
      const visit = await Visit.begin();
      await visit.signIn(connection, ben);
      expect((await visit.self()).status).toBe(200);
    }
    await cli('sso', 'relax');
  });
}
