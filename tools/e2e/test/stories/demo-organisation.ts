import { Visitor, signInAt } from '@causeway/identity-provider';
import { type RunningDemo, openHome, startDemo } from '@causeway/stack';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser } from '../support/browser.js';
import { SignedIn } from '../support/signed-in.js';
import type { Stack } from '../support/stack.js';

/** What `npm start -- --demo-org` shows: people of a company sign in, and each sees what their groups allow. */
export function demoOrganisationStories({ api, causeway }: Stack): void {
  const { url } = causeway;
  const start = (): Promise<RunningDemo> => startDemo(url, causeway.apiKey, openHome(causeway.home));
  let running: RunningDemo;
  const signIn = async (email: string): Promise<SignedIn> => {
    const visitor = new Visitor();
    return new SignedIn(url, visitor, await signInAt(visitor, `${url}/sign-in/demo`, email, 'demo'));
  };

  describe('the demo organisation', () => {
    beforeAll(async () => {
      const first = await start();
      await first.close();
      running = await start();
      // The same people again: who they are depends on their provider's address.
      expect(running.demo.issuer).toBe(first.demo.issuer);
    }, 60_000);
    afterAll(() => running.close());

    test('makes each of its parts once', async () => {
      const names = async (path: string): Promise<string[]> => {
        const { items } = await api.ask<{ items: { name: string }[] }>('GET', `${path}?limit=500`);
        return items.map(({ name }) => name);
      };
      const teams = await names('/api/platform/v1/teams');
      expect(teams.filter((name) => name === 'Payments' || name === 'Research')).toHaveLength(2);
      const groups = await names('/api/platform/v1/groups');
      for (const name of ['payments-engineers', 'researchers', 'administrators'])
        expect(groups.filter((one) => one === name)).toHaveLength(1);
      expect(running.demo.people).toHaveLength(6);
    });

    test.each([
      ['ada@demo.example', ['Answer a customer'], true],
      ['chen@demo.example', ['Summarise a text'], false],
    ] as const)('shows %s only the flows of the own team', async (email, flows, mayWrite) => {
      const who = await signIn(email);
      const found = await who.ask<{ name: string }[]>('GET', '/api/v1/flows/?get_all=true&header_flows=true');
      expect(found.map(({ name }) => name)).toEqual(flows);
      expect((await who.permissions()).includes('flow:write')).toBe(mayWrite);
    });

    test('gives whoever is in two groups the roles of both, and an administrator the whole organisation', async () => {
      const eli = await signIn('eli@demo.example');
      expect(eli.page.body).toMatch(/editor[^]*team Payments[^]*runner[^]*team Research/);
      const fay = await signIn('fay@demo.example');
      expect(fay.page.body).toContain('the whole organisation');
      expect(await fay.permissions()).toContain('audit:read');
    });

    test('is used with a browser and the keyboard alone', async () => {
      const browser = await openBrowser();
      if (!browser) return;
      try {
        const page = await browser.newPage();
        const problems: string[] = [];
        page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
        page.on('pageerror', (error) => problems.push(error.message));
        await page.goto(`${url}/`);
        const pressOn = async (text: string): Promise<void> => {
          for (let tabs = 0; tabs < 20; tabs++) {
            await page.keyboard.press('Tab');
            if ((await page.locator(':focus').textContent())?.trim() === text)
              return page.keyboard.press('Enter');
          }
          throw new Error(`${text} cannot be reached with the keyboard on ${page.url()}`);
        };
        await pressOn('Sign in');
        await page.waitForURL(`${url}/sign-in`);
        await pressOn('Demo company');
        await page.waitForURL(`${running.demo.issuer}/**`);
        await page.locator('input[type=password]').fill('demo');
        await page.locator('input:not([type=hidden]):not([type=password])').first().fill('ada@demo.example');
        await page.keyboard.press('Enter');
        await page.waitForURL(`${url}/`);
        expect(await page.textContent('h1')).toBe('Hello Ada Demo');
        await pressOn('Sessions and keys');
        await page.waitForURL(`${url}/account`);
        await page.getByLabel('Name', { exact: true }).fill('by keyboard');
        await page.keyboard.press('Enter');
        await page.waitForSelector('input.key');
        expect(await page.inputValue('input.key')).toMatch(/^sk-/);
        await pressOn('Sign out');
        // Through the provider, which ends its session too.
        await page.waitForURL(`${url}/sign-in`);
        const kept = await page.context().cookies();
        expect(kept.filter(({ name }) => /^causeway-\d+$/.test(name))).toEqual([]);
        expect(problems).toEqual([]);
      } finally {
        await browser.close();
      }
    }, 60_000);
  });
}
