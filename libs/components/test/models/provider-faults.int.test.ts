import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { type ScriptedProvider, startScriptedProvider } from '@causeway/scripted-provider';
import { waitFor } from '@causeway/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestOptions } from '../../src/runtime/test-options.js';
import { askModel, failureOf } from './ask-model.js';

let provider: ScriptedProvider;
beforeAll(async () => {
  provider = await startScriptedProvider();
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.clear();
  provider.setScript([]);
});

const SECRET = 'sk-canary-1234567890';
const PROMPT = 'the prompt that nobody else may read';

/** A node with a key and a prompt of its own, which must not appear in errors. */
const secretive: TestOptions = {
  fields: { input_value: PROMPT, model: [{ name: 'gpt-4.1', provider: 'OpenAI' }], api_key: SECRET },
};

function atProvider(options: TestOptions = {}, models: TestOptions['models'] = {}): TestOptions {
  return { ...secretive, ...options, models: { providerBaseUrls: { openai: provider.url }, ...models } };
}

async function fail(
  options: TestOptions = {},
  models: TestOptions['models'] = {},
): Promise<Awaited<ReturnType<typeof failureOf>>> {
  const error = await failureOf(askModel(provider, atProvider(options, models)));
  const shown = [error.message, JSON.stringify(error.details), inspect(error, { depth: 10 })].join();
  expect(shown).not.toContain(SECRET);
  expect(shown).not.toContain(PROMPT);
  expect(shown).not.toContain('an answer for one reader');
  return error;
}

const streamed: TestOptions = { node: { streamsTo: 'ChatOutput-1' } };

async function callsWith(outcome: string): Promise<number> {
  const count = (): number => provider.calls().filter((call) => call.outcome === outcome).length;
  await waitFor(() => count() > 0, { what: `a call with the outcome ${outcome}` });
  return count();
}

describe('a provider that refuses', () => {
  it.each([
    [
      401,
      'Unauthorized (invalid_api_key); it refuses the key; check the key of OpenAI, which comes from the field api_key of the component',
    ],
    [
      403,
      'Forbidden (model_gated); it does not allow this with the key of OpenAI, which comes from the field api_key of the component. The provider says: Incorrect key •••••••• for …',
    ],
    [
      404,
      'Not Found (model_not_found); it has no such model or address. The provider says: Incorrect key •••••••• for …',
    ],
    [
      400,
      'Bad Request (context_length_exceeded); it does not accept the request. The provider says: Incorrect key •••••••• for …',
    ],
  ])('with %i is named once, with status and code, and without key and prompt', async (status, problem) => {
    const errorCode = { 403: 'model_gated', 400: 'context_length_exceeded' }[status];
    const errorMessage = `Incorrect key ${SECRET} for ${PROMPT}`;
    provider.setScript([
      { reply: { status, errorMessage, ...(errorCode === undefined ? {} : { errorCode }) } },
    ]);
    expect(await fail()).toMatchObject({
      code: 'PROVIDER_FAILED',
      message: `The model provider of Language Model answered ${status}: ${problem}`,
    });
    expect(provider.calls()).toHaveLength(1);
  });

  it.each([400, 404, 413, 422, 500, 503])(
    'with %i is quoted, since its sentence names the remedy',
    async (status) => {
      const errorMessage = "Unsupported parameter: 'temperature' is not supported with this model.";
      for (const options of [{}, streamed]) {
        provider.setScript([{ reply: { status, errorMessage } }]);
        expect((await fail(options)).message).toContain(`The provider says: ${errorMessage}`);
      }
    },
  );

  it('with 401 is not quoted', async () => {
    provider.setScript([{ reply: { status: 401, errorMessage: 'Something about the key.' } }]);
    expect((await fail()).message).not.toContain('Something about');
  });

  it('does not put an invalid code into the error', async () => {
    for (const errorCode of [`${PROMPT} {"`, SECRET]) {
      provider.setScript([{ reply: { status: 400, errorCode } }]);
      expect((await fail()).message).toContain('answered 400: Bad Request');
    }
  });

  it('is refused in a stream too', async () => {
    provider.setScript([{ reply: { status: 401 } }]);
    expect(await fail(streamed)).toMatchObject({ code: 'PROVIDER_FAILED', details: { status: 401 } });
  });
});

describe('a provider that is busy', () => {
  it('is called again after the time that it names', async () => {
    provider.setScript([
      { times: 1, reply: { status: 429, retryAfterSeconds: 1 } },
      { reply: { text: 'now' } },
    ]);
    const { message } = await askModel(provider, atProvider());
    const [first, second] = provider.calls();
    expect(message.text).toBe('now');
    expect((second?.arrivedAtMs ?? 0) - (first?.arrivedAtMs ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it.each([429, 500, 504])('with %i is called three times at most', async (status) => {
    provider.setScript([{ reply: { status } }]);
    const code = status === 429 ? 'PROVIDER_LIMITED' : 'PROVIDER_FAILED';
    expect(await fail()).toMatchObject({ code, details: { status } });
    expect(provider.calls()).toHaveLength(3);
  });

  it('is quoted when it says which limit was reached', async () => {
    provider.setScript([
      { reply: { status: 429, retryAfterSeconds: 0, errorMessage: 'Limit 30000 tokens per minute.' } },
    ]);
    const error = await fail();
    expect(error.message).toContain('it answered 429: Too Many Requests');
    expect(error.message).toContain('The provider says: Limit 30000 tokens per minute.');
  });

  it('is called as often as the node says, when that is less', async () => {
    provider.setScript([{ reply: { status: 500 } }]);
    const { fields } = secretive;
    await fail({ fields: { ...fields, max_retries: 0 } });
    expect(provider.calls()).toHaveLength(1);
  });

  it('is not called again when it asks for too long a wait', async () => {
    provider.setScript([{ reply: { status: 429, retryAfterSeconds: 3600 } }]);
    expect(await fail()).toMatchObject({ details: { status: 429 } });
    expect(provider.calls()).toHaveLength(1);
  });

  it('is not called again when the quota is used up', async () => {
    provider.setScript([{ reply: { status: 429, errorCode: 'insufficient_quota' } }]);
    expect((await fail()).message).toContain('insufficient_quota');
    expect(provider.calls()).toHaveLength(1);
  });

  it('is not called again after the run is cancelled', async () => {
    provider.setScript([{ reply: { status: 429, retryAfterSeconds: 20 } }]);
    const cancel = new AbortController();
    const asked = failureOf(askModel(provider, atProvider({ signal: cancel.signal })));
    await callsWith('fault');
    cancel.abort(new Error('cancelled'));
    expect((await asked).message).toBe('cancelled');
    expect(provider.calls()).toHaveLength(1);
  });
});

describe('a provider that hangs', () => {
  it('is an error after the idle time, and its socket is closed', async () => {
    provider.setScript([{ reply: { hang: true } }]);
    expect(await fail({}, { idleTimeoutMs: 150 })).toMatchObject({
      code: 'PROVIDER_TIMED_OUT',
      message: 'The model provider of Language Model sent nothing for 150 ms.',
    });
    expect(await callsWith('client_closed')).toBe(1);
  });

  it('is an error in the middle of a stream', async () => {
    provider.setScript([{ reply: { chunks: ['a', 'b', 'c'], hangAfterChunks: 2 } }]);
    expect(await fail(streamed, { idleTimeoutMs: 150 })).toMatchObject({ code: 'PROVIDER_TIMED_OUT' });
    expect(await callsWith('client_closed')).toBe(1);
  });

  it('is an error after the node’s own time when that is shorter', async () => {
    provider.setScript([{ reply: { hang: true } }]);
    const { fields } = secretive;
    expect(await fail({ fields: { ...fields, timeout: 0.1 } })).toMatchObject({
      details: { timeoutMs: 100 },
    });
  });
});

describe('a provider that answers very slowly', () => {
  const drip = [{ reply: { chunks: ['a', 'b', 'c', 'd', 'e', 'f'], chunkDelayMs: 500 } }];

  it('is accepted as long as it sends something within the idle time', async () => {
    provider.setScript(drip);
    const { message } = await askModel(provider, atProvider(streamed, { idleTimeoutMs: 2_500 }));
    expect(message.text).toBe('abcdef');
  });

  it('is ended by the run’s deadline', async () => {
    provider.setScript(drip);
    const deadline = new AbortController();
    const { signal } = deadline;
    const asked = failureOf(
      askModel(provider, atProvider({ ...streamed, signal }, { idleTimeoutMs: 2_500 })),
    );
    await waitFor(() => provider.calls().length > 0);
    deadline.abort(new DOMException('over', 'TimeoutError'));
    await asked;
    expect(await callsWith('client_closed')).toBe(1);
  });
});

describe('an answer that breaks', () => {
  it.each([
    ['a stream that is cut', streamed, { chunks: ['a', 'b', 'c'], cutAfterChunks: 1 }],
    ['a stream that is no JSON', streamed, { text: 'abc', malformedStream: true as const }],
    [
      'a stream without its end',
      streamed,
      {
        rawBody: 'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n',
        status: 200,
        contentType: 'text/event-stream',
      },
    ],
    ['no JSON', {}, { rawBody: '{"choices": ["an answer for one reader', status: 200 }],
    ['words', {}, { rawBody: 'an answer for one reader', status: 200 }],
    ['a web page', {}, { rawBody: '<html>Please sign in</html>', status: 200, contentType: 'text/html' }],
    ['no choices', {}, { rawBody: '{"id":"x","choices":[]}', status: 200 }],
    ['an empty body', {}, { rawBody: '', status: 200 }],
    ['other JSON', {}, { rawBody: '[1,2,3]', status: 200 }],
    [
      'an error in the middle of a stream',
      streamed,
      {
        rawBody: 'data: {"error":{"message":"the prompt that nobody else may read","code":"overloaded"}}\n\n',
        status: 200,
        contentType: 'text/event-stream',
      },
    ],
  ])('as %s fails the node', async (_what, options, reply) => {
    provider.setScript([{ reply }]);
    expect(await fail(options)).toMatchObject({ code: 'PROVIDER_FAILED', details: { status: 200 } });
  });

  it('names the code of an error in the middle of a stream', async () => {
    const rawBody = 'data: {"error":{"message":"x","code":"overloaded"}}\n\n';
    provider.setScript([{ reply: { rawBody, status: 200, contentType: 'text/event-stream' } }]);
    expect((await fail(streamed)).message).toContain('it reports an error in its answer (overloaded)');
  });
});

describe('a provider that is not there', () => {
  it('is named unreachable', async () => {
    const models = { providerBaseUrls: { openai: 'http://127.0.0.1:9' } };
    expect(await fail({}, models)).toMatchObject({
      code: 'PROVIDER_UNREACHABLE',
      message:
        'The model provider of Language Model cannot be reached: no server listens there, at 127.0.0.1:9',
    });
  });

  it('is named unreachable when its name is not known', async () => {
    const models = { providerBaseUrls: { openai: 'http://no-such-host.invalid' } };
    expect((await fail({}, models)).message).toContain(
      'its host name is not known, at no-such-host.invalid:80',
    );
  });

  it('is reported without the user, the password and the path of its address', async () => {
    const models = { providerBaseUrls: { openai: 'http://someone:pa55word@127.0.0.1:9/secret-path' } };
    const { message } = await fail({}, models);
    expect(message).toContain('127.0.0.1:9');
    expect(message).not.toMatch(/someone|pa55word|secret-path/);
  });

  it('is called again when it closes the connection before it answers', async () => {
    let hangUps = 0;
    const server: Server = createServer((socket) => {
      hangUps += 1;
      socket.once('data', () => socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const error = await fail({}, { providerBaseUrls: { openai: `http://127.0.0.1:${port}` } });
    server.close();
    expect(error.code).toBe('PROVIDER_UNREACHABLE');
    expect(hangUps).toBe(3);
  });
});

describe('an answer that ends too early', () => {
  const cut = { chunks: ['a', 'b', 'c'], cutAfterChunks: 2 };

  it('is requested once more when no client has read a part of it', async () => {
    provider.setScript([{ times: 1, reply: cut }, { reply: { text: 'whole' } }]);
    const unseen = atProvider({}, { idleTimeoutMs: 10_000 });
    expect((await askModel(provider, unseen)).message.text).toBe('whole');
    expect(provider.calls()).toHaveLength(2);
  });

  it('is final when a client has', async () => {
    provider.setScript([{ times: 1, reply: cut }, { reply: { text: 'whole' } }]);
    expect(await fail(streamed)).toMatchObject({ code: 'PROVIDER_FAILED' });
    expect(provider.calls()).toHaveLength(1);
  });

  it('is an error after the second time', async () => {
    provider.setScript([{ reply: cut }]);
    expect(await fail({}, { idleTimeoutMs: 10_000 })).toMatchObject({ code: 'PROVIDER_FAILED' });
    expect(provider.calls()).toHaveLength(2);
  });
});

describe('a cancelled run', () => {
  it.each([
    ['before an answer', {}, { hang: true as const }],
    ['in the middle of a stream', streamed, { chunks: ['a', 'b', 'c'], hangAfterChunks: 1 }],
  ])('closes the provider’s socket at once %s', async (_when, options, reply) => {
    provider.setScript([{ reply }]);
    const cancel = new AbortController();
    const asked = failureOf(askModel(provider, atProvider({ ...options, signal: cancel.signal })));
    await waitFor(() => provider.calls().length > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    cancel.abort(new Error('cancelled'));
    expect((await asked).message).toBe('cancelled');
    expect(await callsWith('client_closed')).toBe(1);
  });

  it('does not stop other runs’ calls of the same model', async () => {
    provider.setScript([{ reply: { text: 'still here', delayMs: 1_000 } }]);
    const cancel = new AbortController();
    const cancelled = failureOf(askModel(provider, atProvider({ signal: cancel.signal })));
    const other = askModel(provider, atProvider());
    await waitFor(() => provider.calls().length === 2);
    cancel.abort(new Error('cancelled'));
    await cancelled;
    expect((await other).message.text).toBe('still here');
  });
});
