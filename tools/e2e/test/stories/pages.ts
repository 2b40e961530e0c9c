import { randomUUID } from 'node:crypto';
import { routes } from '@causeway/contracts';
import { waitFor } from '@causeway/testing';
import axe from 'axe-core';
import { type Browser, type BrowserContext, type Page, errors } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser } from '../support/browser.js';
import { invited, useSession } from '../support/invited.js';
import type { SignedIn } from '../support/signed-in.js';
import { newAccount } from '../support/service-account.js';
import type { Stack } from '../support/stack.js';

/** Names that a page must show as text: HTML, marks that turn text around, a word without an end. */
const HOSTILE = `<img src=x onerror=alert(1)>"'&\u202Egnp.exe ${'W'.repeat(120)}`;
const MARKED = `marked-${randomUUID()}`;

/** The pages, in a browser and without scripts. */
export function pageStories({ api, causeway }: Stack): void {
  const { url } = causeway;

  describe('the pages', () => {
    let browser: Browser | undefined;
    let team: { id: string; name: string };
    let admin: SignedIn;
    let runner: SignedIn;

    beforeAll(async () => {
      browser = await openBrowser();
      team = await api.ask('POST', '/api/platform/v1/teams', { body: { name: `Pages ${randomUUID()}` } });
      // A person's name is one line; that of a project may be anything.
      admin = await invited(api, team.id, 'admin', `Ada ${HOSTILE.replace('\u202E', '')}`);
      runner = await invited(api, team.id, 'runner', 'Rui');
      const { api: builder } = await newAccount(api, team.id, 'admin');
      for (let at = 0; at < 60; at++)
        await builder.ask('POST', '/api/v1/variables/', {
          body: { name: `${MARKED}-${at}`, value: 'v', type: 'Generic' },
        });
      await builder.ask('POST', '/api/v1/projects/', { body: { name: `${MARKED} ${HOSTILE.slice(0, 60)}` } });
      await waitFor(async () => {
        const { body } = await admin.visitor.get(`${url}/audit?action=variable.create`);
        return body.includes('60 events');
      });
    }, 180_000);
    afterAll(() => browser?.close());

    const inBrowser = async <T>(
      who: SignedIn | undefined,
      options: Parameters<Browser['newContext']>[0],
      look: (page: Page, context: BrowserContext) => Promise<T>,
    ): Promise<T | undefined> => {
      if (!browser) return undefined;
      const context = await browser.newContext({ baseURL: url, ...options });
      try {
        if (who) await useSession(context, who);
        const page = await context.newPage();
        const problems: string[] = [];
        // A dialog, a blocked style or script, or a request to elsewhere is a fault of the page.
        page.on('dialog', (dialog) => problems.push(`dialog ${dialog.message()}`));
        page.on('console', (message) => problems.push(message.text()));
        page.on('pageerror', (error) => problems.push(error.message));
        page.on('request', (request) => {
          if (!request.url().startsWith(url) && !request.url().startsWith('data:'))
            problems.push(request.url());
        });
        const found = await look(page, context);
        expect(problems).toEqual([]);
        return found;
      } finally {
        await context.close();
      }
    };
    /** Goes from field to field until one has the focus that fits. */
    const tabTo = async (page: Page, isWanted: (focused: string) => boolean): Promise<void> => {
      for (let tabs = 0; tabs < 80; tabs++) {
        await page.keyboard.press('Tab');
        const focused = page.locator(':focus');
        // Behind the last one the browser itself has the focus.
        if ((await focused.count()) === 0) continue;
        const text = `${(await focused.getAttribute('name')) ?? ''}|${((await focused.textContent()) ?? '').trim()}`;
        if (isWanted(text)) return;
      }
      throw new errors.TimeoutError(`nothing that fits can be reached with the keyboard on ${page.url()}`);
    };

    test('have no script, load nothing from elsewhere, and are kept by nobody', async () => {
      for (const path of ['/', '/account', '/audit', '/docs', '/docs/runFlow']) {
        const { status, headers, body } = await admin.visitor.get(url + path);
        expect([path, status]).toEqual([path, 200]);
        expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self';/);
        expect(headers.get('content-security-policy')).not.toContain('unsafe');
        expect(headers.get('cache-control')).toBe('no-store');
        expect(body.match(/<(script|iframe)[^>]*|<[^>]*\s(on\w+|style)=|javascript:/i)).toBeNull();
        expect(body.match(/(src|href)="(https?:)?\/\/.{0,80}/)).toBeNull();
      }
    });

    test('lead to what somebody may do, and to nothing else', async () => {
      const seen = async (who: SignedIn): Promise<string> => (await who.visitor.get(`${url}/`)).body;
      expect(await seen(admin)).toContain('href="/audit"');
      expect(await seen(runner)).not.toContain('href="/audit"');
      const refused = await runner.visitor.get(`${url}/audit`);
      expect(refused.status).toBe(403);
      expect(refused.body).toContain('This is not allowed');
      expect(refused.body).toContain('audit:read');
    });

    const looks = [
      ['light', { colorScheme: 'light' }, {}],
      ['dark', { colorScheme: 'dark' }, { runOnly: 'color-contrast' }],
      ['narrow', { colorScheme: 'light', viewport: { width: 320, height: 640 } }, undefined],
    ] as const;
    const places = (): readonly (readonly [string, SignedIn | undefined])[] => [
      ['/', admin],
      ['/account', admin],
      [`/audit?where=${team.id}&action=project.create`, admin],
      [`/audit?where=${team.id}&from=soon&text=ab`, admin],
      ['/audit', runner],
      ['/docs/runFlow', undefined],
      ['/', undefined],
      ['/sign-in', undefined],
    ];
    /** Long lists of what the others have too: looking at each of their rows would take most of the time. */
    const long = (): ReturnType<typeof places> => [
      ['/audit', admin],
      ['/docs', undefined],
      ['/docs/putConnection', undefined],
    ];

    test.each(looks)(
      'are readable for everybody, %s',
      async (_name, options, axeOptions) => {
        for (const who of [admin, runner, undefined])
          await inBrowser(who, options, async (page) => {
            // A page that refuses is one too, and the browser says so in its console.
            page.removeAllListeners('console');
            const all = axeOptions === undefined ? [...places(), ...long()] : places();
            for (const [path] of all.filter(([, whose]) => whose === who))
              expect(await problemsOf(page, path, axeOptions)).toEqual([]);
          });
      },
      60_000,
    );

    test('would be found not to be readable', async () => {
      await inBrowser(undefined, { viewport: { width: 320, height: 640 } }, async (page) => {
        await page.route('**/bad', (route) =>
          route.fulfill({
            contentType: 'text/html',
            body: '<html lang="en"><title>Bad</title><main><h1>Bad</h1><input name="a"><p style="color:#999;width:30rem">pale',
          }),
        );
        const found = await problemsOf(page, '/bad', {});
        for (const one of ['too wide', 'label', 'color-contrast'])
          expect(found.some((problem) => problem.includes(one))).toBe(true);
      });
    });

    describe('the audit log', () => {
      test('is searched, opened, followed and turned with the keyboard alone, and without scripts', async () => {
        await inBrowser(admin, { javaScriptEnabled: false }, async (page) => {
          await page.goto('/');
          await tabTo(page, (focused) => focused === '|Audit log');
          await page.keyboard.press('Enter');
          await page.waitForURL('**/audit');
          await tabTo(page, (focused) => focused.startsWith('text|'));
          await page.keyboard.type(MARKED);
          await tabTo(page, (focused) => focused.startsWith('action|'));
          await page.keyboard.type('variable.*');
          await page.keyboard.press('Enter');
          await page.waitForURL(/action=variable/);
          // What was not filled in is not in the address, so it can be sent as a link.
          const fields = [...new URL(page.url()).searchParams.keys()];
          expect(fields).toEqual(['where', 'action', 'text']);
          expect(await page.textContent('h2')).toBe('60 events');
          const first = await page.locator('.events > li').allTextContents();
          expect(first).toHaveLength(50);

          await tabTo(page, (focused) => focused.startsWith(`|20`) && focused.includes(`${MARKED}-59`));
          await page.keyboard.press('Enter');
          await page.locator('details[open] dl').waitFor();

          await tabTo(page, (focused) => focused === '|all events of this object');
          await page.keyboard.press('Enter');
          await page.waitForURL(/object_id=/);
          expect(await page.textContent('h2')).toBe('1 event');
          await page.goBack();

          await page.getByRole('link', { name: 'Next page' }).press('Enter');
          await page.waitForURL(/after=/);
          const second = await page.locator('.events > li').allTextContents();
          expect(second).toHaveLength(10);
          expect(second.filter((event) => first.includes(event))).toEqual([]);
          expect(await page.getByRole('link', { name: 'Next page' }).count()).toBe(0);
          await page.getByRole('link', { name: 'Previous page' }).press('Enter');
          await page.waitForURL(/before=/);
          expect(await page.locator('.events > li').allTextContents()).toEqual(first);
          expect(await page.getByRole('link', { name: 'Previous page' }).count()).toBe(0);
        });
      }, 60_000);

      test('shows hostile names as what they are', async () => {
        await inBrowser(admin, {}, async (page) => {
          await page.goto(`/audit?where=${team.id}&action=project.create`);
          await page.locator('.events summary').first().press('Enter');
          const text = await page.locator('.events').textContent();
          expect(text).toContain('<img src=x onerror=alert(1)>');
          expect(text).toContain('U+202E');
          expect(text).not.toContain('\u202E');
          expect(await page.locator('main img').count()).toBe(0);
        });
      });

      test('tells beside each field what is wrong with it', async () => {
        const filters = `where=${team.id}&from=soon&text=ab&result=maybe`;
        const { status, body } = await admin.visitor.get(`${url}/audit?${filters}`);
        expect(status).toBe(400);
        for (const [field, problem] of [
          ['from', 'must be a time'],
          ['text', 'must have at least 3 characters'],
          ['result', 'must be one of'],
        ] as const)
          expect(body).toMatch(new RegExp(`id="${field}-note"[^>]*class="bad"[^>]*>[^<]*${problem}`));
        const behind = await admin.visitor.get(`${url}/audit?from=2026-02-01&to=2026-01-01`);
        expect(behind.status).toBe(400);
        expect(behind.body).toMatch(/id="from-note"[^>]*>[^<]*lies behind to/);
        const turned = await admin.visitor.get(`${url}/audit?after=nonsense`);
        expect([turned.status, turned.body.includes('this is not a page key')]).toEqual([400, true]);
        expect((await admin.visitor.get(`${url}/audit?where=${randomUUID()}`)).status).toBe(400);
      });

      test('says when nothing fits', async () => {
        const { body } = await admin.visitor.get(`${url}/audit?text=${randomUUID()}`);
        expect(body).toContain('0 events');
        expect(body).toContain('No event fits this search');
      });

      test('is exported as it is searched, with the session', async () => {
        const { body } = await admin.visitor.get(`${url}/audit?action=variable.create`);
        const links = [...body.matchAll(/href="(\/api\/platform\/v1\/audit\/export[^"]+)"/g)].map(
          ([, link = '']) => link.replaceAll('&#38;', '&'),
        );
        const [csv = '', lines = ''] = links;
        const rows = (await admin.send('GET', csv)).text.trim().split('\n');
        expect(rows[0]).toMatch(/^seq,at,action/);
        expect(rows).toHaveLength(61);
        expect((await admin.send('GET', lines)).text.match(/^\{"event":/gm)).toHaveLength(60);
      });

      test('is read where somebody may, and reading it is an event', async () => {
        const elsewhere = await api.ask<{ id: string }>('POST', '/api/platform/v1/teams', {
          body: { name: `Elsewhere ${randomUUID()}` },
        });
        expect((await admin.visitor.get(`${url}/audit?where=organisation`)).status).toBe(403);
        expect((await admin.visitor.get(`${url}/audit?where=${elsewhere.id}`)).body).toContain(
          'There is no team',
        );
        const id = await admin.id();
        await admin.visitor.get(`${url}/audit?address=192.0.2.7`);
        const { body } = await admin.visitor.get(`${url}/audit?action=audit.read&actor_id=${id}`);
        expect(body).toContain('192.0.2.7');
      });
    });

    describe('the reference', () => {
      test('has a page for each route, reached by links, also for somebody who is not signed in', async () => {
        const { text } = await api.as(undefined).send('GET', '/docs');
        const pages = new Set(text.match(/\/docs\/\w+/g));
        expect(pages.size).toBe(routes.length);
        for (const path of [...pages].slice(0, 10))
          expect((await api.as(undefined).send('GET', path)).status).toBe(200);
        const none = await api.as(undefined).send('GET', '/docs/none');
        expect([none.status, none.text.includes('Error OPERATION_UNKNOWN')]).toEqual([404, true]);
      });
    });

    describe('keys', () => {
      test('are made with less than their maker may do, shown once, listed and revoked with the keyboard', async () => {
        await inBrowser(admin, { javaScriptEnabled: false }, async (page) => {
          await page.goto('/account');
          await tabTo(page, (focused) => focused.startsWith('name|'));
          await page.keyboard.type('reads flows');
          await tabTo(page, (focused) => focused.startsWith('may|'));
          await page.keyboard.press('ArrowDown');
          await tabTo(page, (focused) => focused.startsWith('flow:read|'));
          await page.keyboard.press('Space');
          await page.keyboard.press('Enter');
          await page.locator('input.key').waitFor();
          const key = await page.inputValue('input.key');
          expect(key).toMatch(/^sk-/);
          expect(await page.locator('.allowed li').allTextContents()).toEqual(['see flows flow:read']);
          const holder = api.as(key);
          expect((await holder.send('GET', '/api/v1/flows/')).status).toBe(200);
          expect((await holder.send('GET', '/api/v1/variables/')).status).toBe(403);

          await tabTo(page, (focused) => focused === '|Back to your sessions and keys');
          await page.keyboard.press('Enter');
          await page.waitForURL('**/account');
          expect(await page.textContent('main')).not.toContain(key);
          const row = page.locator('tr', { hasText: 'reads flows' });
          expect(await row.textContent()).toContain('see flows');
          await row.getByRole('button', { name: 'Revoke the key reads flows' }).press('Enter');
          await page.waitForLoadState();
          expect(await page.locator('tr', { hasText: 'reads flows' }).count()).toBe(0);
          await waitFor(async () => (await holder.send('GET', '/api/v1/flows/')).status === 403);
        });
      }, 60_000);

      test('need a form of this session, a permission that their maker has, and something to do', async () => {
        const form = (fields: Record<string, string>, who = admin) =>
          who.submit('/account', '/account/keys', { name: 'k', days: '1', ...fields });
        expect((await form({ csrf: 'wrong' })).body).toContain('Error REQUEST_FORGED');
        expect((await form({ may: 'ticked' })).body).toContain('Tick at least one thing');
        expect((await form({ may: 'ticked', 'organisation:write': 'on' })).body).toContain(
          'Error KEY_SCOPE_TOO_WIDE',
        );
        expect((await form({ days: '0' })).body).toContain('Error REQUEST_INVALID');
        const { body } = await runner.visitor.get(`${url}/account`);
        const has = (await runner.permissions()).includes('key:write');
        expect(body.includes('action="/account/keys"')).toBe(has);
      });
    });
  });
}

/** What keeps somebody from reading a page with everything in it opened: how far it is too wide, and what axe finds. */
async function problemsOf(page: Page, path: string, options: axe.RunOptions | undefined): Promise<string[]> {
  await page.goto(path);
  await page.evaluate(
    'for (const one of [...document.querySelectorAll("details")].slice(0, 4)) one.open = true',
  );
  const overflow: number = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  const problems = overflow > 0 ? [`${path} is ${overflow} pixels too wide`] : [];
  if (options === undefined) return problems;
  await page.evaluate(axe.source);
  const { violations }: axe.AxeResults = await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`);
  return [
    ...problems,
    ...violations.map(({ id, nodes }) => `${path}: ${id}: ${nodes[0]?.html.slice(0, 200)}`),
  ];
}
