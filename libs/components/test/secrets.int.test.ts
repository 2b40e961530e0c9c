import { SECRET_MASK } from '@causeway/dag';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { messageOf } from '../src/coerce/value.js';
import { componentTools } from '../src/runtime/agent/component-as-tool.js';
import { type GuardedHttpClient, createGuardedHttp } from '../src/runtime/guarded-http.js';
import type { ComponentRuntime } from '../src/runtime/component.js';
import { findRuntime } from '../src/runtime/registry.js';
import { testComponent, testContext } from '../src/runtime/test-context.js';
import type { TestOptions } from '../src/runtime/test-options.js';
import { type LocalServer, startLocalServer } from './local-server.js';

const canary = 'canary-7f3a-secret';
/** The address that the flow names; it redirects by the status in its path, and its page links elsewhere. */
let named: LocalServer;
let elsewhere: LocalServer;
let door: GuardedHttpClient;

beforeAll(async () => {
  elsewhere = await startLocalServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>elsewhere</p>'),
  );
  named = await startLocalServer((request, response) => {
    const status = /^\/(30\d)/.exec(request.path)?.[1];
    if (status !== undefined)
      return void response.writeHead(Number(status), { location: `${elsewhere.url}/landed` }).end();
    const link = `<a href="${elsewhere.url}/linked">there</a>`;
    response.writeHead(200, { 'content-type': 'text/html' }).end(link);
  });
  door = createGuardedHttp({ allow: ['127.0.0.1'] });
});
afterAll(() => Promise.all([door.close(), named.close(), elsewhere.close()]));

const row = (key: string, value: string) => ({ key, value });
const got = (server: LocalServer, since: number) => JSON.stringify(server.requests.slice(since));

async function request(fields: TestOptions['fields'], rest: TestOptions = {}) {
  const since = elsewhere.requests.length;
  const error = await testComponent('APIRequest', {
    fields: { url_input: named.url, follow_redirects: true, ...fields },
    secrets: [{ value: canary, label: 'the credential KEY', variable: 'KEY' }],
    door,
    ...rest,
  }).then(
    () => undefined,
    (thrown: unknown) => thrown as Error & { code: string },
  );
  return { error, seen: elsewhere.requests.slice(since) };
}

describe('an API request', () => {
  test('sends its secrets to the address that its flow names', async () => {
    const since = named.requests.length;
    const { error } = await request({ headers: [row('X-Api-Key', canary)] });
    expect(error).toBeUndefined();
    expect(got(named, since)).toContain(canary);
  });

  test('sends none to an address that came over an edge, and names the secret, the address and the remedy', async () => {
    const { error, seen } = await request(
      { headers: [row('X-Api-Key', canary)] },
      { inputs: { url_input: messageOf(elsewhere.url) } },
    );
    expect(error).toMatchObject({ code: 'SECRET_WITHHELD' });
    expect(error?.message).toContain('in header x-api-key to http://127.0.0.1:');
    expect(error?.message).toContain('npx causeway flows allow-hosts');
    expect(seen).toEqual([]);
  });

  test('sends them to hosts that the flow’s list allows', async () => {
    const { error, seen } = await request(
      { headers: [row('X-Api-Key', canary)] },
      { inputs: { url_input: messageOf(elsewhere.url) }, allowedHosts: [elsewhere.url] },
    );
    expect(error).toBeUndefined();
    expect(JSON.stringify(seen)).toContain(canary);
  });

  test.each([301, 302, 303, 307, 308])(
    'sends no secret header to the target of a redirect with %i',
    async (status) => {
      const headers = [
        row('X-API-Key', canary),
        row('Authorization', `Bearer ${canary}`),
        row('X-Trace', '1'),
      ];
      const { error, seen } = await request({ url_input: `${named.url}/${status}`, headers });
      expect(error).toBeUndefined();
      expect(seen).toMatchObject([{ path: '/landed', headers: { 'x-trace': '1' } }]);
      expect(JSON.stringify(seen)).not.toContain(canary);
    },
  );

  test.each([307, 308])(
    'does not send a body with a secret to the target of a redirect with %i',
    async (status) => {
      const { error, seen } = await request({
        url_input: `${named.url}/${status}`,
        method: 'POST',
        body: [row('note', `my key is ${canary}`)],
      });
      expect(error).toMatchObject({
        code: 'SECRET_WITHHELD',
        message: expect.stringContaining('in the body'),
      });
      expect(seen).toEqual([]);
    },
  );

  test('sends none to an address that a model chose for it as a tool', async () => {
    const since = elsewhere.requests.length;
    const { context } = testContext('APIRequest', {
      node: { toolMode: true },
      fields: { url_input: named.url, headers: [row('X-Api-Key', canary)] },
      secrets: [{ value: canary, label: 'the credential KEY', variable: 'KEY' }],
      door,
    });
    const [tool] = componentTools((await findRuntime('APIRequest')) as ComponentRuntime, context);
    const attempt = { idempotencyKey: 'k', signal: context.signal };
    await expect(tool?.call({ url_input: `${elsewhere.url}/` }, attempt)).rejects.toMatchObject({
      code: 'SECRET_WITHHELD',
    });
    expect(elsewhere.requests).toHaveLength(since);
  });
});

test('a crawl sends no secret to another host', async () => {
  const [sinceNamed, since] = [named.requests.length, elsewhere.requests.length];
  await testComponent('URLComponent', {
    fields: {
      urls: [named.url],
      max_depth: 2,
      prevent_outside: false,
      headers: [row('X-Api-Key', canary), row('X-Trace', '1')],
    },
    door,
  });
  expect(got(named, sinceNamed)).toContain(canary);
  expect(elsewhere.requests.slice(since)).toMatchObject([{ path: '/linked', headers: { 'x-trace': '1' } }]);
  expect(got(elsewhere, since)).not.toContain(canary);
});

describe('a model', () => {
  const ask = (rest: TestOptions) =>
    testComponent('OpenAIModel', {
      outputs: ['text_output'],
      models: { outbound: door.dispatcher, idleTimeoutMs: 200_000, ...rest.models },
      ...rest,
      fields: { model_name: 'gpt-4.1', input_value: 'x', max_retries: 0, ...rest.fields },
    }).then(
      () => undefined,
      (error: unknown) => error as Error & { code: string },
    );

  test('gets no key of the flow at an address that came over an edge', async () => {
    const since = elsewhere.requests.length;
    const inputs = { openai_api_base: messageOf(`${elsewhere.url}/v1`) };
    for (const own of [{ fields: { api_key: canary } }, { variables: { OPENAI_API_KEY: canary } }])
      expect(await ask({ ...own, inputs })).toMatchObject({ code: 'MODEL_KEY_WITHHELD' });
    expect(elsewhere.requests).toHaveLength(since);
    await ask({ fields: { api_key: canary }, inputs, allowedHosts: [elsewhere.url] });
    expect(got(elsewhere, since)).toContain(canary);
  });

  test('receives no other secret of the run in its request', async () => {
    const since = elsewhere.requests.length;
    const error = await ask({
      fields: { input_value: `remember ${canary}` },
      secrets: [{ value: canary, label: 'the credential KEY', variable: 'KEY' }],
      models: { providerBaseUrls: { openai: elsewhere.url }, providerKeys: { openai: 'sk-platform' } },
    });
    expect(error).toMatchObject({ code: 'SECRET_WITHHELD', message: expect.stringContaining('in the body') });
    expect(elsewhere.requests).toHaveLength(since);
  });

  test('of another provider, which only the request names, gets no key of the node', async () => {
    const since = elsewhere.requests.length;
    const options: TestOptions = {
      outputs: ['text_output'],
      fields: { model: [{ name: 'llama', provider: 'Groq' }], api_key: canary, input_value: 'x' },
      models: { providerBaseUrls: { groq: elsewhere.url }, idleTimeoutMs: 200_000 },
    };
    const own = [{ name: 'gpt-4.1', provider: 'OpenAI' }];
    const lured = testComponent('LanguageModelComponent', {
      ...options,
      context: { requestFields: new Map([['model', own]]) },
    });
    await expect(lured).rejects.toMatchObject({ code: 'MODEL_KEY_WITHHELD' });
    expect(elsewhere.requests).toHaveLength(since);
  });

  test.each([true, false])(
    'that repeats its key gives a masked answer, also in pieces (%s)',
    async (streams) => {
      const key = 'canary-of-the-model';
      const pieces = [
        'it is canary-',
        'of-the',
        '-model; in base64 ',
        Buffer.from(`x:${key}`).toString('base64'),
      ];
      const server = await startLocalServer((_request, response) => {
        const choice = (delta: object, finish: string | null) => ({
          id: 'c',
          object: streams ? 'chat.completion.chunk' : 'chat.completion',
          choices: [{ index: 0, [streams ? 'delta' : 'message']: delta, finish_reason: finish }],
        });
        const message = (content: string) => ({ role: 'assistant', content });
        if (!streams) return void response.end(JSON.stringify(choice(message(pieces.join('')), 'stop')));
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const chunks = [...pieces.map((piece) => choice(message(piece), null)), choice({}, 'stop')];
        response.end(
          `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`,
        );
      });
      const { outputs, emitted, steps } = await testComponent('OpenAIModel', {
        outputs: ['text_output'],
        fields: {
          model_name: 'gpt-4.1',
          input_value: 'x',
          api_key: key,
          openai_api_base: `${server.url}/v1`,
        },
        models: { outbound: door.dispatcher, idleTimeoutMs: 200_000 },
        ...(streams && { node: { streamsTo: 'ChatOutput-1' } }),
      }).finally(() => server.close());
      expect(JSON.stringify(server.requests)).toContain(key);
      const told = emitted
        .filter(({ event }) => event === 'token')
        .map(({ data }) => (data as { chunk: string }).chunk);
      const text = (outputs['text_output'] as { text: string }).text;
      expect(text).toContain(`it is ${SECRET_MASK}; in base64 `);
      if (streams) expect(told.join('')).toBe(text);
      const kept = JSON.stringify([outputs, emitted, steps.map(({ request }) => request)]) + told.join('');
      expect(kept).not.toMatch(/canary-of|anary-of-the-mode/);
      expect(kept).not.toContain(Buffer.from(`x:${key}`).toString('base64').slice(4, -4));
    },
  );
});
