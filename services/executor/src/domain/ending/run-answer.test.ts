import type { Plan, PlanNode, RunScope } from '@causeway/dag';
import { describe, expect, test } from 'vitest';
import { nodeResult, runAnswer } from './run-answer.js';

const run = { runId: 'r', flowId: 'f', sessionId: 's', inputValue: 'hi' };
const aNode = (id: string, type: string, role: PlanNode['role'], outputs: readonly string[] = []): PlanNode =>
  ({ id, type, role, displayName: type, outputs: outputs.map((name) => ({ name })) }) as unknown as PlanNode;
const output = { ...aNode('ChatOutput-1', 'ChatOutput', 'output'), displayName: 'Chat Output' };
const textOutput = aNode('TextOutput-1', 'TextOutput', 'output');
const plain = aNode('Prompt-1', 'Prompt', 'plain');
const message = {
  kind: 'message',
  text: 'hello',
  sender: 'Machine',
  senderName: 'AI',
  sessionId: 's',
  contextId: '',
  files: [],
  error: false,
  category: 'message',
  properties: { icon: 'bot', source: { id: 'Model-1' } },
  contentBlocks: [],
  data: { id: 'm', timestamp: '2026-01-31T12:00:00.123Z' },
};

describe('the answer of a chat output', () => {
  const result = nodeResult(output, { message }, run);

  test('has the text where Langflow’s clients look for it', () => {
    expect(result).toMatchObject({
      outputs: { message: { message: 'hello', type: 'text' } },
      results: { message: { text: 'hello', data: { text: 'hello' } } },
      messages: [{ message: 'hello', component_id: 'ChatOutput-1', type: 'text', stream_url: null }],
      artifacts: { message: 'hello', sender: 'Machine', sender_name: 'AI', files: [], type: 'object' },
    });
  });

  test('has every member that Langflow’s has', () => {
    expect(Object.keys(result).toSorted()).toEqual([
      'artifacts',
      'component_display_name',
      'component_id',
      'duration',
      'logs',
      'messages',
      'outputs',
      'results',
      'timedelta',
      'token_usage',
      'used_frozen_result',
    ]);
    expect(result['results']).toMatchObject({
      message: {
        text_key: 'text',
        default_value: '',
        timestamp: '2026-01-31 12:00:00.123000 UTC',
        run_id: 'r',
        flow_id: 'f',
        session_id: 's',
        duration: null,
        session_metadata: { graph_run_id: 'r' },
        data: { id: 'm', timestamp: '2026-01-31 12:00:00.123000 UTC', flow_id: 'f' },
        properties: {
          icon: 'bot',
          text_color: null,
          state: 'complete',
          targets: [],
          source: { id: 'Model-1', display_name: null, source: null },
        },
      },
    });
  });
});

describe('the answer of any other node', () => {
  test.each([
    ['a message by its text', { kind: 'message', text: 'x' }, 'text', 'x'],
    ['data by its content', { kind: 'data', data: { a: 1 } }, 'object', { a: 1 }],
    ['a table', { kind: 'table', rows: [{ a: 1 }] }, 'array', [{ a: 1 }]],
    [
      'a list',
      { kind: 'plain', value: [{ kind: 'data', data: { a: 1 } }] },
      'array',
      [expect.objectContaining({ data: { a: 1 } })],
    ],
    ['an object', { kind: 'plain', value: { a: 1 } }, 'object', { a: 1 }],
    ['a number', { kind: 'plain', value: 3 }, 'unknown', 3],
    ['nothing', { kind: 'plain', value: null }, 'unknown', null],
  ])('shows %s', (_name, value, type, shown) => {
    expect(nodeResult(plain, { out: value }, run)['outputs']).toEqual({ out: { type, message: shown } });
  });

  test('has an artifact for each output, whose long text is cut', () => {
    const rows = Array.from({ length: 200 }, (_, a) => ({ a }));
    const values = {
      text: { kind: 'message', text: 'x' },
      data: { kind: 'data', data: { a: 1 } },
      rows: { kind: 'table', rows },
    };
    expect(nodeResult(plain, values, run)['artifacts']).toEqual({
      text: { repr: 'x', raw: 'x', type: 'text' },
      data: { repr: '{\n    "a": 1\n}', raw: { a: 1 }, type: 'object' },
      rows: { repr: expect.stringMatching(/^\[[^]{999}…$/) as string, raw: rows, type: 'array' },
    });
  });

  test('has all results', () => {
    const values = { prompt: { kind: 'message', text: 'x' } };
    expect(nodeResult(plain, values, run)['results']).toMatchObject({ prompt: { text: 'x' } });
  });

  test('names live objects and outputs that nothing is connected to', () => {
    const node = aNode('Model-1', 'LanguageModelComponent', 'plain', ['text_output', 'model_output']);
    expect(nodeResult(node, { model_output: null }, run)).toMatchObject({
      results: {},
      artifacts: {},
      outputs: {
        text_output: { message: '', type: 'unknown' },
        model_output: { message: '', type: 'unknown' },
      },
      logs: {},
    });
  });

  test('shows a text output’s message, but not an empty one', () => {
    const said = nodeResult(textOutput, { text: { kind: 'message', text: 'x' } }, run);
    expect(said['messages']).toMatchObject([{ message: 'x', sender: 'Machine', sender_name: 'AI' }]);
    expect(said['artifacts']).toEqual({ text: { repr: 'x', raw: 'x', type: 'text' } });
    expect(nodeResult(textOutput, { text: { kind: 'message', text: '' } }, run)['messages']).toEqual([]);
  });
});

describe('the tokens of an answer', () => {
  const usage = { input_tokens: 38, output_tokens: 3, total_tokens: 41 };
  const said = { ...message, properties: { usage, source: { id: 'Model-1' } } };
  const usageOf = (node: PlanNode) => nodeResult(node, { out: said }, run)['token_usage'];

  test('are shown at the node that used them', () => {
    expect(usageOf(aNode('Model-1', 'LanguageModelComponent', 'plain'))).toEqual(usage);
  });

  test('are not shown at nodes that pass its message on, since the message has them', () => {
    expect(usageOf(aNode('Parser-1', 'ParserComponent', 'plain'))).toBeNull();
    expect(usageOf(output)).toBeNull();
    expect(nodeResult(output, { message: said }, run)['results']).toMatchObject({
      message: { properties: { usage } },
    });
  });
});

test('a run answers with the chosen nodes that ran, in their order', () => {
  const plan = {
    nodes: { a: { ...output, id: 'a' }, b: { ...output, id: 'b' }, c: { ...output, id: 'c' } },
  } as unknown as Plan;
  const scope: RunScope = { start: undefined, nodes: ['a', 'b', 'c'], outputs: ['c', 'b', 'a'] };
  const answer = runAnswer(plan, scope, run, (id) => (id === 'b' ? undefined : { message }));
  expect(answer).toMatchObject({
    session_id: 's',
    outputs: [{ inputs: { input_value: 'hi' }, outputs: [{ component_id: 'c' }, { component_id: 'a' }] }],
  });
});

test('an answer shows the input of the run', () => {
  const inputs = (inputValue: string | undefined) => {
    const plan = { nodes: {} } as unknown as Plan;
    const scope: RunScope = { start: undefined, nodes: [], outputs: [] };
    return runAnswer(plan, scope, { ...run, inputValue }, () => undefined)['outputs'];
  };
  expect(inputs('')).toEqual([{ inputs: { input_value: '' }, outputs: [] }]);
  expect(inputs(undefined)).toEqual([{ inputs: {}, outputs: [] }]);
});
