import { inspect } from 'node:util';
import type { JsonObject } from '@causeway/dag';
import { type ScriptedProvider, startScriptedProvider } from '@causeway/scripted-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keptClients } from '../../src/runtime/models/clients/client-cache.js';
import { modelIn } from '../../src/runtime/models/language-model.js';
import { testComponent } from '../../src/runtime/test-context.js';
import { PATIENT_MS, askModel, failureOf } from './ask-model.js';

let provider: ScriptedProvider;
beforeAll(async () => {
  provider = await startScriptedProvider();
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.clear();
  provider.setScript([]);
});

describe('a model node', () => {
  it('gives the answer as a message with its source and its tokens', async () => {
    provider.setScript([{ reply: { text: 'Hi!', usage: { promptTokens: 9, completionTokens: 4 } } }]);
    const { message } = await askModel(provider);
    expect(message).toMatchObject({ kind: 'message', text: 'Hi!', sender: 'Machine', senderName: 'AI' });
    expect(message.properties).toEqual({
      source: { id: 'LanguageModelComponent-1', display_name: 'Language Model', source: 'scripted' },
      icon: 'brain-circuit',
      state: 'complete',
      usage: { input_tokens: 9, output_tokens: 4, total_tokens: 13 },
    });
  });

  it('sends system message, text and settings', async () => {
    await askModel(provider, { fields: { system_message: 'Be brief.' } });
    const [call] = provider.calls();
    expect(call).toMatchObject({ stream: false, model: 'scripted', rule: 'default' });
    expect(call?.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
    ]);
  });

  it('makes its call as one step, whose request has the conversation and no key', async () => {
    const { record } = await askModel(provider, {
      fields: { model: [{ name: 'gpt-4.1', provider: 'OpenAI' }], api_key: 'sk-secret', temperature: 0.2 },
      models: { providerBaseUrls: { openai: `${provider.url}/v1` } },
    });
    expect(record.steps).toHaveLength(1);
    expect(record.steps[0]).toMatchObject({ kind: 'model', name: 'model', effects: 'none' });
    expect(record.steps[0]?.request).toEqual({
      model: 'openai:gpt-4.1',
      parameters: { temperature: 0.2 },
      messages: [{ role: 'user', text: 'Hello' }],
    });
  });

  it('gives the step its tokens and its model', async () => {
    provider.setScript([{ reply: { text: 'Hi!', usage: { promptTokens: 9, completionTokens: 4 } } }]);
    const { record } = await askModel(provider);
    const call = record.steps[0]?.call({ idempotencyKey: 'k', signal: new AbortController().signal });
    expect(await call).toMatchObject({ tokens: { input: 9, output: 4 }, model: 'scripted' });
  });

  it('estimates tokens when the provider does not count them, and shows no usage', async () => {
    provider.setScript([{ reply: { text: 'x'.repeat(400), usage: null } }]);
    const { message, record } = await askModel(provider);
    const call = record.steps[0]?.call({ idempotencyKey: 'k', signal: new AbortController().signal });
    expect((await call)?.tokens?.output).toBeGreaterThanOrEqual(100);
    expect(message.properties).not.toHaveProperty('usage');
  });

  it('gives itself to other nodes without a call', async () => {
    const { outputs } = await testComponent('LanguageModelComponent', {
      outputs: ['model_output'],
      models: { scriptedProviderUrl: provider.url },
    });
    expect(modelIn(outputs['model_output'])?.label).toBe('scripted');
    expect(provider.calls()).toEqual([]);
  });

  it('does not show its key, however the live object is printed', async () => {
    const { outputs } = await testComponent('OpenAIModel', {
      outputs: ['model_output'],
      fields: { model_name: 'gpt-4.1', api_key: 'sk-canary' },
    });
    const handle = outputs['model_output'];
    expect(inspect(handle, { depth: 10, showHidden: true }) + JSON.stringify(handle)).not.toContain(
      'sk-canary',
    );
  });

  it('uses the connected model, with its settings, before all others', async () => {
    const { outputs } = await testComponent('OpenAIModel', {
      outputs: ['model_output'],
      fields: { model_name: 'gpt-wired', api_key: 'k', seed: 7 },
      models: { providerBaseUrls: { openai: `${provider.url}/v1` } },
    });
    const { message, record } = await askModel(provider, {
      fields: { model: [{ name: 'gpt-4.1', provider: 'OpenAI' }] },
      inputs: { model: outputs['model_output'] as never },
    });
    expect(provider.calls()[0]).toMatchObject({ model: 'gpt-wired' });
    expect(record.steps[0]?.request).toMatchObject({ model: 'openai:gpt-wired', parameters: { seed: 7 } });
    expect(message.properties).toMatchObject({ source: { source: 'gpt-wired' } });
  });

  it('refuses an empty conversation', async () => {
    const error = await failureOf(askModel(provider, { fields: { input_value: '' } }));
    expect(error).toMatchObject({ code: 'NODE_FAILED' });
    expect(error.message).toContain('Language Model: there is nothing to send');
  });

  it('shows the images among the files of a message', async () => {
    await askModel(provider, {
      inputs: {
        input_value: { kind: 'message', text: 'What is this?', files: ['a/cat.png', 'a/notes.txt'] },
      },
      files: { 'a/cat.png': new Uint8Array([1, 2, 3]) },
    });
    expect(provider.calls()[0]?.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AQID' } },
        ],
      },
    ]);
  });

  it('requests JSON when the node says so', async () => {
    await testComponent('OpenAIModel', {
      outputs: ['text_output'],
      fields: { input_value: 'x', model_name: 'gpt-4.1', api_key: 'k', json_mode: true },
      models: { providerBaseUrls: { openai: provider.url }, idleTimeoutMs: PATIENT_MS },
    });
    expect(provider.calls()[0]?.responseFormat).toEqual({ type: 'json_object' });
  });

  it.each<JsonObject>([{ n: 50 }, { best_of: 2 }, { extra_body: { n: 3 } }])(
    'sends no request when %j would multiply its cost',
    async (model_kwargs) => {
      const asked = testComponent('OpenAIModel', {
        outputs: ['text_output'],
        fields: { input_value: 'x', model_name: 'gpt-4.1', api_key: 'k', model_kwargs },
        models: { providerBaseUrls: { openai: provider.url }, idleTimeoutMs: PATIENT_MS },
      });
      expect(await failureOf(asked)).toMatchObject({ code: 'FIELD_INVALID' });
      expect(provider.calls()).toEqual([]);
    },
  );

  it('shares one client among runs with equal settings', async () => {
    await askModel(provider);
    const before = keptClients();
    await Promise.all([askModel(provider), askModel(provider, { fields: { max_tokens: 5 } })]);
    expect(keptClients()).toBe(before);
    await askModel(provider, { fields: { temperature: 0.123 } });
    expect(keptClients()).toBe(before + 1);
  });
});

describe('odd text', () => {
  const odd = 'NUL \u0000, lone \ud800 and \udc00, emoji 👩‍🚀, line\u2028separator';

  it('is kept in an answer that is read as a whole', async () => {
    provider.setScript([{ reply: { text: odd } }]);
    expect((await askModel(provider)).message.text).toBe(odd);
  });

  it('survives a stream', async () => {
    provider.setScript([
      { reply: { chunks: ['NUL \u0000, lone \ud800', ' and \udc00, emoji 👩‍🚀, line\u2028separator'] } },
    ]);
    const { message } = await askModel(provider, { node: { streamsTo: 'ChatOutput-1' } });
    expect(message.text).toBe(odd);
  });

  it('is kept in the request to the provider', async () => {
    await askModel(provider, { fields: { input_value: odd } });
    expect(provider.calls()[0]?.messages).toEqual([{ role: 'user', content: odd }]);
  });

  it('is kept as data when it looks like one of LangChain’s own objects', async () => {
    const lc =
      '{"lc":1,"type":"constructor","id":["langchain","schema","HumanMessage"],"kwargs":{"content":"x"}}';
    provider.setScript([{ reply: { text: lc } }]);
    expect((await askModel(provider, { fields: { input_value: lc } })).message.text).toBe(lc);
    expect(provider.calls()[0]?.messages).toEqual([{ role: 'user', content: lc }]);
  });
});

describe('streaming', () => {
  const streamed = { node: { streamsTo: 'ChatOutput-1' } };

  it('shows the message, empty, then every piece, under the chat output’s message', async () => {
    provider.setScript([{ reply: { chunks: ['One', ' two', ' three'] } }]);
    const { message, record } = await askModel(provider, streamed);
    expect(message.text).toBe('One two three');
    expect(record.emitted.map(({ event }) => event)).toEqual(['add_message', 'token', 'token', 'token']);
    expect(record.emitted[0]?.data).toMatchObject({
      id: 'message:ChatOutput-1',
      text: '',
      properties: { state: 'partial' },
    });
    expect(record.emitted.slice(1).map(({ data }) => data)).toEqual([
      { chunk: 'One', id: 'message:ChatOutput-1' },
      { chunk: ' two', id: 'message:ChatOutput-1' },
      { chunk: ' three', id: 'message:ChatOutput-1' },
    ]);
  });

  it('counts the tokens of a stream', async () => {
    provider.setScript([{ reply: { text: 'a b c', usage: { promptTokens: 3, completionTokens: 5 } } }]);
    const { message } = await askModel(provider, streamed);
    expect(message.properties).toMatchObject({
      usage: { input_tokens: 3, output_tokens: 5, total_tokens: 8 },
    });
  });

  it('is left out when no client watches', async () => {
    const { record } = await askModel(provider, { ...streamed, context: { watched: false } });
    expect(record.emitted).toEqual([]);
    expect(provider.calls()[0]?.stream).toBe(false);
  });

  it('is used without a watcher when the answer may take longer than the idle time', async () => {
    const { record } = await askModel(provider, { models: { idleTimeoutMs: 10_000 } });
    expect(record.emitted).toEqual([]);
    expect(provider.calls()[0]?.stream).toBe(true);
    provider.clear();
    await askModel(provider, { models: { idleTimeoutMs: 10_000 }, fields: { max_tokens: 100 } });
    expect(provider.calls()[0]?.stream).toBe(false);
  });
});

describe('the limit of output tokens', () => {
  it('refuses a call when no tokens are left, naming the limit', async () => {
    const models = { remainingTokens: () => 0, tokenLimit: 4096 };
    expect(await failureOf(askModel(provider, { models }))).toMatchObject({
      code: 'LIMIT_TOKENS',
      message: 'The run used 4096 output tokens; the limit CAUSEWAY_RUN_MAX_TOKENS is 4096.',
    });
    expect(provider.calls()).toEqual([]);
  });

  it('fails a run whose answer the run’s own limit cut off', async () => {
    provider.setScript([
      { reply: { text: 'cut', finishReason: 'length', usage: { promptTokens: 2, completionTokens: 40 } } },
    ]);
    const models = { remainingTokens: () => 40, tokenLimit: 100 };
    expect(await failureOf(askModel(provider, { models }))).toMatchObject({
      code: 'LIMIT_TOKENS',
      details: { used: 100, limit: 100, input: 2, output: 40 },
    });
  });

  it('gives an answer that the model’s own limit cut off, and says that it stopped for length', async () => {
    const usage = { promptTokens: 5, completionTokens: 2 };
    provider.setScript([{ reply: { text: 'abc def', finishReason: 'length', usage } }]);
    const { message, record } = await askModel(provider, { models: { tokenLimit: 4096 } });
    expect(message).toMatchObject({ text: 'abc def', properties: { finish_reason: 'length' } });
    const again = record.steps[0]?.call({ idempotencyKey: 'k', signal: new AbortController().signal });
    expect((await again)?.answer).toMatchObject({ finishReason: 'length' });
  });

  it('does not take the end by a content filter for the end of the run’s own limit', async () => {
    const usage = { promptTokens: 2, completionTokens: 40 };
    provider.setScript([{ reply: { text: '', finishReason: 'content_filter', usage } }]);
    const models = { remainingTokens: () => 40, tokenLimit: 100 };
    const { message, record } = await askModel(provider, { models });
    expect(message).toMatchObject({ text: '', properties: { finish_reason: 'content_filter' } });
    const again = record.steps[0]?.call({ idempotencyKey: 'k', signal: new AbortController().signal });
    expect((await again)?.answer).toMatchObject({ finishReason: 'content_filter' });
  });

  it('names the used tokens, also when the model wrote more than was allowed', async () => {
    const usage = { promptTokens: 2, completionTokens: 45 };
    provider.setScript([{ reply: { text: 'cut', finishReason: 'length', usage } }]);
    const models = { remainingTokens: () => 40, tokenLimit: 100 };
    expect(await failureOf(askModel(provider, { models }))).toMatchObject({
      code: 'LIMIT_TOKENS',
      details: { used: 105, limit: 100 },
    });
  });

  it('counts the answer of a provider that says it used nothing', async () => {
    for (const [text, least] of [
      ['x'.repeat(400), 100],
      ['', 1],
    ] as const) {
      provider.setScript([{ reply: { text, usage: { promptTokens: 0, completionTokens: 0 } } }]);
      const { record } = await askModel(provider);
      const again = record.steps[0]?.call({ idempotencyKey: 'k', signal: new AbortController().signal });
      expect((await again)?.tokens?.output).toBe(least);
    }
  });

  it('gives an answer that the node’s own limit cut off as it is', async () => {
    provider.setScript([{ reply: { text: 'cut', finishReason: 'length' } }]);
    expect((await askModel(provider, { fields: { max_tokens: 10 } })).message.text).toBe('cut');
  });
});
