import type { Plan, PlanNode, RunScope } from '@causeway/dag';
import { describe, expect, test } from 'vitest';
import { nodeResult, runAnswer } from './run-answer.js';

const run = { runId: 'r', flowId: 'f', sessionId: 's', inputValue: 'hi' };
const output = { id: 'ChatOutput-1', displayName: 'Chat Output', role: 'output' } as PlanNode;
const plain = { id: 'Prompt-1', displayName: 'Prompt', role: 'plain' } as PlanNode;
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
        timestamp: '2026-01-31T12:00:00+00:00',
        run_id: 'r',
        flow_id: 'f',
        session_id: 's',
        duration: null,
        session_metadata: { graph_run_id: 'r' },
        data: { id: 'm', timestamp: '2026-01-31 12:00:00 UTC', flow_id: 'f' },
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
    ['a message', { kind: 'message', text: 'x' }, 'message', expect.objectContaining({ text: 'x' })],
    ['data', { kind: 'data', data: { a: 1 } }, 'data', { a: 1 }],
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
  ])('shows %s as it is', (_name, value, type, shown) => {
    expect(nodeResult(plain, { out: value }, run)['outputs']).toEqual({ out: { type, message: shown } });
  });

  test('leaves live objects out', () => {
    expect(nodeResult(plain, { model: null }, run)).toMatchObject({ results: {}, outputs: {}, logs: {} });
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
