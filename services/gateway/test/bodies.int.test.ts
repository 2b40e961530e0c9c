import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { testNats } from '@causeway/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { KEY, startNeighbours } from './neighbours.js';
import { startGateway } from './start-gateway.js';

const nats = await testNats();
const neighbours = await startNeighbours(nats.url);
const gateway = await startGateway(nats.url, neighbours.environment);
afterAll(() => gateway.close());

const MIB = 1024 ** 2;

interface Answered {
  readonly status: number;
  readonly code?: string;
  readonly detail?: string;
}

type Sent = NonNullable<RequestInit['body']>;

async function send(method: string, path: string, body: Sent, type?: string): Promise<Answered> {
  const headers = { 'x-api-key': KEY, prefer: 'respond-async', ...(type && { 'content-type': type }) };
  const response = await fetch(gateway.url + path, { method, headers, body, duplex: 'half' } as RequestInit);
  return { ...((await response.json()) as object), status: response.status };
}
const run = (body: Sent, type = 'application/json') => send('POST', '/api/v1/run/a-flow', body, type);

describe('a JSON body', () => {
  it('has the limit of its route, and the refusal names it', async () => {
    const text = JSON.stringify({ name: 'x', input_value: 'x'.repeat(6 * MIB) });
    expect(await run(text)).toMatchObject({
      status: 413,
      detail: expect.stringContaining('CAUSEWAY_MAX_BODY_BYTES'),
    });
    const larger = JSON.stringify({ name: 'x', data: { x: 'x'.repeat(20 * MIB) } });
    for (const [method, path] of [
      ['POST', '/api/v1/flows'],
      ['POST', '/api/v1/flows/batch'],
      ['PUT', '/api/v1/flows/00000000-0000-4000-8000-00000000abcd'],
      ['PATCH', '/api/v1/flows/00000000-0000-4000-8000-00000000abcd'],
    ] as const) {
      const refused = await send(method, path, larger, 'application/json');
      expect(refused).toMatchObject({
        status: 413,
        detail: expect.stringContaining('CAUSEWAY_MAX_FLOW_BYTES'),
      });
      // The body was accepted and checked; the answer is 503 because there is no registry.
      const taken = await send(
        method,
        path,
        path.endsWith('batch') ? '{"flows":[]}' : text,
        'application/json',
      );
      expect(taken.status).not.toBe(413);
    }
  });
});

describe('a prompt to check', () => {
  const check = (bytes: number): Promise<Answered> => {
    const rest = JSON.stringify({ template: '{a}', beside: '' }).length;
    const body = JSON.stringify({ template: '{a}', beside: 'x'.repeat(bytes - rest) });
    return send('POST', '/api/v1/validate/prompt', body, 'application/json');
  };

  it('has a limit of its own, and the refusal names it', async () => {
    expect(await check(MIB)).toMatchObject({ status: 200 });
    expect(await check(MIB + 1)).toMatchObject({
      status: 413,
      code: 'BODY_TOO_LARGE',
      detail: expect.stringContaining('1048576 bytes, the limit CAUSEWAY_MAX_PROMPT_BYTES'),
    });
  });
});

describe('a run', () => {
  const given = { input_value: 'hello', session_id: 's', tweaks: { 'ChatInput-1': { a: 1 } } };
  const wanted = { inputValue: 'hello', sessionId: 's', tweaks: given.tweaks };

  it.each([
    ['bare', given],
    ['wrapped, as Langflow’s own pages send it', { input_request: given, context: { a: 1 } }],
    ['wrapped alone', { input_request: given }],
    ['bare beside a key that looks like a wrapper', { ...given, input_request: null }],
  ])('is taken %s', async (_name, body) => {
    expect(await run(JSON.stringify(body))).toMatchObject({ status: 202 });
    expect(await neighbours.lastInput()).toMatchObject(wanted);
  });

  it('that is wrapped is checked as well', async () => {
    const refused = await run(JSON.stringify({ input_request: { tweaks: 'x' } }));
    expect(refused).toMatchObject({ status: 400, detail: expect.stringContaining('body.tweaks') });
  });
});

describe('a run with nulls for values that are not set', () => {
  const nothing = {
    input_type: null,
    output_type: null,
    tweaks: null,
    session_id: null,
    output_component: null,
  };

  it.each([
    ['bare', { input_value: 'hello', ...nothing }],
    ['wrapped', { input_request: { input_value: 'hello', ...nothing }, context: null }],
  ])('is taken %s', async (_name, body) => {
    expect(await run(JSON.stringify(body))).toMatchObject({ status: 202 });
    expect(await neighbours.lastInput()).toEqual({
      inputValue: 'hello',
      inputType: 'chat',
      outputType: 'chat',
      stream: false,
    });
  });
});

describe('a run whose acceptance is not confirmed', () => {
  it('is named by its id, and the error says what to do next', async () => {
    const headers = { 'x-api-key': KEY, 'content-type': 'application/json' };
    const send = (more: object, flow = 'unconfirmed'): Promise<Response> =>
      fetch(`${gateway.url}/api/v1/run/${flow}`, {
        method: 'POST',
        headers: { ...headers, ...more },
        body: '{}',
      });
    const [plain, keyed] = await Promise.all([send({}), send({ 'idempotency-key': 'k' })]);
    for (const response of [plain, keyed]) {
      expect([response.status, response.headers.get('retry-after')]).toEqual([504, '1']);
      expect(response.headers.get('x-causeway-run-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
    const runId = plain.headers.get('x-causeway-run-id');
    expect(await plain.json()).toMatchObject({
      code: 'RUN_UNCONFIRMED',
      run_id: runId,
      detail: expect.stringContaining(`GET /api/platform/v1/runs/${runId}`),
    });
    expect(await keyed.json()).toMatchObject({ detail: expect.stringContaining('the same Idempotency-Key') });
  });

  it('is submitted again under its id, and accepted when that is confirmed', async () => {
    const headers = { 'x-api-key': KEY, prefer: 'respond-async' };
    const response = await fetch(`${gateway.url}/api/v1/run/late`, { method: 'POST', headers });
    expect([response.status, response.headers.get('idempotent-replay')]).toEqual([202, null]);
  });
});

describe('an event for a webhook', () => {
  const event = '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\nhello\r\n--b--\r\n';
  const post = (body: Sent, type: string) => send('POST', '/api/v1/webhook/a-flow', body, type);

  it.each([
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=b',
    'application/x-www-form-urlencoded',
  ])('as %s reaches the flow as it was sent', async (type) => {
    expect(await post(event, type)).toMatchObject({ status: 202 });
    expect(await neighbours.lastInput()).toMatchObject({ webhookBody: event });
  });

  it.each(['application/json', 'multipart/form-data; boundary=b'])(
    'as %s that is empty or beyond the limit is refused',
    async (type) => {
      expect(await post('', type)).toMatchObject({ status: 400, code: 'BODY_EMPTY' });
      const refused = { status: 413, detail: expect.stringContaining('CAUSEWAY_MAX_BODY_BYTES') };
      const large = 'x'.repeat(6 * MIB);
      expect(await post(large, type)).toMatchObject(refused);
      expect(await post(new Blob([large]).stream(), type)).toMatchObject(refused);
    },
  );
});

describe('a refused body whose length is not declared', () => {
  const head = (size: string): string =>
    `POST /api/v1/webhook/a-flow HTTP/1.1\r\nhost: x\r\nx-api-key: ${KEY}\r\ncontent-type: application/json\r\n${size}\r\n\r\n`;

  it('may be sent to its end, and the connection serves the next request', async () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname).setEncoding('utf8');
    let received = '';
    socket.on('data', (text) => (received += text));
    const write = (text: string): Promise<unknown> =>
      new Promise((resolve, reject) =>
        socket.write(text, (error) => (error ? reject(error) : resolve(null))),
      );
    const piece = `100000\r\n${'x'.repeat(MIB)}\r\n`;
    await write(head('transfer-encoding: chunked'));
    for (let n = 0; n < 6; n++) await write(piece);
    await expect.poll(() => received).toMatch(/^HTTP\/1.1 413 .*CAUSEWAY_MAX_BODY_BYTES/s);
    for (let n = 0; n < 4; n++) await write(piece);
    await write('0\r\n\r\n');
    received = '';
    await write(`${head('content-length: 2')}{}`);
    await expect.poll(() => received).toMatch(/^HTTP\/1.1 202 /);
    socket.destroy();
  });

  it('that does not end closes the connection', async () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname).resume();
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(head('transfer-encoding: chunked'));
    const piece = `100000\r\n${'x'.repeat(MIB)}\r\n`;
    const send = (): boolean => !socket.destroyed && socket.write(piece, () => setImmediate(send));
    send();
    await closed;
    expect(socket.bytesWritten).toBeGreaterThan(64 * MIB);
  });
});

describe('a run as a form', () => {
  const form = (fields: Record<string, string | Blob>): Promise<Answered> => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    return run(body, '');
  };
  const tweaks = { 'ChatInput-1': { a: [1] } };
  const json = JSON.stringify(tweaks);

  it.each([
    ['a text', json],
    ['a part that says it is JSON', new Blob([json], { type: 'application/json' })],
    ['a part without a type', new Blob([json])],
  ])('takes tweaks as %s', async (_name, value) => {
    expect(await form({ input_value: 'hello', tweaks: value })).toMatchObject({ status: 202 });
    expect(await neighbours.lastInput()).toMatchObject({ inputValue: 'hello', tweaks });
  });

  it('takes tweaks as a JSON field without a file name', async () => {
    const head = (name: string, type: string) =>
      `--b\r\ncontent-disposition: form-data; name="${name}"\r\n${type}\r\n`;
    const body = `${head('tweaks', 'content-type: application/json\r\n')}${json}\r\n${head('input_value', '')}x\r\n--b--\r\n`;
    expect(await run(body, 'multipart/form-data; boundary=b')).toMatchObject({ status: 202 });
    expect(await neighbours.lastInput()).toMatchObject({ tweaks });
    const deep = body.replace(json, `{"a":${'['.repeat(300)}${']'.repeat(300)}}`);
    expect(await run(deep, 'multipart/form-data; boundary=b')).toMatchObject({
      status: 400,
      detail: expect.stringContaining('body.tweaks: nested deeper'),
    });
  });

  it('is never cut: when one field or all together exceed the limit, the refusal names the limit', async () => {
    const refused = {
      status: 413,
      code: 'BODY_TOO_LARGE',
      detail: expect.stringContaining('CAUSEWAY_MAX_BODY_BYTES'),
    };
    expect(await form({ input_value: 'x'.repeat(5 * MIB + 1) })).toMatchObject(refused);
    const half = 'x'.repeat(3 * MIB);
    expect(await form({ input_value: half, session_id: half })).toMatchObject(refused);
    // The length is not declared before.
    for (const parts of [[half + half], [half, half]]) {
      const pieces = parts.map(
        (text, at) => `--b\r\ncontent-disposition: form-data; name="input_${at}"\r\n\r\n${text}\r\n`,
      );
      const body = new Blob([...pieces, '--b--\r\n']).stream();
      const sent = await send('POST', '/api/v1/run/a-flow', body, 'multipart/form-data; boundary=b');
      expect(sent).toMatchObject(refused);
    }
  });

  it('is refused when its tweaks are nested too deep or are not JSON, or when it has a file in another field', async () => {
    const deep = `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    for (const value of [deep, new Blob([deep])])
      expect(await form({ tweaks: value })).toMatchObject({
        status: 400,
        detail: expect.stringContaining('body.tweaks: nested deeper than the limit of 200'),
      });
    expect(await form({ tweaks: '{' })).toMatchObject({
      detail: expect.stringContaining('body.tweaks: not JSON'),
    });
    expect(await form({ other: new Blob(['x']) })).toMatchObject({
      detail: expect.stringContaining('body.other: a run takes no file'),
    });
  });
});

describe('a compressed body', () => {
  const sent = (path: string, body: Buffer, encoding: string, type = 'application/json') =>
    fetch(gateway.url + path, {
      method: 'POST',
      headers: {
        'x-api-key': KEY,
        prefer: 'respond-async',
        'content-type': type,
        'content-encoding': encoding,
      },
      body,
    }).then(async (response) => ({ ...((await response.json()) as Answered), status: response.status }));
  const event = Buffer.from('{"order":"17"}');
  const run = Buffer.from('{"input_value":"hello"}');

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['identity', (bytes: Buffer) => bytes],
  ] as const)('as %s reaches webhooks, runs and forms unchanged', async (encoding, pack) => {
    expect(await sent('/api/v1/webhook/a-flow', pack(event), encoding)).toMatchObject({ status: 202 });
    expect(await neighbours.lastInput()).toMatchObject({ webhookBody: '{"order":"17"}' });
    expect(await sent('/api/v1/run/a-flow', pack(run), encoding)).toMatchObject({ status: 202 });
    expect(await neighbours.lastInput()).toMatchObject({ inputValue: 'hello' });
    const form = Buffer.from(
      '--b\r\ncontent-disposition: form-data; name="input_value"\r\n\r\nfrom a form\r\n--b--\r\n',
    );
    const type = 'multipart/form-data; boundary=b';
    expect(await sent('/api/v1/run/a-flow', pack(form), encoding, type)).toMatchObject({ status: 202 });
    expect(await neighbours.lastInput()).toMatchObject({ inputValue: 'from a form' });
    // The file is stored; the answer is 503 because there is no registry to write its row.
    const file = Buffer.from(
      '--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nx\r\n--b--\r\n',
    );
    expect(await sent('/api/v2/files', pack(file), encoding, type)).toMatchObject({ status: 503 });
  });

  it('of another encoding is refused, and the refusal names the encoding', async () => {
    for (const encoding of ['zstd', 'gzip, gzip', 'compress'])
      expect(await sent('/api/v1/webhook/a-flow', event, encoding)).toMatchObject({
        status: 415,
        code: 'ENCODING_UNSUPPORTED',
        detail: expect.stringContaining(encoding),
      });
  });

  it('that is not compressed, or is cut, is refused', async () => {
    for (const [body, encoding] of [
      [event, 'gzip'],
      [gzipSync(run).subarray(0, 20), 'gzip'],
      [event, 'deflate'],
      [event, 'br'],
    ] as const)
      for (const path of ['/api/v1/webhook/a-flow', '/api/v1/run/a-flow'])
        expect(await sent(path, body, encoding)).toMatchObject({ status: 400, code: 'ENCODING_INVALID' });
  });

  it('has the limit of its route once it is decompressed, and may not grow without bound', async () => {
    const form = (text: string) =>
      `--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n${text}\r\n--b--\r\n`;
    const large = gzipSync(JSON.stringify({ input_value: Buffer.from('x'.repeat(6 * MIB)).toString() }));
    expect(await sent('/api/v1/run/a-flow', large, 'gzip')).toMatchObject({ status: 413 });
    const bomb = gzipSync(form('x'.repeat(60 * MIB)));
    expect(await sent('/api/v2/files', bomb, 'gzip', 'multipart/form-data; boundary=b')).toMatchObject({
      status: 413,
      code: 'BODY_INFLATED',
    });
  });
});

describe('a body’s text', () => {
  const latin1 = Buffer.from('{"input_value":"caf\xe9"}', 'latin1');
  const utf16 = Buffer.from('{"input_value":"café"}', 'utf16le');
  const utf16be = Buffer.from(utf16).swap16();

  it.each([
    ['application/json; charset=ISO-8859-1', latin1],
    ['application/json; charset="windows-1252"', latin1],
    ['application/json; charset=utf-16le', utf16],
    ['application/json;charset=UTF-16BE', utf16be],
    ['application/json; charset=utf-16', Buffer.concat([Buffer.from([0xfe, 0xff]), utf16be])],
    ['application/json; charset=us-ascii', Buffer.from('{"input_value":"café"}')],
    ['application/json; charset=UTF-8', Buffer.from('\ufeff{"input_value":"café"}')],
    ['application/json', Buffer.from('{"input_value":"café"}')],
  ])('is decoded as %s', async (type, body) => {
    expect(await run(body, type)).toMatchObject({ status: 202 });
    expect(await neighbours.lastInput()).toMatchObject({ inputValue: 'café' });
    expect(await send('POST', '/api/v1/webhook/a-flow', body, type)).toMatchObject({ status: 202 });
    expect(await neighbours.lastInput()).toMatchObject({ webhookBody: '{"input_value":"café"}' });
  });

  it('is refused when it is not valid in its charset, and is never changed', async () => {
    for (const path of ['/api/v1/run/a-flow', '/api/v1/webhook/a-flow']) {
      const refused = { status: 400, code: 'TEXT_INVALID', detail: expect.stringContaining('UTF-8') };
      for (const type of ['application/json', 'application/json; charset=us-ascii'])
        expect(await send('POST', path, latin1, type)).toMatchObject(refused);
      expect(await send('POST', path, latin1, 'application/json; charset=klingon')).toMatchObject({
        status: 415,
        code: 'CHARSET_UNSUPPORTED',
        detail: expect.stringContaining('klingon'),
      });
    }
    expect(await send('POST', '/api/v1/flows', latin1, 'application/json')).toMatchObject({
      code: 'TEXT_INVALID',
    });
  });

  it('in a form has the charset of each part', async () => {
    const form = (type: string) =>
      Buffer.from(
        `--b\r\ncontent-disposition: form-data; name="input_value"\r\n${type}\r\ncaf\xe9\r\n--b--\r\n`,
        'latin1',
      );
    const boundary = 'multipart/form-data; boundary=b';
    expect(await run(form('content-type: text/plain; charset=iso-8859-1\r\n'), boundary)).toMatchObject({
      status: 202,
    });
    expect(await neighbours.lastInput()).toMatchObject({ inputValue: 'café' });
    expect(await run(form(''), boundary)).toMatchObject({
      status: 400,
      code: 'TEXT_INVALID',
      detail: expect.stringContaining('body.input_value'),
    });
  });
});

describe('a body that is not a valid form', () => {
  const file = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nsome';
  it.each([
    ['without a boundary', 'multipart/form-data', file],
    ['with a boundary of a thousand characters', `multipart/form-data; boundary=${'b'.repeat(1_000)}`, file],
    ['with another boundary', 'multipart/form-data; boundary=c', file],
    ['cut early', 'multipart/form-data; boundary=b', file],
    ['cut in its headers', 'multipart/form-data; boundary=b', file.slice(0, 30)],
    ['of JSON', 'multipart/form-data; boundary=b', '{"a":1}'],
    ['of JSON without a boundary', 'multipart/form-data', '{"a":1}'],
  ])('%s is a mistake of the caller on every route that takes a form', async (_name, type, body) => {
    for (const path of [
      '/api/v1/run/a-flow',
      '/api/v2/files',
      '/api/v1/flows/upload',
      '/api/v1/flows',
      '/api/v1/projects/upload',
    ])
      expect({ path, ...(await send('POST', path, body, type)) }).toMatchObject({
        status: 400,
        code: 'REQUEST_INVALID',
      });
  });
});

describe('a NUL', () => {
  it('in a path or a query is refused, and the refusal names the parameter', async () => {
    for (const path of [
      '/api/platform/v1/audit/events?action=a%00b',
      '/api/v1/monitor/messages?session_id=%00',
      '/api/v1/flows/%00',
    ])
      expect(
        await fetch(gateway.url + path, { headers: { 'x-api-key': KEY } }).then((r) => r.json()),
      ).toMatchObject({
        code: 'REQUEST_INVALID',
        detail: expect.stringContaining('NUL'),
      });
  });
});

describe('N8: an uploaded file', () => {
  it('whose name is too long for a folder is refused before anything is stored', async () => {
    const folder = neighbours.environment['CAUSEWAY_OBJECT_STORE'] as string;
    const stored = (): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const before = stored();
    const head = 'content-disposition: form-data; name="file"; filename=';
    for (const name of ['..', 'x'.repeat(256)]) {
      const form = `--b\r\n${head}"${name}"\r\n\r\n${'x'.repeat(MIB)}\r\n--b--\r\n`;
      expect(await send('POST', '/api/v2/files', form, 'multipart/form-data; boundary=b')).toMatchObject({
        status: 400,
        code: 'FILE_NAME_INVALID',
      });
    }
    expect(stored()).toEqual(before);
  });
});
