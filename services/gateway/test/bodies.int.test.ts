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
    expect(await run(text)).toMatchObject({ status: 413, detail: expect.stringContaining('maxBodyBytes') });
    const larger = JSON.stringify({ name: 'x', data: { x: 'x'.repeat(20 * MIB) } });
    for (const [method, path] of [
      ['POST', '/api/v1/flows'],
      ['POST', '/api/v1/flows/batch'],
      ['PUT', '/api/v1/flows/00000000-0000-4000-8000-00000000abcd'],
      ['PATCH', '/api/v1/flows/00000000-0000-4000-8000-00000000abcd'],
    ] as const) {
      const refused = await send(method, path, larger, 'application/json');
      expect(refused).toMatchObject({ status: 413, detail: expect.stringContaining('maxFlowBytes') });
      // It passed the door and its check: only the registry is not there.
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

describe('a run', () => {
  const given = { input_value: 'hello', session_id: 's', tweaks: { 'ChatInput-1': { a: 1 } } };
  const wanted = { inputValue: 'hello', sessionId: 's', tweaks: given.tweaks };

  it.each([
    ['bare', given],
    ['wrapped, as Langflow’s own pages send it', { input_request: given, context: { a: 1 } }],
    ['wrapped alone', { input_request: given }],
    ['bare beside a wrapper that is none', { ...given, input_request: null }],
  ])('is taken %s', async (_name, body) => {
    expect(await run(JSON.stringify(body))).toMatchObject({ status: 202 });
    expect(await neighbours.lastInput()).toMatchObject(wanted);
  });

  it('that is wrapped is checked as well', async () => {
    const refused = await run(JSON.stringify({ input_request: { tweaks: 'x' } }));
    expect(refused).toMatchObject({ status: 400, detail: expect.stringContaining('body.tweaks') });
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
      const refused = { status: 413, detail: expect.stringContaining('maxBodyBytes') };
      const large = 'x'.repeat(6 * MIB);
      expect(await post(large, type)).toMatchObject(refused);
      expect(await post(new Blob([large]).stream(), type)).toMatchObject(refused);
    },
  );
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

  it('is never cut: one field, or all together, beyond the limit is refused by its name', async () => {
    const refused = { status: 413, code: 'BODY_TOO_LARGE', detail: expect.stringContaining('maxBodyBytes') };
    expect(await form({ input_value: 'x'.repeat(5 * MIB + 1) })).toMatchObject(refused);
    const half = 'x'.repeat(3 * MIB);
    expect(await form({ input_value: half, session_id: half })).toMatchObject(refused);
    // Without a length that is told before.
    for (const parts of [[half + half], [half, half]]) {
      const pieces = parts.map(
        (text, at) => `--b\r\ncontent-disposition: form-data; name="input_${at}"\r\n\r\n${text}\r\n`,
      );
      const body = new Blob([...pieces, '--b--\r\n']).stream();
      const sent = await send('POST', '/api/v1/run/a-flow', body, 'multipart/form-data; boundary=b');
      expect(sent).toMatchObject(refused);
    }
  });

  it('is refused when its tweaks are nested too deep, no JSON, or a file of another field', async () => {
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
