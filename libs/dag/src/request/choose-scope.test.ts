import { describe, expect, test } from 'vitest';
import { applyTweaks } from './apply-tweaks.js';
import { blockingProblems, chooseScope } from './choose-scope.js';
import { compileFlow } from '../compile/compile-flow.js';
import type { Plan } from '../plan.js';
import { testCatalogue } from '../testing/test-catalogue.js';
import { testFlow, type TestNode } from '../testing/test-flow.js';
import { testScope } from '../testing/test-run.js';

function compile(nodes: Record<string, string | TestNode>, edges: string[]): Plan {
  return compileFlow(testFlow(nodes, edges), testCatalogue);
}

const two = compile(
  {
    'ChatInput-1': 'ChatInput',
    p: 'Prompt',
    m: 'LanguageModelComponent',
    'ChatOutput-1': 'ChatOutput',
    'TextInput-1': 'TextInput',
    s: 'Step',
    'TextOutput-1': 'TextOutput',
  },
  [
    'ChatInput-1.message > m.input_value',
    'p.prompt > m.system_message',
    'm.text_output > ChatOutput-1.input_value',
    'TextInput-1.text > s.a',
    's.text > TextOutput-1.input_value',
  ],
);

describe('a run executes', () => {
  test('all nodes that the start leads to, with all their ancestors', () => {
    expect(testScope(two)).toEqual({
      start: 'ChatInput-1',
      nodes: ['ChatInput-1', 'p', 'm', 'ChatOutput-1'],
      outputs: ['ChatOutput-1'],
    });
  });

  test('from a webhook rather than from a chat input', () => {
    const plan = compile({ 'ChatInput-1': 'ChatInput', 'Webhook-1': 'Webhook', s: 'Step' }, [
      'Webhook-1.output_data > s.a',
    ]);
    expect(testScope(plan)).toMatchObject({ start: 'Webhook-1', nodes: ['Webhook-1', 's'] });
  });

  test('every node when there is no start', () => {
    const plan = compile({ 'TextInput-1': 'TextInput', s: 'Step' }, []);
    expect(testScope(plan)).toMatchObject({ start: undefined, nodes: ['TextInput-1', 's'] });
  });

  test('from the named start, and to the named stop', () => {
    expect(testScope(two, { start: 's' }).nodes).toEqual(['TextInput-1', 's', 'TextOutput-1']);
    expect(testScope(two, { stop: 'm' }).nodes).toEqual(['ChatInput-1', 'p', 'm']);
    expect(testScope(two, { stop: 's' }).nodes).toEqual(['TextInput-1', 's']);
    expect(testScope(two, { start: 'p', stop: 'm' }).nodes).toEqual(['ChatInput-1', 'p', 'm']);
  });

  test('a whole loop when part of it is needed', () => {
    const plan = compile(
      { in: 'ChatInput', l: 'LoopComponent', a: 'Step', b: 'Step', side: 'Step', out: 'ChatOutput' },
      [
        'in.message > l.data; l.item > a.a; a.text > b.a; b.text > l.item; a.text > side.a',
        'l.done > out.input_value',
      ],
    );
    expect(testScope(plan, { stop: 'out' }).nodes).toEqual(['in', 'l', 'a', 'b', 'side', 'out']);
    expect(testScope(plan, { stop: 'a' }).nodes).toEqual(['in', 'l', 'a', 'b', 'side']);
  });

  test('no tool without a user, unless it is requested', () => {
    const outputs = [{ name: 'component_as_tool', types: ['Tool'] }];
    const plan = compile({ c: { type: 'Calculator', content: { outputs } }, s: 'Step' }, []);
    expect(testScope(plan).nodes).toEqual(['s']);
    expect(testScope(plan, { stop: 'c' }).nodes).toEqual(['c']);
  });
});

describe('a run answers with', () => {
  const plan = compile(
    { 'TextOutput-1': 'TextOutput', 'ChatOutput-1': 'ChatOutput', s: 'Step', 'ChatOutput-2': 'ChatOutput' },
    [
      's.text > TextOutput-1.input_value',
      's.text > ChatOutput-1.input_value',
      's.text > ChatOutput-2.input_value',
    ],
  );

  test.each([
    [{}, ['ChatOutput-1', 'ChatOutput-2']],
    [{ outputType: 'text' as const }, ['TextOutput-1']],
    [{ outputType: 'any' as const }, ['TextOutput-1', 'ChatOutput-1', 'ChatOutput-2']],
    [{ outputType: 'debug' as const }, ['TextOutput-1', 'ChatOutput-1', 's', 'ChatOutput-2']],
    [{ outputComponent: 's' }, ['s']],
    [{ outputComponent: 'ChatOutput' }, ['ChatOutput-1', 'ChatOutput-2']],
    [{ outputComponent: '' }, ['ChatOutput-1', 'ChatOutput-2']],
  ])('%j', (request, outputs) => {
    expect(testScope(plan, request).outputs).toEqual(outputs);
  });

  test('all outputs when none is of the type', () => {
    const text = compile({ 'TextOutput-1': 'TextOutput' }, []);
    expect(testScope(text).outputs).toEqual(['TextOutput-1']);
  });

  test('nothing when those of the type do not run', () => {
    expect(testScope(two, { outputType: 'text' }).outputs).toEqual([]);
    expect(testScope(two, { outputComponent: 's' }).outputs).toEqual([]);
  });
});

describe('no scope', () => {
  test.each([
    [{ start: 'nobody' }, 'NODE_INVALID'],
    [{ stop: 'constructor' }, 'NODE_INVALID'],
    [{ outputComponent: 'nobody' }, 'NO_OUTPUT'],
  ])('%j is refused by name', (request, code) => {
    expect(chooseScope(two, request)).toMatchObject([
      {
        code,
        severity: 'blocking',
        message: expect.stringContaining(`"${Object.values(request)[0]}"`) as string,
      },
    ]);
  });

  test('two chat inputs of which none can be chosen are named', () => {
    const plan = compile({ a: 'ChatInput', b: 'ChatInput' }, []);
    expect(chooseScope(plan)).toMatchObject([{ code: 'START_AMBIGUOUS', nodes: ['a', 'b'] }]);
    expect(testScope(plan, { start: 'a' }).nodes).toEqual(['a']);
  });
});

describe('a run is refused', () => {
  const plan = compile(
    { 'ChatInput-1': 'ChatInput', bad: 'Nothing', s: 'Step', 'ChatOutput-1': 'ChatOutput' },
    ['ChatInput-1.message > ChatOutput-1.input_value'],
  );

  test('for blocking problems of its own nodes only', () => {
    expect(blockingProblems(plan, testScope(plan))).toEqual([]);
    expect(blockingProblems(plan, testScope(plan, { start: 'bad' }))).toMatchObject([
      { code: 'COMPONENT_CUSTOM' },
    ]);
  });

  test('for blocking problems of the whole flow', () => {
    const whole = {
      ...plan,
      problems: [
        { code: 'NAME_FORBIDDEN', severity: 'blocking', message: '', remedy: '', nodes: [] } as const,
      ],
    };
    expect(blockingProblems(whole, testScope(whole))).toHaveLength(1);
  });

  test('for a required field without value, which a tweak can give', () => {
    const router = compile({ 'ConditionalRouter-1': 'ConditionalRouter' }, []);
    const scope = testScope(router);
    expect(blockingProblems(router, scope)).toMatchObject([
      { code: 'FIELD_MISSING', field: 'input_text', nodes: ['ConditionalRouter-1'] },
    ]);
    const { plan: tweaked } = applyTweaks(router, { 'ConditionalRouter-1': { input_text: 'yes' } });
    expect(blockingProblems(tweaked, scope)).toEqual([]);
  });
});
