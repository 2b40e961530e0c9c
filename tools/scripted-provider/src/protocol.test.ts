import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES } from './http/read-body.js';
import { startScriptedProvider } from './index.js';

const provider = await startScriptedProvider();
afterAll(() => provider.close());
beforeEach(() => {
  provider.clear();
  provider.setScript([]);
});

const user = { role: 'user', content: 'Hi' };
const call = (id: string) => ({ id, type: 'function', function: { name: 'a', arguments: '{}' } });
const tool = (name: string) => ({ type: 'function', function: { name, parameters: { type: 'object' } } });

async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const text = body === undefined || typeof body === 'string' ? (body ?? null) : JSON.stringify(body);
  const response = await fetch(provider.url + path, { method, body: text, headers });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe('a refused request', () => {
  test.each<[string, unknown, number, string | null, RegExp]>([
    ['no JSON', '{"model":', 400, null, /could not parse the JSON/],
    ['no object', '[]', 400, '', /'body'/],
    ['no model', { messages: [user] }, 400, 'model', /'model'/],
    ['no messages', { model: 'm', messages: [] }, 400, 'messages', /messages/],
    ['an unknown role', { model: 'm', messages: [{ role: 'wizard' }] }, 400, 'messages[0].role', /role/],
    [
      'no content',
      { model: 'm', messages: [{ role: 'user', content: null }] },
      400,
      'messages[0].content',
      /needs content/,
    ],
    ['several choices', { model: 'm', messages: [user], n: 2 }, 400, 'n', /one choice/],
    [
      'a limit of no tokens',
      { model: 'm', messages: [user], max_tokens: 0 },
      400,
      'max_tokens',
      /max_tokens/,
    ],
    [
      'a tool name with blanks',
      { model: 'm', messages: [user], tools: [tool('a b')] },
      400,
      'tools[0].function.name',
      /match/,
    ],
    [
      'a choice of no tool',
      { model: 'm', messages: [user], tool_choice: 'required' },
      400,
      'tool_choice',
      /needs 'tools'/,
    ],
    [
      'a choice of another tool',
      {
        model: 'm',
        messages: [user],
        tools: [tool('a')],
        tool_choice: { type: 'function', function: { name: 'b' } },
      },
      400,
      'tool_choice',
      /tool 'b'/,
    ],
    [
      'an unanswered tool call',
      { model: 'm', messages: [user, { role: 'assistant', tool_calls: [call('c1')] }, user] },
      400,
      'messages[2].role',
      /Unanswered: c1/,
    ],
    [
      'a tool call unanswered at the end',
      { model: 'm', messages: [user, { role: 'assistant', tool_calls: [call('c1')] }] },
      400,
      'messages[2].role',
      /Unanswered: c1/,
    ],
    [
      'an answer to no tool call',
      { model: 'm', messages: [user, { role: 'tool', content: 'x', tool_call_id: 'c1' }] },
      400,
      'messages[1].role',
      /must answer/,
    ],
  ])('%s', async (_title, body, status, param, message) => {
    const answer = await send('POST', '/v1/chat/completions', body);
    expect(answer).toEqual({
      status,
      body: {
        error: { message: expect.stringMatching(message), type: 'invalid_request_error', param, code: null },
      },
    });
    expect(provider.calls()[0]).toMatchObject({ status, outcome: 'fault', rule: null });
  });

  test.each([
    ['an unknown path', 'POST', '/v1/responses', 404, 'unknown_url'],
    ['a wrong method', 'GET', '/v1/chat/completions', 405, null],
  ])('%s', async (_title, method, path, status, code) => {
    const answer = await send(method, path);
    expect(answer).toMatchObject({ status, body: { error: { type: 'invalid_request_error', code } } });
    expect(provider.calls()[0]).toMatchObject({ path, status, outcome: 'fault' });
  });

  test.each([true, false])('a body over 32 MB (length announced: %s)', async (isAnnounced) => {
    const status = await new Promise((resolve, reject) => {
      const headers = isAnnounced ? { 'content-length': MAX_BODY_BYTES + 1 } : {};
      const options = { method: 'POST', headers, agent: false };
      const outgoing = httpRequest(`${provider.url}/v1/chat/completions`, options, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode));
      });
      outgoing.on('error', reject);
      outgoing.end(Buffer.alloc(MAX_BODY_BYTES + 1, 'a'));
    });
    expect(status).toBe(413);
    await expect.poll(() => provider.calls()[0]?.outcome).toBe('fault');
    expect((await send('GET', '/models')).status).toBe(200);
  });

  test('embeddings of nothing', async () => {
    const answer = await send('POST', '/v1/embeddings', { model: 'm', input: [] });
    expect(answer).toMatchObject({ status: 400, body: { error: { param: 'input' } } });
  });
});

describe('embeddings', () => {
  test('are the same numbers as floats and as base64', async () => {
    const ask = (encoding_format: string) =>
      send('POST', '/embeddings', { model: 'm', input: ['a', 'b'], dimensions: 8, encoding_format });
    const floats = (await ask('float')).body.data;
    const packed = (await ask('base64')).body.data;
    expect(packed.map((item: { index: number }) => item.index)).toEqual([0, 1]);
    for (const [index, item] of packed.entries()) {
      const bytes = Buffer.from(item.embedding, 'base64');
      expect(bytes).toHaveLength(8 * 4);
      expect(Array.from({ length: 8 }, (_, at) => bytes.readFloatLE(at * 4))).toEqual(
        floats[index].embedding,
      );
    }
  });

  test('take token ids, and have the length of their model', async () => {
    const input = [[1, 2], [3]];
    const { body } = await send('POST', '/v1/embeddings', { model: 'text-embedding-3-large', input });
    expect(body.data.map((item: { embedding: number[] }) => item.embedding.length)).toEqual([3072, 3072]);
    const one = await send('POST', '/v1/embeddings', { model: 'text-embedding-3-large', input: [1, 2] });
    expect(one.body.data[0].embedding).toEqual(body.data[0].embedding);
  });

  test('can be refused by a script, which chat does not notice', async () => {
    provider.setScript([
      { when: { endpoint: 'embeddings', lastMessageContains: 'b' }, reply: { status: 500 } },
    ]);
    expect((await send('POST', '/embeddings', { model: 'm', input: ['a', 'b'] })).status).toBe(500);
    expect((await send('POST', '/embeddings', { model: 'm', input: ['b', 'a'] })).status).toBe(200);
    const body = { model: 'm', messages: [{ role: 'user', content: 'b' }] };
    expect((await send('POST', '/chat/completions', body)).status).toBe(200);
  });
});

test('models are listed', async () => {
  const { body } = await send('GET', '/v1/models?limit=2');
  expect(body).toMatchObject({ object: 'list', data: [{ id: 'scripted', object: 'model' }, {}] });
});

describe('the log of calls', () => {
  test('shows key digest, request and outcome of each call, and never a key', async () => {
    const responseFormat = { type: 'json_object' };
    await send(
      'POST',
      '/v1/chat/completions?x=1',
      { model: 'm', messages: [user], tools: [tool('a'), tool('b')], response_format: responseFormat },
      {
        authorization: 'Bearer sk-very-secret',
        'x-causeway-run': 'r1',
        'idempotency-key': 'k1',
        'x-other': 'o',
      },
    );
    const { body } = await send('GET', '/_scripted/calls');
    expect(body.calls).toEqual([
      {
        sequence: expect.any(Number),
        arrivedAtMs: expect.any(Number),
        finishedAtMs: expect.any(Number),
        path: '/v1/chat/completions',
        model: 'm',
        messages: [user],
        input: null,
        toolNames: ['a', 'b'],
        responseFormat,
        stream: false,
        chunksSent: 0,
        rule: 'default',
        status: 200,
        outcome: 'completed',
        bodyBytes: expect.any(Number),
        bodyDropped: false,
        headers: { 'x-causeway-run': 'r1', 'idempotency-key': 'k1' },
        // The first 12 digits of `printf sk-very-secret | sha256sum`.
        authorization: 'sha256:e7f15906532b',
      },
    ]);
    expect(body.limits.calls).toBe(100_000);
  });

  test('can be read from a sequence number on, also after it was cleared', async () => {
    await send('POST', '/chat/completions', { model: 'a', messages: [user] });
    const [first] = provider.calls();
    expect((await send('DELETE', '/_scripted/calls')).status).toBe(200);
    await send('POST', '/chat/completions', { model: 'b', messages: [user] });
    await send('POST', '/chat/completions', { model: 'c', messages: [user] });
    const { body } = await send('GET', `/_scripted/calls?since=${(first?.sequence ?? 0) + 1}`);
    expect(body.calls.map((one: { model: string }) => one.model)).toEqual(['c']);
    expect(provider.calls().map((one) => one.model)).toEqual(['b', 'c']);
    expect((await send('GET', '/_scripted/calls?since=x')).status).toBe(400);
  });

  test('is written line by line into a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'scripted-provider-'));
    const logFile = join(folder, 'calls.ndjson');
    const logged = await startScriptedProvider({ logFile });
    const body = JSON.stringify({ model: 'm', messages: [user] });
    const ask = () => fetch(`${logged.url}/chat/completions`, { method: 'POST', body }).then((r) => r.text());
    await Promise.all(Array.from({ length: 20 }, ask));
    await expect.poll(() => logged.calls().every((one) => one.outcome === 'completed')).toBe(true);
    await logged.close();
    const lines = (await readFile(logFile, 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line)).sort((a, b) => a.sequence - b.sequence)).toEqual(
      logged.calls(),
    );
    await rm(folder, { recursive: true });
  });

  test('file that can’t be opened stops the start', async () => {
    await expect(
      startScriptedProvider({ logFile: join(tmpdir(), 'absent-folder', 'x', 'y') }),
    ).rejects.toThrow('ENOENT');
  });
});

describe('the script over HTTP', () => {
  test('is played from its beginning when it is put', async () => {
    const script = { rules: [{ times: 1, reply: { text: 'once' } }] };
    expect(await send('PUT', '/_scripted/script', script)).toEqual({ status: 200, body: { rules: 1 } });
    const body = { model: 'm', messages: [user] };
    const texts = [];
    for (let turn = 0; turn < 2; turn += 1) {
      texts.push((await send('POST', '/chat/completions', body)).body.choices[0].message.content);
    }
    expect(texts).toEqual(['once', 'You said: Hi']);
  });

  test('is refused with its problems, and the old one stays', async () => {
    provider.setScript([{ reply: { text: 'old' } }]);
    const answer = await send('PUT', '/_scripted/script', { rules: [{ reply: { status: 600 } }] });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { problems: [expect.stringMatching(/^rules\[0\]\.reply\.status: /)] } },
    });
    expect((await send('PUT', '/_scripted/script', '{')).status).toBe(400);
    expect((await send('GET', '/_scripted/health')).body).toMatchObject({ status: 'ok', rules: 1 });
  });

  test('has no other control endpoints', async () => {
    expect((await send('POST', '/_scripted/calls')).status).toBe(404);
    expect(provider.calls()).toEqual([]);
  });
});

test('a port that is taken stops the start', async () => {
  await expect(startScriptedProvider({ port: provider.port })).rejects.toThrow('EADDRINUSE');
});
