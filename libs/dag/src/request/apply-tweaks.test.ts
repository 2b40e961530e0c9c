import { describe, expect, test } from 'vitest';
import { applyRunInput } from './apply-run-input.js';
import { applyTweaks } from './apply-tweaks.js';
import { compileFlow } from '../compile/compile-flow.js';
import { testCatalogue } from '../testing/test-catalogue.js';
import type { JsonObject } from '../json.js';
import { testFlow, testNode } from '../testing/test-flow.js';
import { testScope } from '../testing/test-run.js';

const plan = compileFlow(
  testFlow(
    {
      'ChatInput-1': 'ChatInput',
      'TextInput-1': 'TextInput',
      m1: 'LanguageModelComponent',
      m2: 'LanguageModelComponent',
      'ChatOutput-1': 'ChatOutput',
    },
    ['ChatInput-1.message > m1.input_value', 'm1.text_output > ChatOutput-1.input_value'],
  ),
  testCatalogue,
);

function tweaked(tweaks: unknown, id: string, field: string): unknown {
  const result = applyTweaks(plan, tweaks);
  expect(result.problems).toEqual([]);
  return result.plan.nodes[id]?.fields[field];
}

describe('a tweak', () => {
  test('sets a field by node id, and does not change the given plan', () => {
    const before = JSON.stringify(plan);
    expect(tweaked({ m1: { system_message: 'be brief' } }, 'm1', 'system_message')).toMatchObject({
      value: 'be brief',
    });
    expect(JSON.stringify(plan)).toBe(before);
  });

  test('shares what did not change', () => {
    const { plan: other } = applyTweaks(plan, { m1: { system_message: 'x' } });
    expect(other.nodes['m2']).toBe(plan.nodes['m2']);
    expect(other.nodes['m1']?.fields['api_key']).toBe(plan.nodes['m1']?.fields['api_key']);
    expect(applyTweaks(plan, {}).plan).toBe(plan);
  });

  test('by display name goes to the last node of that name, by id to that node', () => {
    expect(tweaked({ LanguageModelComponent: { stream: true } }, 'm2', 'stream')).toMatchObject({
      value: true,
    });
    expect(tweaked({ LanguageModelComponent: { stream: true } }, 'm1', 'stream')).toMatchObject({
      value: false,
    });
  });

  test('may use the name that another version of Langflow has for a field, by node and at the top level', () => {
    const step = compileFlow(testFlow({ s: 'Step', t: 'Step', out: 'ChatOutput' }, []), testCatalogue);
    const value = (tweaks: unknown, id: string): unknown =>
      applyTweaks(step, tweaks).plan.nodes[id]?.fields['a']?.value;
    expect(value({ s: { first: 'x' } }, 's')).toBe('x');
    expect(value({ s: { first: 'x' } }, 't')).toBe('');
    expect([value({ first: 'y' }, 's'), value({ first: 'y' }, 't')]).toEqual(['y', 'y']);
  });

  test('by the whole id goes to a node whose id comes from the type of a bundle', () => {
    const id = 'ext:step:StepComponent@official-Xk3fa';
    const flow = testFlow({ [id]: { type: 'ext:step:StepComponent@official' } }, []);
    const tweaked = applyTweaks(compileFlow(flow, testCatalogue), { [id]: { b: 'x' } });
    expect(tweaked.plan.nodes[id]?.fields['b']?.value).toBe('x');
  });

  test('at the top level goes to every node with such a field', () => {
    for (const id of ['m1', 'm2'])
      expect(tweaked({ stream: true }, id, 'stream')).toMatchObject({ value: true });
    expect(applyTweaks(plan, { nothing_has_this: 1 }).plan).toBe(plan);
  });

  test('of an unknown node or field is ignored', () => {
    expect(
      applyTweaks(plan, { nobody: { a: 1 }, m1: { b: 1, __proto__x: 2 }, constructor: { name: 'x' } }),
    ).toEqual({ plan, problems: [], ignored: ['nobody.a', 'm1.b', 'm1.__proto__x', 'constructor.name'] });
    expect(applyTweaks(plan, { nobody: 1 })).toEqual({ plan, problems: [], ignored: ['nobody'] });
  });

  test('that is ignored is listed without keys in its name, and of a million only the first', () => {
    const names = Object.fromEntries(
      Array.from({ length: 25 }, (_, n) => [`n${n}`, { ['x'.repeat(999)]: 1 }]),
    );
    const { ignored } = applyTweaks(plan, { 'sk-0123456789abcdefghij': 1, ...names });
    expect(ignored[0]).not.toContain('0123456789');
    expect(ignored).toHaveLength(21);
    expect(ignored.at(-1)).toBe('and 6 more');
    expect(ignored.join('').length).toBeLessThan(5_000);
  });

  test('of a field that no node has examines no node, however many there are', () => {
    let looks = 0;
    const nodes = new Proxy(plan.nodes, {
      getOwnPropertyDescriptor: (target, id) => {
        looks++;
        return Reflect.getOwnPropertyDescriptor(target, id);
      },
    });
    const unknown = Object.fromEntries(Array.from({ length: 10_000 }, (_none, at) => [`nothing ${at}`, at]));
    expect(applyTweaks({ ...plan, nodes }, unknown).problems).toEqual([]);
    expect(looks).toBeLessThan(100);
  });

  test('is a value, not the name of a variable, unless it says so', () => {
    expect(tweaked({ m1: { api_key: 'sk' } }, 'm1', 'api_key')).not.toHaveProperty('loadFromDb');
    expect(tweaked({ m1: { api_key: { value: 'KEY', load_from_db: true } } }, 'm1', 'api_key')).toMatchObject(
      { value: 'KEY', loadFromDb: true },
    );
    expect(tweaked({ m1: { api_key: { load_from_db: false } } }, 'm1', 'api_key')).toMatchObject({
      value: 'OPENAI_API_KEY',
      loadFromDb: false,
    });
  });

  test('of a dict takes an object as it is, and unwraps a single "value"', () => {
    expect(tweaked({ m1: { options: { a: 1 } } }, 'm1', 'options')).toMatchObject({ value: { a: 1 } });
    expect(tweaked({ m1: { options: { value: { a: 1 } } } }, 'm1', 'options')).toMatchObject({
      value: { a: 1 },
    });
  });

  test('of a nested dict takes JSON as text, also with single quotes and trailing commas', () => {
    expect(tweaked({ m1: { extra: '{"a": 1}' } }, 'm1', 'extra')).toMatchObject({ value: { a: 1 } });
    expect(tweaked({ m1: { extra: "{'a': 1,}" } }, 'm1', 'extra')).toMatchObject({ value: { a: 1 } });
  });

  test('of a file sets its path', () => {
    expect(tweaked({ m1: { path: 'flow/a.txt' } }, 'm1', 'path')).toMatchObject({
      value: '',
      filePath: 'flow/a.txt',
    });
    expect(tweaked({ m1: { path: { file_path: ['a', 'b'] } } }, 'm1', 'path')).toMatchObject({
      filePath: ['a', 'b'],
    });
  });

  test('that is null, or has nulls for what is not set, leaves the field as it is', () => {
    const nothing = { value: null, load_from_db: null, file_path: null };
    for (const tweaks of [
      { m1: null, stream: null, code: null },
      { m1: { api_key: null, options: null, path: null, extra: null, code: null } },
      { m1: { path: nothing } },
    ])
      expect(applyTweaks(plan, tweaks)).toEqual({ plan, problems: [], ignored: [] });
    expect(tweaked({ m1: { api_key: nothing } }, 'm1', 'api_key')).toEqual(
      plan.nodes['m1']?.fields['api_key'],
    );
    expect(tweaked({ m1: { api_key: { ...nothing, value: 'sk' } } }, 'm1', 'api_key')).toMatchObject({
      value: 'sk',
    });
    expect(tweaked({ m1: { options: { a: null } } }, 'm1', 'options')).toMatchObject({ value: { a: null } });
  });

  test('of an MCP server replaces the whole setting', () => {
    expect(tweaked({ m1: { server: { value: 1, name: 'x' } } }, 'm1', 'server')).toMatchObject({
      value: { value: 1, name: 'x' },
    });
  });

  test.each([
    [{ m1: { code: 'import os' } }, ['m1']],
    [{ LanguageModelComponent: { code: { value: 'import os' } } }, ['m2']],
    [{ code: 'import os' }, ['ChatInput-1', 'TextInput-1', 'm1', 'm2', 'ChatOutput-1']],
  ])('of code is refused: %j', (tweaks, nodes) => {
    const { problems, plan: same } = applyTweaks(plan, tweaks);
    expect(problems.map((problem) => problem.code)).toEqual(nodes.map(() => 'TWEAK_CODE'));
    expect(problems.flatMap((problem) => problem.nodes)).toEqual(nodes);
    expect(same).toBe(plan);
  });

  test.each([
    ['not an object', 7],
    ['not an object', ['m1']],
    ['not JSON', { m1: { extra: 'a: b' } }],
    ['neither true nor false', { m1: { api_key: { load_from_db: 'yes' } } }],
  ])('that is malformed is named: %s', (why, tweaks) => {
    const { problems } = applyTweaks(plan, tweaks);
    expect(problems).toMatchObject([{ code: 'TWEAK_INVALID', severity: 'blocking' }]);
    expect(problems[0]?.message).toContain(why);
  });

  test('of the chat input beside an input value is refused', () => {
    const tweaks = { 'ChatInput-1': { input_value: 'hi' } };
    expect(applyTweaks(plan, tweaks, { inputValue: 'ho' }).problems).toMatchObject([
      { code: 'INPUT_CONFLICT', nodes: ['ChatInput-1'] },
    ]);
    expect(applyTweaks(plan, tweaks, { inputValue: 'ho', inputType: 'text' }).problems).toEqual([]);
    expect(applyTweaks(plan, tweaks).problems).toEqual([]);
    expect(applyTweaks(plan, { 'Chat Input': { input_value: null } }, { inputValue: 'ho' }).problems).toEqual(
      [],
    );
  });

  test('without any the plan is not changed', () => {
    expect(applyTweaks(plan, undefined)).toEqual({ plan, problems: [], ignored: [] });
    expect(applyTweaks(plan, null)).toEqual({ plan, problems: [], ignored: [] });
  });
});

describe('a tweak of a group', () => {
  /** A group node in the form of Langflow's files. */
  function groupNode(
    id: string,
    name: string,
    nodes: readonly JsonObject[],
    template: JsonObject,
  ): JsonObject {
    const content = { display_name: name, template, flow: { data: { nodes: [...nodes], edges: [] } } };
    return { id, type: 'genericNode', data: { id, type: 'GroupNode', node: content } };
  }

  const step = (id: string, name: string): JsonObject =>
    testNode(id, { type: 'Step', content: { display_name: name } });
  const stands = (id: string, field: string): JsonObject => ({
    type: 'str',
    value: '',
    proxy: { id, field },
  });
  const within = groupNode('GroupNode-2', 'Within', [step('inner', 'Twin'), step('other', 'Alone')], {
    a_inner: stands('inner', 'a'),
    code_inner: stands('inner', 'code'),
  });
  const around = groupNode('GroupNode-1', 'Around', [within, step('beside', 'Within')], {
    step_a: stands('GroupNode-2', 'a_inner'),
    step_code: stands('GroupNode-2', 'code_inner'),
    b: stands('beside', 'c'),
  });
  const flow = testFlow({ twin: { type: 'Step', content: { display_name: 'Twin' } } }, []);
  const grouped = compileFlow(
    { ...flow, data: { nodes: [...flow.data.nodes, around], edges: [] } },
    testCatalogue,
  );
  const values = (tweaks: unknown): Record<string, unknown> => {
    const result = applyTweaks(grouped, tweaks);
    expect(result.problems).toEqual([]);
    return Object.fromEntries(
      Object.values(result.plan.nodes).flatMap(({ id, fields }) =>
        Object.entries(fields)
          .filter(([name, field]) => field !== grouped.nodes[id]?.fields[name])
          .map(([name, field]) => [`${id}.${name}`, field.value]),
      ),
    );
  };

  test.each([
    [{ 'GroupNode-1': { step_a: 'x' } }, { 'inner.a': 'x' }],
    [{ Around: { step_a: { value: 'x' } } }, { 'inner.a': 'x' }],
    [{ 'GroupNode-2': { a_inner: 'x' } }, { 'inner.a': 'x' }],
    [{ inner: { a: 'x' } }, { 'inner.a': 'x' }],
    [{ 'GroupNode-1': { a: 'x', constructor: 'y' } }, {}],
  ])('sets the inner field that its own represents: %j', (tweaks, expected) => {
    expect(values(tweaks)).toEqual(expected);
  });

  test('by display name goes to a node outside groups, although a later inner node has that name', () => {
    expect(values({ Twin: { a: 'x' } })).toEqual({ 'twin.a': 'x' });
    expect(values({ Alone: { a: 'x' } })).toEqual({ 'other.a': 'x' });
  });

  test('at the top level goes to groups with such a field too', () => {
    expect(values({ step_a: 'x' })).toEqual({ 'inner.a': 'x' });
    expect(values({ b: 'x' })).toMatchObject({ 'twin.b': 'x', 'inner.b': 'x', 'beside.c': 'x' });
  });

  test('is refused when its field represents code', () => {
    expect(applyTweaks(grouped, { Around: { step_code: 'import os' } }).problems).toMatchObject([
      { code: 'TWEAK_CODE', nodes: ['inner'] },
    ]);
  });
});

describe('the input of a run', () => {
  const everything = { ...testScope(plan), nodes: plan.order };

  test.each([
    ['chat', ['hi', '']],
    ['text', ['', 'hi']],
    ['any', ['hi', 'hi']],
  ] as const)('of type %s goes to the input nodes of that type', (inputType, values) => {
    const filled = applyRunInput(plan, everything, { inputValue: 'hi', inputType, sessionId: 's' });
    expect(
      ['ChatInput-1', 'TextInput-1'].map((id) => filled.nodes[id]?.fields['input_value']?.value),
    ).toEqual(values);
  });

  test('reaches no node outside of the run', () => {
    const filled = applyRunInput(plan, testScope(plan), {
      inputValue: 'hi',
      inputType: 'any',
      sessionId: 's',
    });
    expect(filled.nodes['TextInput-1']).toBe(plan.nodes['TextInput-1']);
  });

  test('may be absent: then input nodes keep the flow’s own value', () => {
    const { plan: given } = applyTweaks(plan, { 'ChatInput-1': { input_value: 'kept' } });
    const filled = applyRunInput(given, everything, { sessionId: 's' });
    expect(filled.nodes['ChatInput-1']?.fields['input_value']?.value).toBe('kept');
  });

  test('puts the session into every node with such a field', () => {
    const filled = applyRunInput(plan, everything, { sessionId: 'flow-1' });
    const sessions = Object.values(filled.nodes).map((node) => node.fields['session_id']?.value);
    expect(sessions).toEqual(['flow-1', undefined, undefined, undefined, 'flow-1']);
  });
});
