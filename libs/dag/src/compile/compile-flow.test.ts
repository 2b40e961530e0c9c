import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileFlow } from './compile-flow.js';
import type { FlowDocument } from '../file/flow-document.js';
import type { Json, JsonObject } from '../json.js';
import { parseFlowFile } from '../file/parse-flow-file.js';
import type { Plan } from '../plan.js';
import { testCatalogue } from '../testing/test-catalogue.js';
import { testFlow, type TestNode } from '../testing/test-flow.js';

function compile(nodes: Record<string, string | TestNode>, edges: string[]): Plan {
  return compileFlow(testFlow(nodes, edges), testCatalogue);
}

const chat = testFlow({ in: 'ChatInput', m: 'LanguageModelComponent', out: 'ChatOutput' }, [
  'in.message > m.input_value',
  'm.text_output > out.input_value',
]);

describe('a chat flow', () => {
  const plan = compileFlow(chat, testCatalogue);

  test('has its nodes with their fields, its edges, its order and no problem', () => {
    expect(plan.problems).toEqual([]);
    expect(plan.order).toEqual(['in', 'm', 'out']);
    expect(plan.inputs).toEqual(['in']);
    expect(plan.outputs).toEqual(['out']);
    expect(plan.edges).toEqual([
      { source: 'in', output: 'message', target: 'm', field: 'input_value' },
      { source: 'm', output: 'text_output', target: 'out', field: 'input_value' },
    ]);
    expect(plan.nodes['m']?.fields['api_key']).toEqual({
      value: 'OPENAI_API_KEY',
      type: 'str',
      displayName: 'api_key',
      show: true,
      password: true,
      takesCredentials: true,
      loadFromDb: true,
      inputTypes: ['Message', 'Data', 'Text'],
    });
  });

  test('computes only the outputs that are used, all when none is', () => {
    expect(plan.nodes['m']?.usedOutputs).toEqual(['text_output']);
    expect(compile({ m: 'LanguageModelComponent' }, []).nodes['m']?.usedOutputs).toEqual([
      'text_output',
      'model_output',
    ]);
  });

  test('streams the model text under the chat output that it is connected to', () => {
    expect(plan.nodes['m']?.streamsTo).toBe('out');
    expect(plan.nodes['in']?.streamsTo).toBeUndefined();
    const through = compile({ m: 'LanguageModelComponent', r: 'ConditionalRouter', out: 'ChatOutput' }, [
      'm.text_output > r.input_text',
      'r.true_result > out.input_value',
    ]);
    expect(through.nodes['m']?.streamsTo).toBeUndefined();
  });

  test('keeps no code', () => {
    expect(plan.nodes['m']?.fields['code']).toMatchObject({ type: 'code', value: '' });
    expect(JSON.stringify(plan)).not.toContain('class A');
  });

  test('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });
});

describe('a component', () => {
  test('is found by an alias and by a field default the file does not have', () => {
    const plan = compile({ p: { type: 'Prompt Template', values: { name: 'Ada' } } }, []);
    expect(plan.nodes['p']).toMatchObject({
      type: 'Prompt',
      fields: { name: { value: 'Ada' }, template: { value: '' } },
    });
  });

  test.each([
    [
      'of a newer Langflow',
      'COMPONENT_UNKNOWN',
      { type: 'NewTool', content: { metadata: { module: 'lfx.components.tools.new_tool' } } },
    ],
    ['without code', 'COMPONENT_UNKNOWN', { type: 'NoSuchThing', values: { code: '' } }],
    ['edited', 'COMPONENT_EDITED', { type: 'Step', content: { edited: true } }],
    ['custom', 'COMPONENT_CUSTOM', { type: 'CustomComponent' }],
    ['written by its author', 'COMPONENT_CUSTOM', { type: 'StockCheck', content: { edited: true } }],
    ['written by its author, of an older version', 'COMPONENT_CUSTOM', { type: 'StockCheck' }],
    [
      'written by its author and unedited',
      'COMPONENT_CUSTOM',
      { type: 'StockCheck', content: { metadata: { module: 'custom_components.stock_check' } } },
    ],
    [
      'an edited one of Langflow that cannot run here',
      'COMPONENT_EDITED',
      { type: 'OfLangflow', content: { edited: true } },
    ],
  ])('that is %s is refused by name, and stays in the plan', (_what, code, node) => {
    const plan = compile({ bad: node }, []);
    expect(plan.problems[0]).toMatchObject({
      code,
      severity: 'blocking',
      nodes: ['bad'],
      nodeType: node.type,
    });
    expect(plan.problems[0]?.remedy).not.toBe('');
    expect(plan.order).toEqual(['bad']);
  });

  test('that is a bundle’s is found by its class, and its problem names the class', () => {
    const id = 'ext:step:StepComponent@official-Xk3fa';
    const plan = compile({ [id]: { type: 'ext:step:StepComponent@official' }, out: 'ChatOutput' }, [
      `${id}.text > out.input_value`,
    ]);
    expect(plan.problems).toEqual([]);
    expect(plan.nodes[id]?.type).toBe('Step');
    const content = { metadata: { module: '_lfx_ext.ibm.watsonx' } };
    const missing = compile({ w: { type: 'ext:ibm:WatsonxAIComponent@official', content } }, []);
    expect(missing.problems[0]).toMatchObject({ code: 'COMPONENT_UNKNOWN', nodeType: 'WatsonxAIComponent' });
    expect(missing.problems[0]?.message).toContain('is of type "WatsonxAIComponent", which');
    expect(missing.problems[0]?.message).not.toContain('ext:');
  });

  test('gets a problem whose remedy is possible', () => {
    const remedy = (node: TestNode): string => compile({ bad: node }, []).problems[0]?.remedy ?? '';
    const edited = { edited: true };
    expect(remedy({ type: 'Step', content: edited })).toContain('Replace it with the unedited component');
    expect(remedy({ type: 'OfLangflow', content: edited })).toContain('does not have the unedited');
    expect(remedy({ type: 'StockCheck', content: edited })).not.toContain('unedited');
  });

  test('takes a field under the name that another version has for it, with its edges', () => {
    const values = { a: 'x', first: 'y' };
    const file = testFlow({ in: 'ChatInput', s: { type: 'Step', values }, out: 'ChatOutput' }, [
      's.text > out.input_value',
    ]);
    const template = (file.data.nodes[1] as never as { data: { node: { template: JsonObject } } }).data.node
      .template;
    delete template['a'];
    const plan = compileFlow(file, testCatalogue);
    expect(plan.problems).toEqual([]);
    expect(plan.nodes['s']?.fields['a']).toMatchObject({ value: 'y' });
    const wired = testFlow(
      { in: 'ChatInput', s: { type: 'Step', values: { first: '' } }, out: 'ChatOutput' },
      ['in.message > s.first; s.text > out.input_value'],
    );
    const wiredPlan = compileFlow(wired, testCatalogue);
    expect(wiredPlan.problems).toEqual([]);
    expect(wiredPlan.edges).toContainEqual({ source: 'in', output: 'message', target: 's', field: 'a' });
  });

  test('with a field under both names uses the one that is filled', () => {
    const both = compile({ s: { type: 'Step', values: { a: 'new', first: 'old' } } }, []);
    expect(both.nodes['s']?.fields['a']?.value).toBe('new');
    const empty = compile({ s: { type: 'Step', values: { a: '', first: 'old' } } }, []);
    expect(empty.nodes['s']?.fields['a']?.value).toBe('old');
  });

  test('of another version passes: fewer fields, more fields, fewer outputs', () => {
    const flow = testFlow(
      { m: { type: 'LanguageModelComponent', values: { old_setting: 'x' } }, out: 'ChatOutput' },
      ['m.text_output > out.input_value'],
    );
    const text = JSON.stringify(flow).replace('"model_output"', '"gone"');
    const plan = compileFlow(JSON.parse(text) as FlowDocument, testCatalogue);
    expect(plan.problems).toEqual([]);
    expect(plan.nodes['m']?.fields).not.toHaveProperty('old_setting');
  });

  test('with an unknown filled field runs, and the report says so', () => {
    const plan = compile({ s: { type: 'Step', values: { secret_sauce: 'x' } } }, []);
    expect(plan.problems[0]).toMatchObject({
      code: 'COMPONENT_DIFFERS',
      severity: 'warning',
      field: 'secret_sauce',
      nodes: ['s'],
    });
  });

  test('with an unknown connected field or output is refused', () => {
    const field = compile({ in: 'ChatInput', s: { type: 'Step', values: { extra: '' } } }, [
      'in.message > s.extra',
    ]);
    expect(field.problems[0]).toMatchObject({
      code: 'COMPONENT_DIFFERS',
      severity: 'blocking',
      field: 'extra',
    });
    const outputs = [{ name: 'more', types: ['Message'] }];
    const output = compile({ s: { type: 'Step', content: { outputs } }, t: 'Step' }, ['s.more > t.a']);
    expect(output.problems[0]).toMatchObject({
      code: 'COMPONENT_DIFFERS',
      severity: 'blocking',
      nodes: ['s'],
    });
  });

  test('whose outputs are fixed must have all of them', () => {
    const outputs = [{ name: 'one', types: ['Message'] }];
    expect(compile({ s: { type: 'Strict', content: { outputs } } }, []).problems[0]?.message).toContain(
      '"two"',
    );
  });

  test('that is frozen runs, and the report says so', () => {
    const plan = compile({ s: { type: 'Step', content: { frozen: true } } }, []);
    expect(plan.problems[0]).toMatchObject({ code: 'FROZEN_IGNORED', severity: 'warning', nodes: ['s'] });
  });

  test('without a required value is named, unless an edge gives it', () => {
    const missing = compile({ r: 'ConditionalRouter' }, []).problems.filter(
      (one) => one.code === 'FIELD_MISSING',
    );
    expect(missing).toMatchObject([{ severity: 'warning', nodes: ['r'], field: 'input_text' }]);
    const wired = compile({ in: 'ChatInput', r: 'ConditionalRouter' }, ['in.message > r.input_text']);
    expect(wired.problems.map((one) => one.code)).toEqual(['NO_OUTPUT']);
  });
});

describe('tool mode', () => {
  const outputs = [
    { name: 'component_as_tool', display_name: 'Toolset', method: 'to_toolkit', types: ['Tool'] },
  ];
  const plan = compile({ c: { type: 'Calculator', content: { tool_mode: true, outputs } }, a: 'Agent' }, [
    'c.component_as_tool > a.tools',
  ]);

  test('has one output, a handle, and records which outputs become tools', () => {
    expect(plan.problems.filter((one) => one.severity === 'blocking')).toEqual([]);
    expect(plan.nodes['c']).toMatchObject({
      toolMode: true,
      usedOutputs: ['component_as_tool'],
      outputs: [{ name: 'component_as_tool', kind: 'handle', types: ['Tool'] }],
      toolOutputs: [{ name: 'result', method: 'make_result' }],
    });
  });

  test('does not require the fields that the model will give', () => {
    expect(plan.problems.map((one) => one.code)).toEqual(['NO_OUTPUT']);
  });
});

test('notes are not part of the plan', () => {
  const note = { id: 'undefined-1', type: 'noteNode', data: { node: { description: '# hi', template: {} } } };
  const plan = compileFlow(
    { ...chat, data: { ...chat.data, nodes: [note, ...chat.data.nodes] } },
    testCatalogue,
  );
  expect(plan).toEqual(compileFlow(chat, testCatalogue));
});

test('a forbidden name reaches no plan, and a problem says so', () => {
  const flow = JSON.parse(JSON.stringify(chat).replaceAll('"m"', '"__proto__"')) as FlowDocument;
  const plan = compileFlow(flow, testCatalogue);
  expect(Object.keys(plan.nodes)).toEqual(['in', 'out']);
  expect(plan.problems.filter((one) => one.code === 'NAME_FORBIDDEN')).toMatchObject([
    { nodes: [], severity: 'blocking' },
  ]);
});

test('an id like an inherited name is an ordinary id', () => {
  const plan = compile({ toString: 'ChatInput', valueOf: 'ChatOutput' }, [
    'toString.message > valueOf.input_value',
  ]);
  expect(plan.problems).toEqual([]);
  expect(plan.order).toEqual(['toString', 'valueOf']);
});

test('a flow without output gets a problem that says so, and may run', () => {
  expect(compile({ in: 'ChatInput' }, []).problems).toMatchObject([
    { code: 'NO_OUTPUT', severity: 'warning' },
  ]);
});

test('inputs are in the order of the search for a start', () => {
  const plan = compile(
    { 'TextInput-1': 'TextInput', 'ChatInput-1': 'ChatInput', 'Webhook-1': 'Webhook' },
    [],
  );
  expect(plan.inputs).toEqual(['Webhook-1', 'ChatInput-1', 'TextInput-1']);
});

test('time grows with the size of the flow, not faster', () => {
  const timeOf = (count: number, compiles: number): number => {
    const ids = Array.from({ length: count }, (_unused, index) => `s${index}`);
    const edges = ids.slice(1).map((id, index) => `s${index}.text > ${id}.a`);
    const flow = testFlow(Object.fromEntries(ids.map((id) => [id, 'Step'])), edges);
    // Processor time of this thread, in which other programs on the machine do not count.
    const began = process.threadCpuUsage();
    for (let times = 0; times < compiles; times += 1)
      expect(compileFlow(flow, testCatalogue).order).toHaveLength(count);
    const { user, system } = process.threadCpuUsage(began);
    return (user + system) / compiles;
  };
  timeOf(1_000, 5);
  // Ten times the nodes take ten times as long, and somewhat more for lack of cache; a quadratic step would take a hundred times as long.
  const least = (count: number, compiles: number): number =>
    Math.min(...Array.from({ length: 3 }, () => timeOf(count, compiles)));
  expect(least(10_000, 1)).toBeLessThan(30 * least(1_000, 10));
});

test('reading or compiling a damaged file never throws', () => {
  const flow = testFlow(
    {
      in: 'ChatInput',
      s: 'Step',
      loop: 'LoopComponent',
      b: 'Step',
      r: 'ConditionalRouter',
      out: 'ChatOutput',
    },
    [
      'in.message > s.a',
      's.text > loop.data',
      'loop.item > b.a',
      'b.text > loop.item',
      'loop.done > r.other',
      'r.true_result > s.b',
      'r.false_result > out.input_value',
    ],
  );
  const values = fc.constantFrom<Json>(
    null,
    7,
    '',
    'x',
    '__proto__',
    'constructor',
    [],
    {},
    [{}],
    { id: 's' },
    'loop',
    true,
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), values), { minLength: 1, maxLength: 6 }), (damages) => {
      const file = structuredClone(flow) as unknown as JsonObject;
      for (const [at, value] of damages) damage(file, at, value);
      for (const read of parseFlowFile(file).flows) {
        const plan = compileFlow(read, testCatalogue);
        expect(plan.order).toHaveLength(Object.keys(plan.nodes).length);
      }
    }),
    { numRuns: 1_000 },
  );
});

/** Replaces one of the members somewhere inside an object. */
function damage(file: JsonObject, at: number, value: Json): void {
  const places: [JsonObject | Json[], string][] = [];
  const open: (JsonObject | Json[])[] = [file];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    for (const [key, member] of Object.entries(one)) {
      places.push([one, key]);
      if (typeof member === 'object' && member !== null) open.push(member as JsonObject);
    }
  }
  const [holder, key] = places[at % places.length] as [JsonObject, string];
  holder[key] = structuredClone(value);
}
