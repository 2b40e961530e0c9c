import {
  applyTweaks,
  blockingProblems,
  chooseScope,
  compileFlow,
  type Json,
  type Problem,
} from '@causeway/dag';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../src/specs/catalogue.js';
import { type DrawnEdge, type DrawnNode, drawnFlow } from './drawn-flow.js';

/** The problems of the node's fields when a flow with it is compiled. */
function told(node: DrawnNode, edges: readonly DrawnEdge[] = []): readonly Problem[] {
  const flow = drawnFlow({ in: ['ChatInput'], n: node }, edges);
  return compileFlow(flow, catalogue).problems.filter(({ code }) => code === 'FIELD_INVALID');
}

describe('a flow whose file shows that a node cannot run', () => {
  it.each<[string, DrawnNode, string, string]>([
    [
      'JSON in the braces of a prompt',
      ['Prompt', { template: 'Answer as {"status": "ok"}' }],
      'template',
      '{"status": "ok"} at character 11 is no variable name',
    ],
    ['a lone brace in a prompt', ['Prompt', { template: 'a } b' }], 'template', 'A single } at character 3'],
    [
      'a mustache section in a prompt',
      ['Prompt', { template: '{{#each}}', use_double_brackets: true }],
      'template',
      'is more than a variable',
    ],
    [
      'a variable without a field',
      ['Prompt', { template: '{who}' }],
      'template',
      'the node has no field who',
    ],
    ['a lone brace in a Parser', ['ParserComponent', { pattern: 'a { b' }], 'pattern', 'has a single {'],
    ['a place without a key', ['ParserComponent', { pattern: '{}' }], 'pattern', 'names no key'],
    ['an unknown layout', ['ParserComponent', { pattern: '{a:wide}' }], 'pattern', 'has the layout'],
    ['a template of Parse Data', ['ParseData', { template: '{"a": 1}}' }], 'template', 'has a single }'],
    ['a template of a table', ['ParseDataFrame', { template: '}' }], 'template', 'has a single }'],
    ['a template of a memory', ['Memory', { template: '{' }], 'template', 'has a single {'],
    [
      'a look-around',
      ['ConditionalRouter', { operator: 'regex', match_text: '(?=a)' }],
      'match_text',
      'look-around',
    ],
    [
      'a pattern that is too long',
      ['ConditionalRouter', { operator: 'regex', match_text: 'a'.repeat(1001) }],
      'match_text',
      'the limit is 1000',
    ],
    ['an address of a page', ['URLComponent', { urls: ['not a url'] }], 'urls', 'is no valid URL'],
    [
      'an invalid header',
      ['APIRequest', { headers: [{ key: 'a b', value: '1' }] }],
      'headers',
      'HTTP does not',
    ],
    [
      'an invalid curl command',
      ['APIRequest', { mode: 'cURL', curl_input: 'wget example.org' }],
      'curl_input',
      'it ',
    ],
    [
      'a schema with an unknown type',
      ['StructuredOutput', { output_schema: [{ name: 'when', type: 'date' }] }],
      'output_schema',
      'gives when the type date',
    ],
    ['an unknown operator', ['ConditionalRouter', { operator: 'like' }], 'operator', 'none of equals, not'],
    ['an unknown method', ['APIRequest', { method: 'FETCH' }], 'method', 'none of GET, POST'],
    [
      'too many pages',
      ['URLComponent', { urls: Array.from({ length: 51 }, (_, at) => `a.test/${at}`) }],
      'urls',
      'the limit is 50',
    ],
    [
      'too many addresses',
      ['APIRequest', { urls: [Array.from({ length: 21 }, (_, at) => `a.test/${at}`).join(',')] }],
      'urls',
      'the limit is 20',
    ],
    [
      'an empty schema of Ollama',
      ['OllamaModel', { enable_structured_output: 1, format: [] }],
      'format',
      'schema is empty',
    ],
    [
      'an unsupported storage',
      ['File', { storage_location: [{ name: 'AWS' }] }],
      'storage_location',
      '"AWS", which is not supported',
    ],
    ['an object as an address', ['APIRequest', { urls: ['a.test', { a: 1 }] }], 'urls', 'needs text'],
    ['an unsupported parser', ['File', { advanced_mode: true }], 'advanced_mode', 'not available'],
  ])('by %s is refused, with node, field and position', (_what, node, field, problem) => {
    expect(told(node)).toMatchObject([
      { severity: 'blocking', nodes: ['n'], field, message: expect.stringContaining(problem) as string },
    ]);
    expect(told(node)[0]?.message).toContain('"n" (n) cannot use its field');
  });

  it.each<[string, DrawnNode, string]>([
    ['an invalid pattern', ['ConditionalRouter', { operator: 'regex', match_text: '(' }], 'always false'],
    ['an invalid number', ['OpenAIModel', { max_tokens: 'many' }], 'needs a number'],
    ['an invalid number on a slider', ['OpenAIModel', { temperature: 'warm' }], 'needs a number'],
    ['an object as a text', ['OpenAIModel', { system_message: { a: 1 } }], 'needs text'],
    [
      'an address of a model',
      ['OpenAIModel', { openai_api_base: 'api.example.org' }],
      'begins with https://',
    ],
    ['an object that is no JSON', ['OpenAIModel', { output_schema: '{"a": ' }], 'is no JSON'],
    [
      'a provider that is not supported',
      ['LanguageModelComponent', { model: [{ name: 'granite', provider: 'IBM WatsonX' }] }],
      '"IBM WatsonX" is not supported',
    ],
    ['an address of a request', ['APIRequest', { url_input: 'not a url' }], 'is no valid URL'],
  ])('by %s gets a warning', (_what, node, problem) => {
    expect(told(node)).toMatchObject([
      { severity: 'warning', message: expect.stringContaining(problem) as string },
    ]);
  });

  it.each<[string, DrawnNode]>([
    ['a fine prompt', ['Prompt', { template: 'Hi {who}, {{literally}}', who: 'you' }]],
    ['a Parser that makes the whole a text', ['ParserComponent', { mode: 'Stringify', pattern: '{' }]],
    ['a comparison that is no pattern', ['ConditionalRouter', { operator: 'contains', match_text: '(?=a)' }]],
    ['an agent without a schema', ['Agent', { output_schema: [] }]],
    [
      'a model of a provider',
      ['LanguageModelComponent', { model: [{ name: 'gpt-4.1', provider: 'OpenAI' }] }],
    ],
    ['an agent with a wired model', ['Agent', { agent_llm: 'Custom' }]],
    ['a method in small letters', ['APIRequest', { url_input: 'a.test', method: 'post' }]],
    ['our own storage', ['File', { storage_location: [{ name: 'Local' }] }]],
    ['a page', ['URLComponent', { urls: ['example.org'] }]],
  ])('by nothing, as %s, gets no problem', (_what, node) => {
    expect(told(node)).toEqual([]);
  });

  it('in a field that an edge fills gets no problem: its value is not known yet', () => {
    const node: DrawnNode = ['ConditionalRouter', { operator: 'regex', match_text: '(?=a)' }];
    expect(told(node, [['in.message', 'n.match_text']])).toEqual([]);
  });

  it('gets short problems, however many faults it has', () => {
    const [problem, ...others] = told(['Prompt', { template: '{a '.repeat(150_000) }]);
    expect(others).toEqual([]);
    expect(problem?.message.length).toBeLessThan(2_000);
  });
});

describe('a run', () => {
  const plan = compileFlow(
    drawnFlow({ p: ['Prompt', { template: '{"status": "ok"}' }], out: ['ChatOutput'] }, [
      ['p.prompt', 'out.input_value'],
    ]),
    catalogue,
  );
  const refused = (tweaks: Record<string, Json>): readonly string[] => {
    const { plan: tweaked } = applyTweaks(plan, tweaks);
    const scope = chooseScope(tweaked, { inputType: 'chat', outputType: 'chat' });
    if (!('nodes' in scope)) throw new Error('There is nothing to run.');
    return blockingProblems(tweaked, scope).map(({ code }) => code);
  };

  it('of such a flow is refused', () => {
    expect(refused({})).toEqual(['FIELD_INVALID']);
    expect(refused({ p: { use_double_brackets: false } })).toEqual(['FIELD_INVALID']);
  });

  it('that replaces the value is not refused', () => {
    expect(refused({ p: { template: 'fine' } })).toEqual([]);
  });
});
