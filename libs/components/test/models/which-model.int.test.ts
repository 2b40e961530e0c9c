import { createHash } from 'node:crypto';
import { type ScriptedProvider, startScriptedProvider } from '@causeway/scripted-provider';
import { startCpuClock } from '@causeway/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGuardedHttp } from '../../src/runtime/guarded-http.js';
import { testComponent } from '../../src/runtime/test-context.js';
import type { TestOptions } from '../../src/runtime/test-options.js';
import { PATIENT_MS, askModel, failureOf } from './ask-model.js';

let provider: ScriptedProvider;
beforeAll(async () => {
  provider = await startScriptedProvider();
});
afterAll(() => provider.close());
beforeEach(() => provider.clear());
afterEach(() => vi.unstubAllEnvs());

const openai = [{ name: 'gpt-4.1', provider: 'OpenAI' }];

/** A node that names OpenAI's model, with the scripted provider as OpenAI's address, and without the scripted model. */
async function ask(options: TestOptions = {}): Promise<void> {
  await askModel(provider, {
    ...options,
    fields: { model: openai, ...options.fields },
    models: {
      scriptedProviderUrl: undefined as never,
      providerBaseUrls: { openai: provider.url },
      ...options.models,
    },
  });
}

const hashOf = (key: string): string =>
  `sha256:${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
const keyUsed = (): string | null | undefined => provider.calls().at(-1)?.authorization;

describe('the key of a model', () => {
  const all: TestOptions = {
    fields: { api_key: 'literal' },
    variables: { OPENAI_API_KEY: 'stored' },
    models: { providerKeys: { openai: 'platform' } },
    context: { requestVariables: { OPENAI_API_KEY: 'request' } },
  };

  it('is the request’s variable first', async () => {
    await ask(all);
    expect(keyUsed()).toBe(hashOf('request'));
  });

  it('is then the one on the node', async () => {
    await ask({ ...all, context: {} });
    expect(keyUsed()).toBe(hashOf('literal'));
  });

  it('is then the stored variable of the provider’s name', async () => {
    await ask({ ...all, context: {}, fields: {} });
    expect(keyUsed()).toBe(hashOf('stored'));
  });

  it('is then the platform’s', async () => {
    await ask({ ...all, context: {}, fields: {}, variables: {} });
    expect(keyUsed()).toBe(hashOf('platform'));
  });

  it('is never the name of a variable that was not found', async () => {
    const options = { fields: { api_key: 'MY_KEY' }, planFields: { api_key: { loadFromDb: true } } };
    expect(await failureOf(ask(options))).toMatchObject({ code: 'MODEL_KEY_MISSING' });
  });

  it('is named when it is missing, with the command that sets it', async () => {
    expect((await failureOf(ask())).message).toBe(
      'Component Language Model has no key for OpenAI; set it with: npx causeway vars set OPENAI_API_KEY',
    );
    expect(provider.calls()).toEqual([]);
  });

  it('is not taken from the environment, nor is anything else', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'from-the-environment');
    vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:9');
    vi.stubEnv('LANGSMITH_GATEWAY', 'http://127.0.0.1:9');
    expect(await failureOf(ask())).toMatchObject({ code: 'MODEL_KEY_MISSING' });
    await ask({ fields: { api_key: 'literal', temperature: 0.77 } });
    expect(keyUsed()).toBe(hashOf('literal'));
  });
});

describe('a node that names no model', () => {
  const ask = async (options: TestOptions): Promise<unknown> => {
    const { steps } = await testComponent('LanguageModelComponent', {
      outputs: ['text_output'],
      ...options,
      fields: { input_value: 'Hello', ...options.fields },
      models: {
        idleTimeoutMs: PATIENT_MS,
        defaultModel: { provider: 'groq', model: 'of the platform' },
        providerKeys: { openai: 'k', groq: 'k', anthropic: 'k' },
        providerBaseUrls: { openai: provider.url, groq: provider.url },
      },
    });
    return (steps[0]?.request as { model: string } | undefined)?.model;
  };
  const ofTeam = { DEFAULT_MODEL: 'openai/of/the team' };

  it('uses the default of its flow', async () => {
    const context = { flowId: 'f-1' };
    const variables = {
      ...ofTeam,
      'DEFAULT_MODEL_f-1': 'OpenAI/of the flow',
      'DEFAULT_MODEL_f-2': 'openai/other',
    };
    expect(await ask({ context, variables })).toBe('openai:of the flow');
  });

  it('else uses the default of its team', async () => {
    expect(await ask({ variables: ofTeam })).toBe('openai:of/the team');
  });

  it('else uses the default of the platform', async () => {
    expect(await ask({})).toBe('groq:of the platform');
  });

  it('uses no default when it names a model', async () => {
    expect(await ask({ variables: ofTeam, fields: { model: openai } })).toBe('openai:gpt-4.1');
  });

  it('of one provider does not use another’s model', async () => {
    const { steps } = await testComponent('AnthropicModel', {
      outputs: ['text_output'],
      fields: { input_value: 'Hello' },
      variables: ofTeam,
      models: { scriptedProviderUrl: provider.url, defaultModel: { provider: 'groq', model: 'llama' } },
    });
    expect(steps[0]?.request).toMatchObject({ model: 'scripted' });
  });

  it('names a default that cannot be read', async () => {
    expect((await failureOf(ask({ variables: { DEFAULT_MODEL: 'gpt-4.1' } }))).message).toContain(
      'the default model must read provider/model, such as openai/gpt-4.1-mini, not "gpt-4.1".',
    );
  });
});

describe('where there is a scripted provider', () => {
  const run = async (
    type: string,
    fields: TestOptions['fields'],
    models: TestOptions['models'] = {},
  ): Promise<unknown> => {
    const { steps } = await testComponent(type, {
      outputs: ['text_output'],
      fields: { input_value: 'Hello', ...fields },
      models: { scriptedProviderUrl: provider.url, idleTimeoutMs: PATIENT_MS, ...models },
    });
    return (steps[0]?.request as { model: string } | undefined)?.model;
  };

  it.each([
    ['LanguageModelComponent', {}],
    ['LanguageModelComponent', { provider: 'OpenAI', model_name: 'gpt-4.1' }],
    ['LanguageModelComponent', { model: [{ name: 'granite', provider: 'IBM WatsonX' }] }],
    ['AnthropicModel', { model_name: 'claude-opus-4' }],
    ['GoogleGenerativeAIModel', { model_name: 'gemini-2.5-pro' }],
    ['OllamaModel', { model_name: '' }],
    ['GroqModel', { model_name: 'llama' }],
  ])('%s with %j and no key is its client', async (type, fields) => {
    expect(await run(type, fields)).toBe('scripted');
    expect(provider.calls()).toHaveLength(1);
  });

  it('the model that the flow names is requested by its name', async () => {
    await run('AnthropicModel', { model_name: 'claude-opus-4' });
    expect(provider.calls()[0]).toMatchObject({ model: 'claude-opus-4' });
  });

  it('a node with a key of its own still calls its provider', async () => {
    const models = { providerBaseUrls: { openai: `${provider.url}/v1` } };
    expect(await run('OpenAIModel', { model_name: 'gpt-4.1', api_key: 'k' }, models)).toBe('openai:gpt-4.1');
  });

  it('a default model of the platform with a key is used before it', async () => {
    const models = {
      defaultModel: { provider: 'groq', model: 'llama' },
      providerKeys: { groq: 'k' },
      providerBaseUrls: { groq: provider.url },
    };
    expect(await run('LanguageModelComponent', {}, models)).toBe('groq:llama');
  });
});

describe('nodes of providers that speak OpenAI’s protocol', () => {
  it.each([
    ['AIMLModel', 'aiml', 'AIML_API_KEY', 'https://api.aimlapi.com/v2'],
    ['CometAPIModel', 'cometapi', 'COMETAPI_KEY', ''],
    ['DeepSeekModelComponent', 'deepseek', 'DEEPSEEK_API_KEY', 'https://api.deepseek.com'],
    ['GroqModel', 'groq', 'GROQ_API_KEY', 'https://api.groq.com'],
    ['MistralModel', 'mistral', 'MISTRAL_API_KEY', ''],
    ['NovitaModel', 'novita', 'NOVITA_API_KEY', ''],
    ['NVIDIAModelComponent', 'nvidia', 'NVIDIA_API_KEY', 'https://integrate.api.nvidia.com/v1'],
    ['OpenRouterComponent', 'openrouter', 'OPENROUTER_API_KEY', ''],
    ['PerplexityModel', 'perplexity', 'PERPLEXITY_API_KEY', ''],
    ['SambaNovaModel', 'sambanova', 'SAMBANOVA_API_KEY', 'https://api.sambanova.ai/v1/chat/completions'],
    ['xAIModel', 'xai', 'XAI_API_KEY', 'https://api.x.ai/v1'],
  ])('%s calls its own, with the key of its name', async (type, id, variable, address) => {
    const fields = { base_url: address, api_base: address, aiml_api_base: address, model_name: 'large' };
    const { steps } = await testComponent(type, {
      outputs: ['text_output'],
      fields: { input_value: 'x', seed: -1, ...fields },
      variables: { [variable]: 'stored' },
      models: { idleTimeoutMs: PATIENT_MS, providerBaseUrls: { [id]: `${provider.url}/v1` } },
    });
    expect(steps[0]?.request).toMatchObject({ model: `${id}:large` });
    expect(provider.calls()).toMatchObject([{ model: 'large' }]);
    expect(keyUsed()).toBe(hashOf('stored'));
  });

  it.each(['vLLMModel', 'LiteLLMProxyModel'])('%s calls the address on the node', async (type) => {
    const api = `${provider.url}/v1/chat/completions`;
    await testComponent(type, {
      outputs: ['text_output'],
      fields: { input_value: 'x', api_base: api, model_name: 'local', timeout: -1, max_retries: -1 },
      models: {
        idleTimeoutMs: PATIENT_MS,
        outbound: createGuardedHttp({ allow: ['127.0.0.1'] }).dispatcher,
      },
    });
    expect(provider.calls()).toMatchObject([{ model: 'local' }]);
  });
});

describe('an address that a flow names', () => {
  const fields = { openai_api_base: '', model_name: 'local', api_key: 'literal', input_value: 'x' };
  const run = (base: string, rest: TestOptions = {}): Promise<unknown> =>
    testComponent('OpenAIModel', {
      outputs: ['text_output'],
      fields: { ...fields, openai_api_base: base },
      models: { idleTimeoutMs: PATIENT_MS, ...rest.models },
    });

  it('is refused when it is not public', async () => {
    const error = await failureOf(run(`${provider.url}/v1`));
    expect(error).toMatchObject({
      code: 'ADDRESS_REFUSED',
      details: { address: `127.0.0.1:${provider.port}` },
    });
    expect(provider.calls()).toEqual([]);
  });

  it('is called when an administrator allows it', async () => {
    await run(`${provider.url}/v1`, {
      models: { outbound: createGuardedHttp({ allow: ['127.0.0.1'] }).dispatcher },
    });
    expect(keyUsed()).toBe(hashOf('literal'));
  });

  it('never gets the platform’s key', async () => {
    await testComponent('OpenAIModel', {
      outputs: ['text_output'],
      fields: { ...fields, api_key: '', openai_api_base: `${provider.url}/v1` },
      models: {
        idleTimeoutMs: PATIENT_MS,
        outbound: createGuardedHttp({ allow: ['127.0.0.1'] }).dispatcher,
        providerKeys: { openai: 'platform' },
      },
    });
    expect(keyUsed()).not.toBe(hashOf('platform'));
  });

  it('gets a key of the flow when the flow names it, and of the request when the request does', async () => {
    const outbound = createGuardedHttp({ allow: ['127.0.0.1'] }).dispatcher;
    const requested = new Map([['openai_api_base', '']]);
    const ask = (rest: TestOptions): Promise<unknown> =>
      testComponent('OpenAIModel', {
        outputs: ['text_output'],
        models: { idleTimeoutMs: PATIENT_MS, outbound },
        ...rest,
        fields: { ...fields, openai_api_base: `${provider.url}/v1`, ...rest.fields },
      });
    for (const own of [{}, { fields: { api_key: '' }, variables: { OPENAI_API_KEY: 'stored' } }]) {
      const error = await failureOf(ask({ ...own, context: { requestFields: requested } }));
      expect(error).toMatchObject({ code: 'MODEL_KEY_WITHHELD' });
      expect(error.message).toMatch(/header X-LANGFLOW-GLOBAL-VAR-OPENAI_API_KEY or a tweak of api_key\.$/);
    }
    expect(provider.calls()).toEqual([]);
    await ask({ context: { requestFields: requested, requestVariables: { OPENAI_API_KEY: 'brought' } } });
    expect(keyUsed()).toBe(hashOf('brought'));
    await ask({ context: { requestFields: new Map([...requested, ['api_key', '']]) } });
    expect(keyUsed()).toBe(hashOf('literal'));
    await ask({ fields: { api_key: '' }, context: { requestFields: requested } });
    expect(keyUsed()).toBeNull();
  });

  it('is refused when it is too long, in linear time', async () => {
    const cpuMs = startCpuClock();
    const error = await failureOf(run(`https://a.test${'/'.repeat(300_000)}x`));
    expect(error.message).toContain(
      'the base URL in field openai_api_base has more than 2048 characters; shorten it.',
    );
    expect(cpuMs()).toBeLessThan(5_000);
  });

  it('is treated as the provider’s own when it is the same', async () => {
    const models = { providerKeys: { openai: 'platform' }, providerBaseUrls: { openai: provider.url } };
    await testComponent('OpenAIModel', {
      outputs: ['text_output'],
      fields: { ...fields, api_key: '', openai_api_base: 'https://api.openai.com/v1/' },
      models: { idleTimeoutMs: PATIENT_MS, ...models },
    });
    expect(keyUsed()).toBe(hashOf('platform'));
  });
});
