import { randomUUID } from 'node:crypto';
import { routes, runFlow } from '@causeway/contracts';
import { waitFor } from '@causeway/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Api, chatText } from '../support/api.js';
import { causewayCli } from '../support/cli.js';
import { echoFlow } from '../support/flows.js';
import { newAccount } from '../support/service-account.js';
import type { Stack } from '../support/stack.js';

const PAGE = 'https://www.shop.example';
const ELSEWHERE = 'https://evil.example';

/** Keys that stand in public pages. */
export function publicPageStories({ api }: Stack): void {
  let teamId: string;
  let flow: { readonly id: string };
  let account: { readonly id: string };
  let key: Api;
  let keyId: string;

  const from = (origin: string) => ({ origin });
  const ask = (origin: string, path: string): Promise<Answer> =>
    api.as(undefined).send('OPTIONS', path, {
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-api-key,content-type',
      },
    });
  const allowedOrigin = ({ headers }: Answer): string | null => headers.get('access-control-allow-origin');
  const makeKey = (accountId: string, body: object): Promise<Answer> =>
    api.send('POST', `/api/platform/v1/service-accounts/${accountId}/keys`, { body });

  beforeAll(async () => {
    ({
      team: { id: teamId },
    } = await api.ask<{ team: { id: string } }>('GET', '/api/platform/v1/access'));
    flow = await api.importFlow(echoFlow(`Page ${randomUUID()}`));
    account = await newAccount(api, teamId, 'runner', { place: { flowId: flow.id } });
    const args = ['accounts', 'key', account.id, '--origin', PAGE];
    const { code, stdout, stderr } = await causewayCli(api, args);
    if (code !== 0) throw new Error(stderr);
    key = api.as(stdout.trim());
    const { items } = await api.ask<{ items: { id: string }[] }>(
      'GET',
      `/api/platform/v1/service-accounts/${account.id}/keys`,
    );
    keyId = items[0]?.id ?? '';
  });

  describe('a key for a public page', () => {
    test('runs its flow from the pages that it lists, and browsers let these read the answer', async () => {
      const path = `/api/v1/run/${flow.id}`;
      await waitFor(async () => allowedOrigin(await ask(PAGE, path)) === PAGE);
      const run = await key.run(flow.id, { input_value: 'from a page' }, from(PAGE));
      expect([run.status, chatText(run), allowedOrigin(run)]).toEqual([200, 'from a page', PAGE]);
      expect(run.headers.get('access-control-expose-headers')).toContain('x-causeway-run-id');
      // A refusal can be read too.
      const unknown = await key.run(randomUUID(), {}, from(PAGE));
      expect([unknown.json().code, allowedOrigin(unknown)]).toEqual(['FLOW_UNKNOWN', PAGE]);
    });

    test('is refused from other pages and from programs', async () => {
      const path = `/api/v1/run/${flow.id}`;
      expect(allowedOrigin(await ask(ELSEWHERE, path))).toBeNull();
      for (const headers of [from(ELSEWHERE), {}]) {
        const refused = await key.run(flow.id, { input_value: 'x' }, headers);
        expect([refused.status, refused.json().code, allowedOrigin(refused)]).toEqual([
          403,
          'KEY_ORIGIN_REFUSED',
          null,
        ]);
      }
      // Another key does not become one for pages by the page that sends it.
      const owner = await api.run(flow.id, { input_value: 'x' }, from(PAGE));
      expect([owner.status, allowedOrigin(owner)]).toEqual([200, null]);
    });

    test('does nothing else', async () => {
      const other = await api.importFlow(echoFlow(`Other ${randomUUID()}`));
      expect((await key.run(other.id, {}, from(PAGE))).json().code).toBe('FLOW_UNKNOWN');
      for (const path of [`/api/v1/flows/${flow.id}`, '/api/platform/v1/runs', '/api/v1/variables'])
        expect([path, (await key.send('GET', path, { headers: from(PAGE) })).status]).toEqual([path, 403]);
    });

    test.each(
      routes
        .filter(({ permission }) => permission !== 'public' && permission !== 'scim')
        .filter((route) => route !== runFlow)
        .map((route) => [`${route.method} ${route.path}`, route] as const),
    )('is refused by %s', async (_name, { method, path, isPage }) => {
      // The account's own id and the flow's are where such a key has most rights.
      const named = path.replace(/\{(\w+)\}/g, (_all, name: string) =>
        /flow/i.test(name) ? flow.id : /key/i.test(name) ? keyId : account.id,
      );
      const answer = await key.send(method, named, { headers: from(PAGE) });
      if (isPage) expect(answer.status).toBeGreaterThanOrEqual(300);
      else {
        expect(answer.status).toBe(403);
        expect(answer.json().code).toBe('KEY_FOR_PAGES_REFUSED');
      }
    });

    test('lets a visitor change neither the flow nor its variables', async () => {
      const tweaks = { 'ChatInput-1': { input_value: 'x' } };
      for (const refused of [
        await key.run(flow.id, { tweaks }, from(PAGE)),
        await key.run(flow.id, {}, { ...from(PAGE), 'x-langflow-global-var-name': 'x' }),
      ])
        expect([refused.status, refused.json().code]).toEqual([403, 'KEY_FOR_PAGES_REFUSED']);
    });

    test.each([
      ['output_type', 'debug'],
      ['output_type', 'any'],
      ['output_type', 'text'],
      ['output_component', 'ChatInput-1'],
      ['input_type', 'any'],
      ['input_type', 'text'],
    ])('lets a visitor talk to its chat only: not with %s %s', async (member, value) => {
      for (const body of [{ [member]: value }, { input_request: { [member]: value }, context: {} }]) {
        const refused = await key.run(flow.id, { input_value: 'x', ...body }, from(PAGE));
        expect([refused.status, refused.json().code]).toEqual([403, 'KEY_FOR_PAGES_REFUSED']);
        expect(refused.json<{ detail: string }>().detail).toContain(member);
      }
      const streamed = await key.send('POST', `/api/v1/run/${flow.id}?stream=true`, {
        body: { input_value: 'x', [member]: value },
        headers: from(PAGE),
      });
      expect([streamed.status, streamed.json().code]).toEqual([403, 'KEY_FOR_PAGES_REFUSED']);
    });

    test('shows a visitor the chat outputs of its flow, and no other node', async () => {
      const body = { input_value: 'x', input_type: 'chat', output_type: 'chat', output_component: '' };
      const { outputs } = (await key.run(flow.id, body, from(PAGE))).json<{
        outputs: { outputs: { component_id: string }[] }[];
      }>();
      expect(outputs[0]?.outputs.map(({ component_id: id }) => id)).toEqual([
        expect.stringMatching(/^ChatOutput/),
      ]);
    });

    test('gives each visitor a chat of its own', async () => {
      const sessions = [];
      for (const input_value of ['one', 'two'])
        sessions.push(
          (await key.run(flow.id, { input_value }, from(PAGE))).json<{ session_id: string }>().session_id,
        );
      expect(new Set([...sessions, flow.id]).size).toBe(3);
    });

    test('that is refused elsewhere is audited in its own team', async () => {
      const refused = await key.run(flow.id, {}, from('https://audited.example'));
      expect(refused.status).toBe(403);
      await waitFor(async () => {
        const { text } = await api.send(
          'GET',
          `/api/platform/v1/audit/events?team_id=${teamId}&actor_id=${account.id}`,
        );
        return text.includes('KEY_ORIGIN_REFUSED');
      });
    });

    test('shows nothing more on the public pages than nobody sees', async () => {
      const seen = await api.as(undefined).send('GET', '/docs');
      for (const caller of [key, api])
        expect((await caller.send('GET', '/docs', { headers: from(PAGE) })).text).toBe(seen.text);
    });

    test('is made only for an account of one flow, and only to run it', async () => {
      const wide = await newAccount(api, teamId, 'runner');
      const run = { permissions: ['flow:run'], origins: [PAGE] };
      const codeOf = async (accountId: string, body: object) =>
        (await makeKey(accountId, body)).json<{ code?: string }>().code;
      expect(await codeOf(wide.id, run)).toBe('KEY_FOR_PAGES_TOO_WIDE');
      expect(await codeOf(account.id, { origins: [PAGE] })).toBe('KEY_FOR_PAGES_TOO_WIDE');
      for (const origin of ['*', 'www.shop.example', `${PAGE}/path`, 'https://WWW.shop.example'])
        expect(await codeOf(account.id, { ...run, origins: [origin] })).toBe('REQUEST_INVALID');
    });
  });
}
