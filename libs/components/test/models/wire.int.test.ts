import { waitFor } from '@causeway/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askedModel } from './asked-model.js';
import { failureOf } from './ask-model.js';
import { type ProviderCase, providerCases } from './provider-cases.js';
import { type WireServer, sendEvents, sendJson, startWireServer } from './wire-server.js';

let server: WireServer;
beforeAll(async () => {
  server = await startWireServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
});

describe.each(providerCases)('$name', (protocol) => {
  const node = (rest: Parameters<typeof askedModel>[2] = {}): ReturnType<typeof askedModel> =>
    askedModel(server, protocol, rest);
  const streamed = { node: { streamsTo: 'ChatOutput-1' } };

  it.each([
    ['awaited whole', {}],
    ['read as a stream', streamed],
  ])('gives text, tokens and key %s', async (_how, options) => {
    server.answer = (request, response) =>
      protocol.answer(request, response, { text: 'Good morning, world' });
    const { message, record } = await node({
      ...options,
      fields: { system_message: 'Be kind.', max_tokens: 99, max_output_tokens: 99 },
    });
    expect(message.text).toBe('Good morning, world');
    expect(message.properties).toMatchObject({
      usage: { input_tokens: 11, output_tokens: 7, total_tokens: 18 },
    });
    const [request] = server.requests;
    expect(request && protocol.keyIn(request)).toBe('key-of-this-team');
    expect(request && protocol.textsIn(request)).toEqual([
      ['system', 'Be kind.'],
      ['user', 'Hello'],
    ]);
    expect(record.steps[0]?.request).toMatchObject({ model: `${protocol.providerId}:${protocol.model}` });
    if (options === streamed) {
      const tokens = record.emitted
        .filter(({ event }) => event === 'token')
        .map(({ data }) => (data as { chunk: string }).chunk);
      expect(tokens.length).toBeGreaterThan(2);
      expect(tokens.join('')).toBe('Good morning, world');
    }
  });

  it('limits output tokens to the node’s limit or the rest of the run’s, whichever is smaller', async () => {
    server.answer = (request, response) => protocol.answer(request, response, { text: 'ok' });
    for (const [own, left] of [
      [50, 4096],
      [5000, 4096],
      [0, 300],
    ] as const) {
      await node({
        fields: { max_tokens: own, max_output_tokens: own },
        models: { remainingTokens: () => left },
      });
    }
    expect(server.requests.map((request) => protocol.limitIn(request))).toEqual([50, 4096, 300]);
  });

  it('never requests more than the model can give', async () => {
    server.answer = (request, response) => protocol.answer(request, response, { text: 'ok' });
    await node({ models: { remainingTokens: () => 10_000_000 } });
    const [request] = server.requests;
    // Ollama's models are those of the server; their limits are not known.
    const isKnown = protocol.providerId !== 'ollama';
    expect(Number(request && protocol.limitIn(request)) < 10_000_000).toBe(isKnown);
  });

  it('fails a run whose own limit cut the answer off', async () => {
    server.answer = (request, response) => protocol.answer(request, response, { text: 'cu', isCut: true });
    const models = { remainingTokens: () => 7, tokenLimit: 10 };
    expect(await failureOf(node({ models }))).toMatchObject({ code: 'LIMIT_TOKENS' });
  });

  it.each([
    ['awaited whole', {}],
    ['read as a stream', streamed],
  ])('gives an answer %s that the model ended because of length, and says so', async (_how, options) => {
    server.answer = (request, response) =>
      protocol.answer(request, response, { text: 'abc def', isCut: true });
    const { message, record } = await node({
      ...options,
      models: { remainingTokens: () => 4096, tokenLimit: 4096 },
    });
    expect(message.text).toBe('abc def');
    expect(message.properties).toMatchObject({ finish_reason: 'length', state: 'complete' });
    expect(record.steps).toHaveLength(1);
  });

  // Ollama's servers have no filter.
  if (protocol.providerId !== 'ollama')
    it.each([
      ['empty answer awaited whole', {}, ''],
      ['empty answer read as a stream', streamed, ''],
      ['cut answer awaited whole', {}, 'abc'],
      ['cut answer read as a stream', streamed, 'abc'],
    ])('gives an %s that a content filter ended, and says so', async (_how, options, text) => {
      server.answer = (request, response) => protocol.answer(request, response, { text, isFiltered: true });
      const { message, record } = await node(options);
      expect(message.text).toBe(text);
      expect(message.properties).toMatchObject({ finish_reason: 'content_filter', state: 'complete' });
      expect(record.steps).toHaveLength(1);
    });

  it('names status, code and sentence of a refusal, without the key', async () => {
    server.answer = (_request, response) =>
      sendJson(response, protocol.errorBody('quota_gone', 'No model for key-of-this-team'), 403);
    const error = await failureOf(node());
    expect(error).toMatchObject({ code: 'PROVIDER_FAILED', details: { status: 403 } });
    expect(error.message).toContain('The provider says: No model for ••••••••');
    expect(error.message).not.toContain('key-of-this-team');
    if (protocol.codeInError !== undefined) expect(error.message).toContain(`(${protocol.codeInError})`);
    expect(server.requests).toHaveLength(1);
  });

  it('calls again when the provider is busy', async () => {
    let asked = 0;
    server.answer = (request, response) => {
      asked += 1;
      if (asked === 1) return sendJson(response, {}, 503, { 'retry-after': '0' });
      protocol.answer(request, response, { text: 'now' });
    };
    expect((await node()).message.text).toBe('now');
  });

  it.each([
    ['before the answer', {}],
    ['in the middle of a stream', streamed],
  ])('ends a call after silence %s', async (_when, options) => {
    server.answer = (_request, response) =>
      options === streamed ? protocol.beginStream(response) : undefined;
    expect(await failureOf(node({ ...options, models: { idleTimeoutMs: 120 } }))).toMatchObject({
      code: 'PROVIDER_TIMED_OUT',
      details: { timeoutMs: 120 },
    });
  });

  it.each([
    ['before the answer', {}],
    ['in the middle of a stream', streamed],
  ])('closes the socket at once when the run is cancelled %s', async (_when, options) => {
    server.answer = (_request, response) =>
      options === streamed ? protocol.beginStream(response) : undefined;
    const cancel = new AbortController();
    const closedBefore = server.closedByClient();
    const asked = failureOf(node({ ...options, signal: cancel.signal }));
    await waitFor(() => server.requests.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    cancel.abort(new Error('cancelled'));
    expect((await asked).message).toBe('cancelled');
    await waitFor(() => server.closedByClient() > closedBefore);
    expect(server.closedByClient()).toBe(closedBefore + 1);
  });

  it.each([
    [
      'that is cut',
      (response: import('node:http').ServerResponse): void => {
        protocol.beginStream(response);
        setTimeout(() => response.destroy(), 20);
      },
    ],
    [
      'that ends early',
      (response: import('node:http').ServerResponse): void => {
        protocol.beginStream(response);
        response.end();
      },
    ],
    [
      'that is no JSON',
      (response: import('node:http').ServerResponse): void => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('event: message_start\ndata: {"choices":[{"ind\n\n');
      },
    ],
  ])('fails a stream %s, and nothing else fails', async (_how, answer) => {
    server.answer = (_request, response) => answer(response);
    expect(await failureOf(node(streamed))).toMatchObject({
      code: 'PROVIDER_FAILED',
      details: { status: 200 },
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
  });

  it.each([
    ['awaited whole', {}],
    ['read as a stream', streamed],
  ])('refuses an answer %s that is larger than any model’s', async (_how, options) => {
    const part = 'x'.repeat(1024 * 1024);
    server.answer = (_request, response) => {
      const pump = (): void => {
        while (!response.destroyed && response.write(part));
        if (!response.destroyed) response.once('drain', pump);
      };
      pump();
    };
    const error = await failureOf(node(options));
    expect(error.message).toContain('its answer is larger than 67108864 bytes');
  });

  it('keeps its connections for later calls, those of streams too', async () => {
    server.answer = (request, response) => protocol.answer(request, response, { text: 'Good morning' });
    await node();
    const before = server.connections();
    for (const options of [streamed, {}, streamed, {}, streamed, streamed]) await node(options);
    // A call that starts at the same moment in which another ends may need a second connection.
    expect(server.connections() - before).toBeLessThanOrEqual(1);
  });

  it('keeps NUL, lone surrogates and emoji', async () => {
    const text = 'a\u0000b\ud800c👩‍🚀';
    for (const options of [{}, streamed]) {
      server.answer = (request, response) => protocol.answer(request, response, { text });
      expect((await node(options)).message.text).toBe(text);
    }
  });
});

describe('Google generateContent', () => {
  it.each([
    ['prompt', { promptFeedback: { blockReason: 'SAFETY' } }, {}],
    ['prompt of a stream', { promptFeedback: { blockReason: 'OTHER' } }, { streamsTo: 'ChatOutput-1' }],
    ['answer', { candidates: [{ index: 0, finishReason: 'SAFETY' }] }, {}],
    ['answer of a stream', { candidates: [{ finishReason: 'BLOCKLIST' }] }, { streamsTo: 'ChatOutput-1' }],
  ])('gives an empty answer that says that a filter withheld the %s', async (_what, body, onNode) => {
    const google = providerCases.find(({ providerId }) => providerId === 'google') as ProviderCase;
    const usageMetadata = { promptTokenCount: 11, totalTokenCount: 11 };
    const answer = { ...body, usageMetadata };
    server.answer = (request, response) =>
      google.wantsStream(request) ? sendEvents(response, [{ data: answer }]) : sendJson(response, answer);
    const { message } = await askedModel(server, google, { node: onNode });
    expect(message).toMatchObject({ text: '', properties: { finish_reason: 'content_filter' } });
  });
});

describe('OpenAI’s refusal, which it writes apart from the text', () => {
  const [openai] = providerCases as [ProviderCase];
  const refusal = 'I cannot help with that.';
  const base = { id: 'c1', object: 'chat.completion' };

  it.each([
    ['awaited whole', {}],
    ['read as a stream', { node: { streamsTo: 'ChatOutput-1' } }],
  ])('is the text of an answer %s, marked as filtered', async (_how, options) => {
    server.answer = (request, response) => {
      if (!openai.wantsStream(request)) {
        const message = { role: 'assistant', content: null, refusal };
        return sendJson(response, { ...base, choices: [{ index: 0, message, finish_reason: 'stop' }] });
      }
      const chunk = (delta: object, finish_reason: string | null = null) => ({
        data: { ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] },
      });
      sendEvents(response, [
        chunk({ role: 'assistant', content: null, refusal: '' }),
        ...refusal.split(/(?<= )/).map((piece) => chunk({ refusal: piece })),
        chunk({}, 'stop'),
      ]);
    };
    const { message } = await askedModel(server, openai, options);
    expect(message).toMatchObject({ text: refusal, properties: { finish_reason: 'content_filter' } });
  });
});
