import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { FlowDocument } from './flow-document.js';
import { versionHash } from './flow-version.js';
import type { JsonObject } from '../json.js';
import { parseFlowFile } from './parse-flow-file.js';
import { testFlow } from '../testing/test-flow.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const flow = testFlow({ in: 'ChatInput', out: 'ChatOutput' }, ['in.message > out.input_value']);
const hash = versionHash(flow, sha256);

function changed(
  change: (data: { nodes: JsonObject[]; edges: JsonObject[]; viewport?: JsonObject }) => void,
): FlowDocument {
  const copy = structuredClone(flow);
  change(copy.data as never);
  return copy;
}

test('a version is named by a hash', () => {
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  [
    'moving, selecting and sizing a node',
    changed(({ nodes }) =>
      Object.assign(nodes[0] as JsonObject, {
        position: { x: 9, y: 9 },
        positionAbsolute: {},
        selected: true,
        dragging: false,
        width: 3,
        measured: { width: 3 },
      }),
    ),
  ],
  ['the viewport', changed((data) => (data.viewport = { x: 1, y: 1, zoom: 2 }))],
  ['a note', changed(({ nodes }) => nodes.push({ id: 'undefined-1', type: 'noteNode', data: {} }))],
  [
    'collapsing a node',
    changed(({ nodes }) => (((nodes[0] as JsonObject)['data'] as JsonObject)['showNode'] = false)),
  ],
  ['name and description', { ...flow, name: 'Other', description: 'x' }],
  [
    'the look and id of an edge',
    changed(({ edges }) =>
      Object.assign(edges[0] as JsonObject, { id: 'e', animated: true, className: 'x', selected: true }),
    ),
  ],
])('does not change with %s', (_what, other) => {
  expect(versionHash(other, sha256)).toBe(hash);
});

test('does not change with the order of keys, nor with code written as lines, nor with handles as strings', () => {
  const reversed = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(reversed)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, member]) => [key, reversed(member)]),
          )
        : value;
  const text = JSON.stringify(reversed(flow)).replaceAll('"class A: pass"', '["class A: pass"]');
  const { flows } = parseFlowFile(text);
  expect(versionHash(flows[0] as FlowDocument, sha256)).toBe(hash);
  const strings = changed(({ edges }) => {
    const edge = edges[0] as JsonObject;
    for (const [key, handle] of Object.entries(edge['data'] as JsonObject))
      edge[key] = JSON.stringify(handle).replaceAll('"', 'œ');
    delete edge['data'];
  });
  expect(versionHash(strings, sha256)).toBe(hash);
});

test.each([
  ['a value', JSON.parse(JSON.stringify(flow).replace('"value":""', '"value":"x"')) as FlowDocument],
  ['an edge less', changed(({ edges }) => edges.pop())],
  [
    'a node more',
    testFlow({ in: 'ChatInput', out: 'ChatOutput', s: 'Step' }, ['in.message > out.input_value']),
  ],
])('changes with %s', (_what, other) => {
  expect(versionHash(other, sha256)).not.toBe(hash);
});

test('lone surrogates and NUL survive', () => {
  const odd = JSON.parse(
    JSON.stringify(flow).replace('"value":""', '"value":"\\u0000\\ud800"'),
  ) as FlowDocument;
  expect(versionHash(odd, sha256)).not.toBe(hash);
});
