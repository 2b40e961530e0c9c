import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type ScriptInput, startScriptedProvider } from './index.js';

const provider = await startScriptedProvider();
afterAll(() => provider.close());
beforeEach(() => provider.clear());

type Reply = Extract<ScriptInput, readonly unknown[]>[number]['reply'];

interface Received {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** False when the socket was closed before the end of the answer. */
  readonly isWhole: boolean;
}

/** Sends a request over a plain socket, so that a broken answer is visible unchanged. */
function ask(reply: Reply, fields: Record<string, unknown> = {}): Promise<Received> {
  provider.setScript([{ reply }]);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(`${provider.url}/v1/chat/completions`, { method: 'POST', agent: false });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => (body += piece));
      response.on('error', () => undefined);
      response.on('close', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body,
          isWhole: response.complete,
        }),
      );
    });
    outgoing.end(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...fields }));
  });
}

const outcome = (): unknown => provider.calls()[0]?.outcome;
const contentsOf = (body: string): string[] =>
  [...body.matchAll(/^data: (\{.*\})$/gm)].flatMap(([, frame]) => {
    const parsed = JSON.parse(frame ?? '') as { choices: { delta: { content?: string } }[] };
    return parsed.choices[0]?.delta.content || [];
  });

describe('a script can answer with', () => {
  test.each([
    [429, 'requests', 'rate_limit_exceeded'],
    [401, 'invalid_request_error', 'invalid_api_key'],
    [500, 'server_error', null],
    [418, 'invalid_request_error', null],
  ])('status %i', async (status, type, code) => {
    const { status: got, body } = await ask({ status });
    expect([got, JSON.parse(body)]).toMatchObject([status, { error: { type, code } }]);
    expect(outcome()).toBe('fault');
  });

  test('a status with its own words, code and retry-after', async () => {
    const { headers, body } = await ask({
      status: 429,
      retryAfterSeconds: 1.5,
      errorMessage: 'No money',
      errorCode: 'insufficient_quota',
    });
    expect(headers['retry-after']).toBe('1.5');
    expect(JSON.parse(body)).toMatchObject({ error: { message: 'No money', code: 'insufficient_quota' } });
  });

  test('a raw body', async () => {
    const { status, headers, body } = await ask({ rawBody: '<html>', status: 502, contentType: 'text/html' });
    expect([status, headers['content-type'], body]).toEqual([502, 'text/html', '<html>']);
  });

  test('the chunks it lists, and only those', async () => {
    const { body } = await ask({ chunks: ['a b', '', ' c'] }, { stream: true });
    expect(contentsOf(body)).toEqual(['a b', ' c']);
    expect(provider.calls()[0]?.chunksSent).toBe(3);
  });

  test('tool calls, a finish reason and a usage of its own', async () => {
    const { body } = await ask({
      text: 'Let me see',
      toolCalls: [
        { name: 'a', args: { n: 1 } },
        { name: 'b', args: '{"broken' },
      ],
      finishReason: 'length',
      usage: { promptTokens: 1_000, completionTokens: 2 },
    });
    const answer = JSON.parse(body);
    expect(answer.usage).toEqual({ prompt_tokens: 1_000, completion_tokens: 2, total_tokens: 1_002 });
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'length',
      message: {
        content: 'Let me see',
        tool_calls: [
          { function: { name: 'a', arguments: '{"n":1}' } },
          { function: { name: 'b', arguments: '{"broken' } },
        ],
      },
    });
    expect(new Set(answer.choices[0].message.tool_calls.map((call: { id: string }) => call.id)).size).toBe(2);
  });

  test('JSON, no usage, a template', async () => {
    const { body } = await ask({ json: { a: [null] }, usage: null });
    expect(JSON.parse(body).choices[0].message.content).toBe('{"a":[null]}');
    expect(JSON.parse(body)).not.toHaveProperty('usage');
    const templated = await ask({ text: '<{{lastMessage}}|{{lastUserMessage}}>' });
    expect(JSON.parse(templated.body).choices[0].message.content).toBe('<Hi|Hi>');
  });
});

describe('a script can break', () => {
  test('a stream in the middle', async () => {
    const { body, isWhole } = await ask({ text: 'one two three', cutAfterChunks: 2 }, { stream: true });
    expect(contentsOf(body)).toEqual(['one', ' two']);
    expect(body).not.toContain('[DONE]');
    expect(isWhole).toBe(false);
    await expect.poll(outcome).toBe('fault');
  });

  test('a stream just before its end', async () => {
    const { body, isWhole } = await ask({ text: 'one', cutAfterChunks: 9 }, { stream: true });
    expect([contentsOf(body), body.includes('stop'), isWhole]).toEqual([['one'], false, false]);
  });

  test('an answer halfway, or before its first byte', async () => {
    const half = await ask({ text: 'one two three', cutAfterChunks: 1 });
    expect([half.status, half.isWhole]).toEqual([200, false]);
    expect(half.body).toMatch(/^\{"id":"chatcmpl-/);
    await expect(ask({ text: 'one', cutAfterChunks: 0 })).rejects.toThrow('socket hang up');
  });

  test.each([true, false])('the JSON of an answer (stream: %s)', async (stream) => {
    const { body, isWhole, status } = await ask({ text: 'one two', malformedStream: true }, { stream });
    expect([status, isWhole]).toEqual([200, true]);
    expect(() => (stream ? contentsOf(body.replaceAll('\n\n', '}\n')) : JSON.parse(body))).toThrow(
      SyntaxError,
    );
    expect(outcome()).toBe('fault');
  });
});

describe('a script can take its time', () => {
  test('before the first byte and between chunks', async () => {
    const startedAt = performance.now();
    const { body } = await ask({ text: 'one two three', delayMs: 60, chunkDelayMs: 40 }, { stream: true });
    // Timers may fire a millisecond early.
    expect(performance.now() - startedAt).toBeGreaterThan(60 + 2 * 40 - 4);
    expect(contentsOf(body)).toEqual(['one', ' two', ' three']);
    expect(outcome()).toBe('completed');
  });

  test.each([
    ['for ever', { hang: true }, false],
    ['for ever after some chunks', { text: 'one two', hangAfterChunks: 1 }, true],
    ['long before the first byte', { delayMs: 3_600_000 }, false],
    ['long between chunks', { text: 'one two', chunkDelayMs: 3_600_000 }, true],
  ] as const)('%s, until the client leaves', async (_title, reply, stream) => {
    provider.setScript([{ reply }]);
    const leave = new AbortController();
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream });
    const asking = fetch(`${provider.url}/chat/completions`, { method: 'POST', body, signal: leave.signal });
    const reading = asking.then((response) => response.text()).catch((error: Error) => error.name);
    await expect.poll(() => provider.calls()[0]?.chunksSent).toBe(stream ? 1 : 0);
    expect(outcome()).toBe('running');
    leave.abort();
    expect(await reading).toBe('AbortError');
    await expect.poll(outcome).toBe('client_closed');
    expect(provider.calls()[0]).toMatchObject({
      status: stream ? 200 : null,
      finishedAtMs: expect.any(Number),
    });
  });

  test.each([true, false])(
    'and a client that leaves a long answer unread is seen (stream: %s)',
    async (stream) => {
      provider.setScript([{ reply: { text: 'word '.repeat(stream ? 100_000 : 5_000_000) } }]);
      const outgoing = httpRequest(`${provider.url}/chat/completions`, { method: 'POST', agent: false });
      outgoing.on('error', () => undefined);
      outgoing.end(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream }));
      await once(outgoing, 'response');
      expect(outcome()).toBe('running');
      outgoing.destroy();
      await expect.poll(outcome).toBe('client_closed');
    },
  );

  test('and closing the provider is not recorded as an abort of the client', async () => {
    const other = await startScriptedProvider({ script: [{ reply: { hang: true } }] });
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] });
    const asking = fetch(`${other.url}/chat/completions`, { method: 'POST', body }).catch(() => 'failed');
    await expect.poll(() => other.calls()).toHaveLength(1);
    await other.close();
    expect(await asking).toBe('failed');
    expect(other.calls()[0]?.outcome).toBe('fault');
  });
});
