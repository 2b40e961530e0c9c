import { describe, expect, test } from 'vitest';
import { compileFlow } from './compile-flow.js';
import type { FlowDocument } from '../file/flow-document.js';
import type { JsonObject } from '../json.js';
import { testCatalogue } from '../testing/test-catalogue.js';
import { testFlow } from '../testing/test-flow.js';

const chat = testFlow({ in: 'ChatInput', m: 'LanguageModelComponent', out: 'ChatOutput' }, [
  'in.message > m.input_value',
  'm.text_output > out.input_value',
]);

/** The flow with its edges changed as text. */
function withEdges(flow: FlowDocument, change: (edges: string) => string): FlowDocument {
  return {
    ...flow,
    data: { ...flow.data, edges: JSON.parse(change(JSON.stringify(flow.data.edges))) as JsonObject[] },
  };
}

describe('an edge', () => {
  test.each([
    [
      'only in strings with spaces',
      (edge: JsonObject) => spelled(edge, (text) => text.replaceAll(':', ': ')),
    ],
    ['only in strings without spaces', (edge: JsonObject) => spelled(edge, (text) => text)],
  ])('is read %s', (_how, change) => {
    const flow = { ...chat, data: { ...chat.data, edges: chat.data.edges.map(change) } };
    expect(compileFlow(flow, testCatalogue)).toEqual(compileFlow(chat, testCatalogue));
  });

  test('of files before 1.0 is read from its bars', () => {
    const edges: JsonObject[] = [
      {
        source: 'in',
        target: 'm',
        sourceHandle: 'ChatInput|in|Message|Text',
        targetHandle: 'Message;Text|input_value|m',
      },
      {
        source: 'm',
        target: 'out',
        sourceHandle: 'X|m|Message',
        targetHandle: 'Message|input_value|out',
        data: {},
      },
    ];
    expect(compileFlow({ ...chat, data: { ...chat.data, edges } }, testCatalogue)).toEqual(
      compileFlow(chat, testCatalogue),
    );
  });

  test('fits by the old and the new name of a type', () => {
    const old = testFlow({ h: 'Webhook', loop: 'LoopComponent', out: 'ChatOutput' }, [
      'h.output_data > loop.data',
    ]);
    expect(
      compileFlow(
        withEdges(old, (text) => text.replace('"Data"', '"JSON"')),
        testCatalogue,
      ).edges,
    ).toHaveLength(1);
  });

  test('twice between two ports is one edge', () => {
    const edges = [...chat.data.edges, ...chat.data.edges];
    expect(compileFlow({ ...chat, data: { ...chat.data, edges } }, testCatalogue).edges).toHaveLength(2);
  });

  test.each([
    ['to a missing node', (text: string) => text.replaceAll('"m"', '"x"'), 'EDGE_NODE_MISSING', '"x"'],
    [
      'from a missing output',
      (text: string) => text.replace('"text_output"', '"txt"'),
      'EDGE_PORT_MISSING',
      '"txt"',
    ],
    [
      'to a missing field',
      (text: string) => text.replace('"input_value"', '"none"'),
      'EDGE_PORT_MISSING',
      '"none"',
    ],
    [
      'of a type that does not fit',
      (text: string) => text.replace('"text_output"', '"model_output"'),
      'EDGE_TYPE_MISMATCH',
      'LanguageModel',
    ],
    [
      'without handles',
      (text: string) => text.replaceAll(/"sourceHandle":\{[^}]*\}/g, '"x":1'),
      'EDGE_INVALID',
      'does not say',
    ],
  ])('%s is refused by name and not followed', (_what, change, code, part) => {
    const plan = compileFlow(withEdges(chat, change), testCatalogue);
    const problem = plan.problems.find((one) => one.code === code);
    expect(problem).toMatchObject({ severity: 'blocking' });
    expect(problem?.message).toContain(part);
    expect(plan.edges.length).toBeLessThan(2);
  });

  test('of types that do not fit names both components and the accepted types', () => {
    const wrong = testFlow({ m: 'LanguageModelComponent', out: 'ChatOutput' }, [
      'm.model_output > out.input_value',
    ]);
    const plan = compileFlow(wrong, testCatalogue);
    const [problem] = plan.problems;
    expect(problem?.message).toBe(
      '"LanguageModelComponent" gives LanguageModel on its output "model_output", which "ChatOutput" does not accept in ' +
        '"input_value" (it takes Data, DataFrame, Message).',
    );
    expect(problem?.nodes).toEqual(['m', 'out']);
  });

  function spelled(edge: JsonObject, change: (text: string) => string): JsonObject {
    const handles = Object.entries(edge['data'] as JsonObject);
    const strings = handles.map(
      ([key, handle]) => [key, change(JSON.stringify(handle)).replaceAll('"', 'œ')] as const,
    );
    return { ...edge, data: {}, ...Object.fromEntries(strings) };
  }
});
