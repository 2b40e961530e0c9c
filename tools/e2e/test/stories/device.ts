import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Visitor } from '@causeway/identity-provider';
import { waitFor } from '@causeway/testing';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openBrowser } from '../support/browser.js';
import { type CommandOutcome, causewayCli } from '../support/cli.js';
import { type InvitedPerson, invitedPerson } from '../support/invited-person.js';
import { OAuthProgram, type Registered, TokenApi, given } from '../support/oauth-client.js';
import type { Stack } from '../support/stack.js';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const CODE = /[B-Z]{4}-[B-Z]{4}/;

/** Programs without a browser ask by a code that a person types in one. */
export function deviceStories({ api, causeway, sql }: Stack): void {
  const { url } = causeway;
  let team: { readonly id: string; readonly name: string };
  let other: { readonly id: string; readonly name: string };
  let client: Registered;

  const newTeam = (): Promise<{ id: string; name: string }> =>
    api.ask('POST', '/api/platform/v1/teams', { body: { name: `Device ${randomUUID()}` } });
  const newPerson = (): Promise<InvitedPerson> => invitedPerson(api, team.id, 'editor');
  const newCodes = async (): Promise<{ program: OAuthProgram; code: string; userCode: string }> => {
    const program = new OAuthProgram(api, client);
    const answer = await program.post('/oauth/device_authorization', { scope: 'flow:read' });
    const { device_code: code, user_code: userCode } = answer.json<Record<string, string>>();
    return { program, code: code ?? '', userCode: userCode ?? '' };
  };
  const answerTo = ({ who }: InvitedPerson, userCode: string, decision: 'allow' | 'deny', teamId = team.id) =>
    who.submit(`/device?user_code=${userCode}`, '/device', { decision, teamId });
  /** The command with the user code that it shows, and the outcome. */
  const logIn = (...more: string[]) => {
    const configFolder = mkdtempSync(join(tmpdir(), 'causeway-device-'));
    onTestFinished(() => rmSync(configFolder, { recursive: true, force: true }));
    const shown = Promise.withResolvers<string>();
    const nobody = { url, key: undefined };
    const onProgress = (text: string): void => {
      const [found] = CODE.exec(text) ?? [];
      if (found !== undefined) shown.resolve(found);
    };
    const args = ['--json', 'login', '--client', client.id, ...more];
    const outcome: Promise<CommandOutcome> = causewayCli(nobody, args, { configFolder, onProgress });
    return { userCode: shown.promise, outcome, configFolder };
  };

  describe('a program without a browser', () => {
    beforeAll(async () => {
      [team, other] = [await newTeam(), await newTeam()];
      client = await api.ask('POST', '/api/platform/v1/clients', {
        body: { name: 'a terminal', kind: 'public', redirectUris: [], deviceFlow: true },
      });
    });

    test('is found by its metadata, and acts for who has typed its code', async () => {
      const metadata = await api.ask<object>('GET', '/.well-known/openid-configuration');
      expect(metadata).toMatchObject({ device_authorization_endpoint: `${url}/oauth/device_authorization` });
      const person = await newPerson();
      const { program, code, userCode } = await newCodes();
      const ask = () => program.post('/oauth/token', { grant_type: GRANT, device_code: code });
      expect((await ask()).json()).toMatchObject({ error: 'authorization_pending' });
      const page = await answerTo(person, userCode, 'allow');
      expect([page.status, page.body]).toMatchObject([200, expect.stringContaining('may act for you')]);
      const { access_token: token } = given(await ask());
      expect((await new TokenApi(url, token).send('GET', '/api/v1/flows/')).status).toBe(200);
      const grants = await person.who.ask<{ items: object[] }>('GET', '/api/platform/v1/grants');
      expect(grants.items).toMatchObject([
        { client: 'a terminal', teamId: team.id, permissions: ['flow:read'] },
      ]);
      // Waiting is no refusal, and no guess.
      const events = await sql<{ content: string }>(
        `select content from audit.event where content like '%OAUTH_REFUSED%' and content like $1`,
        ['%"POST /oauth/token"%'],
      );
      expect(events.filter(({ content }) => content.includes(client.id))).toEqual([]);
    });

    test('can be waited for without end, and without being taken for somebody who guesses', async () => {
      const { program, code } = await newCodes();
      const statuses: string[] = [];
      for (let count = 0; count < 40; count++) {
        const form = { grant_type: GRANT, device_code: code, nonce: String(count) };
        statuses.push((await program.post('/oauth/token', form)).json<{ error: string }>().error);
      }
      expect(new Set(statuses)).toEqual(new Set(['authorization_pending', 'slow_down']));
    });

    test('is refused, and nobody who is not signed in, or from another page, can answer', async () => {
      const person = await newPerson();
      const { program, code, userCode } = await newCodes();
      const stranger = new Visitor();
      const signInPage = await stranger.follow(await stranger.get(`${url}/device?user_code=${userCode}`));
      expect(signInPage.url).toBe(`${url}/sign-in?to=${encodeURIComponent(`/device?user_code=${userCode}`)}`);
      const forged = { user_code: userCode, teamId: team.id, decision: 'allow', csrf: 'guessed' };
      const page = await person.who.visitor.post(`${url}/device`, forged, { from: `${url}/device` });
      expect(page.body).toContain('Error REQUEST_FORGED');
      const withKey = await api.send('GET', `/device?user_code=${userCode}`);
      expect([withKey.status, withKey.text]).toMatchObject([
        400,
        expect.stringContaining('Error OAUTH_NEEDS_BROWSER'),
      ]);
      expect((await answerTo(person, userCode, 'allow', other.id)).body).toContain('Error TEAM_UNKNOWN');
      expect((await answerTo(person, userCode, 'deny')).body).toContain('may not act for you');
      const answer = await program.post('/oauth/token', { grant_type: GRANT, device_code: code });
      expect([answer.status, answer.json()]).toMatchObject([400, { error: 'access_denied' }]);
    });

    test('cannot be guessed: after ten wrong codes a person waits, and their other sessions too', async () => {
      const person = await newPerson();
      const { userCode } = await newCodes();
      const guess = (code: string) => person.who.visitor.get(`${url}/device?user_code=${code}`);
      for (let count = 0; count < 10; count++)
        expect((await guess('BBBB-BBBB')).body).toContain('Error USER_CODE_UNKNOWN');
      const refused = await guess(userCode);
      expect([refused.status, refused.body]).toMatchObject([
        429,
        expect.stringContaining('Error USER_CODE_TRIES'),
      ]);
      const another = await newPerson();
      const seen = await another.who.visitor.get(`${url}/device?user_code=${userCode}`);
      expect(seen.body).toContain('a terminal');
    });

    test('is the command line: with --device, and where the machine has no display', async () => {
      const [person, other] = [await newPerson(), await newPerson()];
      // Both wait for as long as the server wants them to.
      const [asked, chosen] = [logIn('--device', '--permissions', 'flow:read'), logIn()];
      await answerTo(person, await asked.userCode, 'allow');
      await answerTo(other, await chosen.userCode, 'deny');
      const [allowed, denied] = [await asked.outcome, await chosen.outcome];
      expect([allowed.code, JSON.parse(allowed.stdout)]).toMatchObject([
        0,
        { subject: { id: await person.who.id() } },
      ]);
      const kept = readFileSync(join(asked.configFolder, 'causeway', 'logins.json'), 'utf8');
      expect(Object.keys(JSON.parse(kept) as object)).toEqual([url]);
      expect([denied.code, denied.stdout]).toMatchObject([1, expect.stringContaining('it was not allowed')]);
    }, 30_000);

    test('is allowed with a browser and the keyboard alone, by a person who signs in first', async () => {
      const { login, password } = await newPerson();
      await api.ask('POST', '/api/platform/v1/role-bindings', {
        body: {
          subject: { kind: 'user', id: await idOf(login) },
          role: 'viewer',
          level: 'team',
          objectId: other.id,
        },
      });
      const { program, code, userCode } = await newCodes();
      const browser = await openBrowser();
      if (!browser) return;
      try {
        const page = await browser.newPage();
        const problems: string[] = [];
        page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
        page.on('pageerror', (error) => problems.push(error.message));
        await page.goto(`${url}/device`);
        await page.goto(`${url}/password?to=/device`);
        await page.getByLabel('User name').fill(login);
        await page.getByLabel('Password', { exact: true }).fill(password);
        await page.keyboard.press('Enter');
        await page.waitForURL(`${url}/device`);
        await show(page, 'device-code');
        // The field has the focus; small letters without the hyphen are the same code.
        await page.waitForSelector('input[name=user_code]:focus');
        await page.keyboard.type(userCode.toLowerCase().replace('-', ''));
        await page.keyboard.press('Enter');
        await page.waitForURL(`${url}/device?**`);
        expect(await page.textContent('h1')).toBe('Let a terminal act for you?');
        expect(await page.textContent('.key')).toBe(userCode);
        expect(await page.textContent('main')).toMatch(/Allow it only if you started this program yourself/);
        await show(page, 'device-question');
        await page.getByLabel('In the team').selectOption({ label: other.name });
        await press(page, 'Allow');
        await page.waitForSelector('h1:has-text("The program may act for you")');
        await show(page, 'device-allowed');
        expect(problems).toEqual([]);
      } finally {
        await browser.close();
      }
      const token = given(await program.post('/oauth/token', { grant_type: GRANT, device_code: code }));
      const self = await new TokenApi(url, token.access_token).ask('GET', '/api/platform/v1/self');
      expect(self).toMatchObject({ teamId: other.id });
    }, 60_000);

    test('is in the audit log with who has allowed it', async () => {
      const found = () =>
        sql<{ content: string }>(
          `select content from audit.event where content like '%grant.create%' and content like $1`,
          [`%${client.id}%`],
        );
      await waitFor(async () => (await found()).length >= 4);
      const events = (await found()).map(
        ({ content }) => JSON.parse(content) as { result: string; detail: { device?: boolean } },
      );
      expect(events.some(({ result, detail }) => result === 'succeeded' && detail.device === true)).toBe(
        true,
      );
      expect(events.some(({ result }) => result === 'refused')).toBe(true);
    });
  });

  const idOf = async (login: string): Promise<string> => {
    const [row] = await sql<{ user_id: string }>('select user_id from auth.password where login = $1', [
      login,
    ]);
    return row?.user_id ?? '';
  };
}

/** Presses a button that is reached with the keyboard. */
async function press(page: Page, text: string): Promise<void> {
  for (let tabs = 0; tabs < 30; tabs++) {
    await page.keyboard.press('Tab');
    if ((await page.locator(':focus').textContent())?.trim() === text) return page.keyboard.press('Enter');
  }
  throw new Error(`${text} cannot be reached with the keyboard on ${page.url()}`);
}

/** Pictures of a page, light and dark, for whoever wants to look at them: into the folder CAUSEWAY_PICTURES. */
async function show(page: Page, name: string): Promise<void> {
  const { CAUSEWAY_PICTURES: folder } = process.env;
  if (!folder) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`), fullPage: true });
  }
}
