import { describe, expect, it } from 'vitest';
import { type ModelWish, chooseKey, chooseModel, parseModelField } from './model-choice.js';

const wish = (rest: Partial<ModelWish> = {}): ModelWish => ({
  node: 'Language Model',
  selected: {},
  override: {},
  hasKey: false,
  ...rest,
});
const chosen = (rest: Partial<ModelWish>, settings: Parameters<typeof chooseModel>[1] = {}): string => {
  const choice = chooseModel(wish(rest), settings);
  return choice.kind === 'scripted'
    ? `scripted ${choice.model ?? '-'}`
    : `${choice.provider.id} ${choice.model}`;
};

describe('parseModelField', () => {
  it.each([
    [
      [{ name: 'gpt-4.1', provider: 'OpenAI', icon: 'OpenAI', metadata: {} }],
      { model: 'gpt-4.1', provider: 'OpenAI' },
    ],
    [
      { name: 'claude-x', provider: 'Anthropic' },
      { model: 'claude-x', provider: 'Anthropic' },
    ],
    ['gpt-4o-mini', { model: 'gpt-4o-mini' }],
    [['gpt-4o-mini'], { model: 'gpt-4o-mini' }],
    [[{ name: 'gpt-4o', provider: 'Unknown' }], { model: 'gpt-4o' }],
    ['connect_other_models', {}],
    [[{ name: 'connect_other_models', provider: 'OpenAI' }], {}],
    ['', {}],
    [[], {}],
    [null, {}],
    [undefined, {}],
    [[{ provider: 'OpenAI' }], {}],
    [7, {}],
  ])('reads %j', (value, expected) => {
    expect(parseModelField(value)).toEqual(expected);
  });
});

describe('chooseModel', () => {
  it('takes the model named on the node before any default', () => {
    const selected = { model: 'claude-x', provider: 'Anthropic' };
    expect(chosen({ selected }, { defaultModel: { provider: 'OpenAI', model: 'gpt-4.1' } })).toBe(
      'anthropic claude-x',
    );
  });

  it('takes the default when the node names none', () => {
    expect(chosen({}, { defaultModel: { provider: 'OpenAI', model: 'gpt-4.1' } })).toBe('openai gpt-4.1');
  });

  it('prefers a default model to the scripted provider', () => {
    const settings = {
      defaultModel: { provider: 'groq', model: 'llama' },
      scriptedProviderUrl: 'http://127.0.0.1:1',
    };
    expect(chosen({}, settings)).toBe('groq llama');
  });

  it('reads provider and model_name of older nodes', () => {
    expect(chosen({ override: { provider: 'OpenAI', model: 'gpt-4.1' } })).toBe('openai gpt-4.1');
  });

  it('lets a model name override replace the model but keep the provider selected', () => {
    const selected = { model: 'gpt-4.1', provider: 'Groq' };
    expect(chosen({ selected, override: { model: 'llama-4' } })).toBe('groq llama-4');
  });

  it('ignores a provider override that comes without a model', () => {
    const selected = { model: 'gpt-4.1', provider: 'OpenAI' };
    expect(chosen({ selected, override: { provider: 'Anthropic' } })).toBe('openai gpt-4.1');
  });

  it.each([
    ['gpt-4o', 'openai'],
    ['o3-mini', 'openai'],
    ['claude-opus-4', 'anthropic'],
    ['gemini-2.5-pro', 'google'],
  ])('finds the provider of the model %s', (model, provider) => {
    expect(chosen({ selected: { model } })).toBe(`${provider} ${model}`);
  });

  it.each(['Google Generative AI', 'google', 'Ollama', 'LM Studio', 'OpenRouter', 'MistralAI', 'xAI'])(
    'finds the provider %s',
    (provider) => {
      expect(chosen({ selected: { model: 'm', provider } })).toMatch(/ m$/);
    },
  );

  it('refuses a node without model, naming node and remedy', () => {
    expect(() => chosen({ override: { provider: 'OpenAI' } })).toThrow(
      'Component Language Model names no model; choose one on the node, by a tweak, or set a default: npx causeway vars set DEFAULT_MODEL openai/gpt-4.1-mini --generic',
    );
  });

  it('refuses a provider that is not supported, listing those that are', () => {
    expect(() => chosen({ selected: { model: 'm', provider: 'IBM WatsonX' } })).toThrow(
      /names the provider IBM WatsonX, which is not supported; supported are OpenAI, Anthropic/,
    );
  });

  it('gives a node without model to the scripted provider only where there is one', () => {
    expect(chosen({}, { scriptedProviderUrl: 'http://127.0.0.1:1' })).toBe('scripted -');
  });

  it('gives a model of an unsupported provider to the scripted provider only if there is no key', () => {
    const selected = { model: 'granite', provider: 'IBM WatsonX' };
    const settings = { scriptedProviderUrl: 'http://127.0.0.1:1' };
    expect(chosen({ selected }, settings)).toBe('scripted granite');
    expect(() => chosen({ selected, hasKey: true }, settings)).toThrow('not supported');
  });
});

describe('chooseKey', () => {
  const all = { requestVariable: 'r', literal: 'l', storedVariable: 's', platform: 'p' };

  it.each([
    [all, 'r'],
    [{ ...all, requestVariable: undefined }, 'l'],
    [{ ...all, requestVariable: '', literal: '' }, 's'],
    [{ ...all, requestVariable: undefined, literal: undefined, storedVariable: undefined }, 'p'],
    [{ requestVariable: undefined, literal: '', storedVariable: undefined, platform: undefined }, undefined],
  ])('of %j takes %s', (sources, expected) => {
    expect(chooseKey(sources)).toBe(expected);
  });
});
