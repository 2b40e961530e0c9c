import { type ScriptedProvider, startScriptedProvider } from '@causeway/scripted-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GuardedHttpClient, createGuardedHttp } from '../../src/runtime/guarded-http.js';
import type { TestOptions } from '../../src/runtime/test-options.js';
import { type LocalServer, startLocalServer } from '../local-server.js';
import { runAgentNode, toolsOf } from './run-agent.js';

const key = 'canary-7f3a-secret';
const secrets = [{ value: key, label: 'the key of the test' }];

let provider: ScriptedProvider;
/** A proxy in front of the provider that keeps every request, including the descriptions of tools. */
let recorder: LocalServer;
/** Answers with the request that it received. */
let echo: LocalServer;
let door: GuardedHttpClient;
let since = 0;

beforeAll(async () => {
  provider = await startScriptedProvider();
  echo = await startLocalServer((request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(request)),
  );
  recorder = await startLocalServer((request, response) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: request.body };
    void fetch(`${provider.url}${request.path}`, init).then(async (answer) => {
      const type = answer.headers.get('content-type') ?? '';
      response.writeHead(answer.status, { 'content-type': type }).end(await answer.text());
    });
  });
  door = createGuardedHttp({ allow: ['127.0.0.1'] });
});
afterAll(() => Promise.all([recorder.close(), provider.close(), echo.close(), door.close()]));
beforeEach(() => {
  since = recorder.requests.length;
  provider.setScript([
    { times: 1, reply: { toolCalls: [{ name: 'make_api_request', args: {} }] } },
    { reply: { text: 'done' } },
  ]);
});

const asked = (): string =>
  recorder.requests
    .slice(since)
    .map(({ body }) => body)
    .join('\n');

/** Runs an agent whose one tool is an API Request; the model calls it without arguments. */
async function runWithTool(options: TestOptions) {
  const before = echo.requests.length;
  const tools = await toolsOf('APIRequest', { door, ...options });
  const { message } = await runAgentNode(recorder, { secrets }, [tools]);
  return { message, reached: JSON.stringify(echo.requests.slice(before)) };
}

describe('a tool whose node holds a key', () => {
  test.each<[string, (url: string) => TestOptions]>([
    [
      'in a curl command',
      (url) => ({ fields: { mode: 'cURL', curl_input: `curl ${url} -H 'X-Api-Key: ${key}'` } }),
    ],
    [
      'in the data of a curl command',
      (url) => ({ fields: { mode: 'cURL', curl_input: `curl ${url} -d 'client_secret=${key}'` } }),
    ],
    ['in the query of its URL', (url) => ({ fields: { url_input: `${url}/?api_key=${key}` } })],
    [
      'in a header that the model may set',
      (url) => ({
        fields: { url_input: url, headers: [{ key: 'X-Odd', value: key }] },
        planFields: { headers: { toolMode: true } },
      }),
    ],
  ])('%s sends it to its server and not to the provider of the model', async (_where, options) => {
    const { message, reached } = await runWithTool(options(echo.url));
    expect(message.text).toBe('done');
    expect(reached).toContain(key);
    expect(asked()).not.toContain(key);
    expect(JSON.stringify(message)).not.toContain(key);
  });

  test('offers a default that is no secret', async () => {
    await runWithTool({ fields: { url_input: `${echo.url}/?page=2` } });
    expect(asked()).toContain('/?page=2');
  });

  test('in its table of tools or its options does not show it either', async () => {
    const tool = {
      tags: ['make_api_request'],
      name: 'make_api_request',
      description: `Use ${key}.`,
      status: true,
    };
    await runWithTool({
      fields: {
        url_input: echo.url,
        tools_metadata: [{ ...tool, args: { url_input: { description: `Not ${key}.` } } }],
      },
      planFields: { url_input: { options: [echo.url, `${echo.url}/${key}`] } },
      secrets,
    });
    expect(recorder.requests).toHaveLength(since + 2);
    expect(asked()).toContain('Use ');
    expect(asked()).not.toContain(key);
  });
});

test('a tool that gives its own secret as its result does not give it to the model', async () => {
  const told = { name: 'make_api_request', description: '', parameters: {}, effects: 'none' };
  const call = async () => ({ text: `the key is ${key}`, list: [`x=${encodeURIComponent(key)}`] });
  const tools = [{ kind: 'handle' as const, type: 'Tool', object: [{ ...told, call }] }];
  const { message } = await runAgentNode(recorder, { secrets }, tools);
  expect(message.text).toBe('done');
  expect(asked()).toContain('the key is ');
  expect(asked()).not.toContain(key);
  expect(JSON.stringify(message)).not.toContain(key);
});
