import { applyTweaks, compileFlow, type JsonObject, type Plan, parseFlowFile } from '@causeway/dag';
import { describe, expect, it } from 'vitest';
import { catalogue, specs } from '../src/specs/catalogue.js';

/** A flow of one node, whose template holds these fields only. */
function compileNode(type: string, values: Record<string, string>, more: JsonObject = {}): Plan {
  const template = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { name, type: 'str', value, show: true }]),
  );
  const node = { id: 'n', data: { id: 'n', type, node: { template, ...more } } };
  const [document] = parseFlowFile({ name: 'Test', data: { nodes: [node], edges: [] } }).flows;
  if (document === undefined) throw new Error('The flow cannot be read.');
  return compileFlow(document, catalogue);
}

const told = (plan: Plan): readonly string[] =>
  plan.problems.filter(({ code }) => code !== 'NO_OUTPUT').map(({ code }) => code);

describe('a type', () => {
  const names = specs.flatMap(({ type, aliases }) => [type, ...aliases].map((name) => [name, type] as const));

  it.each(names)('%s is found by its class in any bundle', (name, type) => {
    for (const slot of ['official', 'official-pre-a', 'extra'])
      expect(catalogue.find(`ext:bundle:${name}@${slot}`)?.type).toBe(type);
  });

  it('of Langflow is recognised, even if it cannot run', () => {
    expect(
      specs.filter(({ type }) => catalogue.isOfLangflow?.(type) !== true).map(({ type }) => type),
    ).toEqual([]);
    for (const type of ['WatsonxAIComponent', 'ext:ibm:WatsonxAIComponent@official', 'ALTK Agent', 'Chroma'])
      expect(catalogue.isOfLangflow?.(type)).toBe(true);
    expect(catalogue.isOfLangflow?.('StockCheck')).toBe(false);
  });

  it.each([
    ['GroqModel', 'COMPONENT_EDITED', 'unedited'],
    ['ext:groq:GroqModel@official', 'COMPONENT_EDITED', 'unedited'],
    ['WatsonxAIComponent', 'COMPONENT_EDITED', 'does not have the unedited'],
    ['StockCheck', 'COMPONENT_CUSTOM', 'API Request'],
  ])('%s with edited code is %s', (type, code, remedy) => {
    const [problem] = compileNode(type, {}, { edited: true }).problems;
    expect(problem).toMatchObject({ code, severity: 'blocking' });
    expect(problem?.remedy).toContain(remedy);
  });
});

describe('a field of an older version', () => {
  const renamed: readonly [type: string, former: string, name: string][] = [
    ['OpenAIModel', 'openai_api_key', 'api_key'],
    ['AnthropicModel', 'model', 'model_name'],
    ['AnthropicModel', 'anthropic_api_key', 'api_key'],
    ['AnthropicModel', 'anthropic_api_url', 'base_url'],
    ['GoogleGenerativeAIModel', 'model', 'model_name'],
    ['GoogleGenerativeAIModel', 'google_api_key', 'api_key'],
    ['OllamaModel', 'model', 'model_name'],
    ['GroqModel', 'groq_api_key', 'api_key'],
    ['GroqModel', 'groq_api_base', 'base_url'],
    ['MistralModel', 'mistral_api_key', 'api_key'],
    ['NVIDIAModelComponent', 'nvidia_api_key', 'api_key'],
    ['SambaNovaModel', 'sambanova_api_key', 'api_key'],
    ['SambaNovaModel', 'sambanova_url', 'base_url'],
    ['AIMLModel', 'aiml_api_key', 'api_key'],
    ['PerplexityModel', 'max_output_tokens', 'max_tokens'],
    ['Agent', 'groq_api_key', 'api_key'],
    ['Memory', 'record_template', 'template'],
    ['ChatInput', 'store_message', 'should_store_message'],
  ];

  const given = 'https://given.example';

  it.each(renamed)('of %s, %s, fills %s without a warning', (type, former, name) => {
    const plan = compileNode(type, { [former]: given });
    expect(told(plan)).toEqual([]);
    expect(plan.nodes['n']?.fields[name]?.value).toBe(given);
    expect(plan.nodes['n']?.fields).not.toHaveProperty(former === 'model' ? 'no such' : former);
  });

  it.each(renamed)('of %s, %s, is a name for tweaks of %s', (type, former, name) => {
    for (const file of [{ [former]: 'of the file' }, { [name]: 'of the file' }]) {
      const { plan, problems } = applyTweaks(compileNode(type, file), { n: { [former]: given } });
      expect(problems).toEqual([]);
      expect(plan.nodes['n']?.fields[name]?.value).toBe(given);
    }
  });

  it('that is a secret is still one', () => {
    const plan = compileNode('GroqModel', { groq_api_key: 'gsk-1' });
    expect(plan.nodes['n']?.fields['api_key']).toMatchObject({ password: true, value: 'gsk-1' });
  });

  it('has a name that no present field of the component has', () => {
    const clashes = specs.flatMap(({ type, fields, ignoredFields = [] }) => {
      const present = new Set([...fields.map(({ name }) => name), ...ignoredFields]);
      const former = fields.flatMap(({ formerNames = [] }) => formerNames);
      const twice = former.filter((name, index) => former.indexOf(name) !== index);
      return [...former.filter((name) => present.has(name)), ...twice].map((name) => `${type} ${name}`);
    });
    expect(clashes).toEqual([]);
  });
});
