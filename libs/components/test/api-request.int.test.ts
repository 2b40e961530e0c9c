import { type Json, isCausewayError } from '@causeway/dag';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataOf } from '../src/coerce/value.js';
import type { GuardedHttp } from '../src/runtime/component.js';
import { type GuardedHttpClient, createGuardedHttp } from '../src/runtime/guarded-http.js';
import { stepKey, testComponent } from '../src/runtime/test-context.js';
import type { TestOptions } from '../src/runtime/test-options.js';
import type { DataValue } from '../src/specs/values.js';
import { type LocalServer, startLocalServer } from './local-server.js';

let server: LocalServer;
let client: GuardedHttpClient;
let http: GuardedHttp;

beforeAll(async () => {
  server = await startLocalServer((request, response) => {
    if (request.path.startsWith('/text')) return void response.end('plain');
    if (request.path.startsWith('/image'))
      return void response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from([1, 2]));
    if (request.path.startsWith('/missing')) return void response.writeHead(404).end('{"error":"none"}');
    if (request.path.startsWith('/moved')) return void response.writeHead(302, { location: '/json' }).end();
    if (request.path.startsWith('/hang')) return;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
  });
  client = createGuardedHttp({ allow: [`127.0.0.1:${server.port}`] });
  http = client.forNode('API Request');
});
afterAll(() => Promise.all([client.close(), server.close()]));

async function call(fields: TestOptions['fields'], rest: TestOptions = {}) {
  const run = await testComponent('APIRequest', { fields: { ...fields }, http, outputs: ['data'], ...rest });
  return { ...run, data: (run.outputs['data'] as DataValue).data };
}
const last = () => server.requests.at(-1);

describe('by fields', () => {
  test('a GET gives status, headers and parsed JSON', async () => {
    const { data } = await call({ url_input: `${server.url}/json` });
    expect(data).toMatchObject({ source: `${server.url}/json`, status_code: 200, result: { ok: true } });
    expect(data['response_headers']).toMatchObject({ 'content-type': 'application/json' });
    expect(last()).toMatchObject({ method: 'GET', body: '' });
    expect(last()?.headers).not.toHaveProperty('idempotency-key');
  });

  test('query parameters are added and replaced, from Data and from text', async () => {
    await call(
      { url_input: `${server.url}/json?a=1&b=2` },
      { inputs: { query_params: dataOf({ b: 'x y', c: 3 }) } },
    );
    expect(last()?.path).toBe('/json?a=1&b=x+y&c=3');
    await call({ url_input: `${server.url}/json`, query_params: 'q=1&r=2' });
    expect(last()?.path).toBe('/json?q=1&r=2');
  });

  test('rows of headers and body are sent, JSON inside values is read', async () => {
    await call({
      url_input: `${server.url}/json`,
      method: 'POST',
      headers: [
        { key: 'X-One', value: '1' },
        { key: 'Content-Length', value: '9999' },
        { key: 'Host', value: 'evil.test' },
      ],
      body: [
        { key: 'name', value: 'Ada' },
        { key: 'tags', value: '["x"]' },
        { key: 'n', value: '3' },
      ],
    });
    expect(last()?.body).toBe('{"name":"Ada","tags":["x"],"n":3}');
    expect(last()?.headers).toMatchObject({
      'x-one': '1',
      'content-type': 'application/json',
      host: `127.0.0.1:${server.port}`,
    });
  });

  test('a Data is the body itself, a text that is no JSON becomes its data', async () => {
    await call({ url_input: server.url, method: 'PUT' }, { inputs: { body: [dataOf({ a: { b: 1 } })] } });
    expect(last()?.body).toBe('{"a":{"b":1}}');
    await call({ url_input: server.url, method: 'PATCH', body: 'words' });
    expect(last()?.body).toBe('{"data":"words"}');
  });

  test('text, binary and error answers are given as they are', async () => {
    expect((await call({ url_input: `${server.url}/text` })).data['result']).toBe('plain');
    expect((await call({ url_input: `${server.url}/image` })).data).toMatchObject({
      result: 'AQI=',
      result_encoding: 'base64',
    });
    expect((await call({ url_input: `${server.url}/missing` })).data).toMatchObject({
      status_code: 404,
      result: { error: 'none' },
    });
  });

  test('redirects are followed when the node says so', async () => {
    expect((await call({ url_input: `${server.url}/moved` })).data['status_code']).toBe(302);
    expect(
      (await call({ url_input: `${server.url}/moved`, follow_redirects: true })).data['status_code'],
    ).toBe(200);
  });

  test('an address that cannot be reached gives an error as Data, without the headers', async () => {
    const { data } = await call({
      url_input: `${server.url}/hang`,
      timeout: 1,
      headers: [{ key: 'Authorization', value: 'Bearer canary' }],
      include_httpx_metadata: true,
    });
    expect(data).toMatchObject({ status_code: 500 });
    expect(data['error']).toContain('no answer within 1000 ms');
    expect(JSON.stringify(data)).not.toContain('canary');
  });

  test('several URLs of older flows give a list and a table', async () => {
    const run = await testComponent('APIRequest', {
      fields: { urls: [`${server.url}/json`, `${server.url}/text`] },
      http,
    });
    expect(run.outputs['data']).toMatchObject({ kind: 'plain', value: [{ kind: 'data' }, { kind: 'data' }] });
    expect(run.outputs['dataframe']).toMatchObject({
      kind: 'table',
      rows: [{ status_code: 200 }, { status_code: 200 }],
    });
  });

  test.each([
    [{}, 'no URL is given'],
    [{ url_input: 'x', method: 'TRACE' }, 'TRACE'],
    [{ url_input: 'x', save_to_file: true }, 'Save to File'],
    [{ url_input: 'x', headers: [{ key: 'a b', value: '1' }] }, 'field headers'],
    [{ url_input: 'x', headers: [{ key: 'a', value: '1\r\nb: 2' }] }, 'field headers'],
    [{ url_input: 'x', timeout: 'soon' }, 'field timeout'],
    [{ urls: Array.from({ length: 21 }, (_item, n) => `http://a.test/${n}`) }, 'the limit is 20'],
  ])('%o is refused', async (fields, problem) => {
    await expect(call(fields)).rejects.toThrow(problem);
  });

  test('an address that is not public is an error, not data', async () => {
    const error: unknown = await call({ url_input: 'http://169.254.169.254/' }).catch(
      (thrown: unknown) => thrown,
    );
    expect(isCausewayError(error) && error.code).toBe('ADDRESS_REFUSED');
  });
});

describe('by a curl command', () => {
  test('the command decides in mode cURL', async () => {
    await call({
      mode: 'cURL',
      url_input: 'http://unused.test',
      curl_input: `curl -X PUT '${server.url}/json?x=1' -H 'X-A: b' --json '{"a":1}'`,
    });
    expect(last()).toMatchObject({ method: 'PUT', path: '/json?x=1', body: '{"a":1}' });
    expect(last()?.headers).toMatchObject({ 'x-a': 'b', 'content-type': 'application/json' });
  });

  test('a command that cannot be executed is refused', async () => {
    await expect(call({ mode: 'cURL', curl_input: 'curl -F a=@/etc/passwd http://a.test' })).rejects.toThrow(
      'option -F',
    );
  });
});

describe('as a journaled step', () => {
  test('a POST carries its key; GET and HEAD are idempotent', async () => {
    const { steps } = await call({ url_input: server.url, method: 'POST' });
    expect(steps).toMatchObject([{ kind: 'tool', name: 'http POST', effects: 'keyed' }]);
    expect(last()?.headers['idempotency-key']).toBe('APIRequest-1/1');
    expect((await call({ url_input: server.url, method: 'HEAD' })).steps[0]?.effects).toBe('idempotent');
  });

  test('a key of the flow itself is used first', async () => {
    await call({
      url_input: server.url,
      method: 'POST',
      headers: [{ key: 'idempotency-key', value: 'mine' }],
    });
    expect(last()?.headers['idempotency-key']).toBe('mine');
  });

  test('a journaled answer is used without a call', async () => {
    const first = await call({ url_input: `${server.url}/json`, method: 'POST' });
    const step = first.steps[0] as NonNullable<(typeof first.steps)[number]>;
    const before = server.requests.length;
    const again = await call(
      { url_input: `${server.url}/json`, method: 'POST' },
      {
        journal: new Map([
          [stepKey(step.name, step.request), { answer: { status_code: 299, result: 'kept' } }],
        ]),
      },
    );
    expect(again.data).toMatchObject({ status_code: 299, result: 'kept' });
    expect(server.requests.length).toBe(before);
  });

  test('secrets in query, headers and body are not in the step’s request, but change its hash', async () => {
    const request = async (key: string): Promise<string> => {
      const { steps } = await call({
        url_input: `${server.url}/json?key=${key}`,
        method: 'POST',
        headers: [{ key: 'Authorization', value: key }],
        body: [{ key: 'p', value: key }],
      });
      return JSON.stringify(steps[0]?.request);
    };
    const one = await request('canary-one');
    expect(one).not.toContain('canary');
    expect(one).not.toBe(await request('canary-two'));
    expect(one).toBe(await request('canary-one'));
  });

  test('an abort ends the call', async () => {
    const abort = new AbortController();
    const running = call({ url_input: `${server.url}/hang` }, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('stopped')), 50);
    await expect(running).rejects.toThrow('stopped');
  });
});

describe('another address from the request', () => {
  const marked = { key: 'X-Api', value: 'TOKEN', __load_from_db_fields: ['value'] };
  const literal = { key: 'Authorization', value: 'canary-in-the-flow' };
  const harmless = { key: 'Accept', value: 'text/plain' };
  const to = (own: string, headers: Json[], context: TestOptions['context'] = {}) =>
    call(
      { url_input: `${server.url}/json`, headers },
      {
        http: undefined as never,
        door: client,
        context: { requestFields: new Map([['url_input', own]]), ...context },
      },
    );

  test('does not get the flow’s secrets', async () => {
    const before = server.requests.length;
    await expect(to('https://own.test/', [literal])).rejects.toThrow(
      'would send the value of Authorization in field "Headers" on "API Request" (APIRequest-1) in header authorization',
    );
    expect(server.requests).toHaveLength(before);
  });

  test('of the same origin gets it', async () => {
    await to(`${server.url}/other`, [literal]);
    expect(last()?.headers).toMatchObject({ authorization: literal.value });
  });

  test('gets values that are no secret or came with the request', async () => {
    await to('https://own.test/', [harmless]);
    await to('https://own.test/', [marked], { requestVariables: { TOKEN: 'x' } });
    const requestFields = new Map<string, Json>([
      ['url_input', ''],
      ['headers', []],
    ]);
    await to('', [literal], { requestFields });
    expect(last()?.headers).toMatchObject({ authorization: literal.value });
  });
});
