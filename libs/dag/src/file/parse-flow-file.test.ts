import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFlowFile } from './parse-flow-file.js';
import { testFlow } from '../testing/test-flow.js';

const { data } = testFlow({ in: 'ChatInput', out: 'ChatOutput' }, ['in.message > out.input_value']);

function codes(input: unknown): string[] {
  return parseFlowFile(input).problems.map((problem) => problem.code);
}

describe('a flow is found', () => {
  test.each([
    ['as one flow', { name: 'A', data }],
    ['with data wrapped twice', { name: 'A', data: { data } }],
    ['with nodes at the top level', { name: 'A', ...data }],
    ['as the only member of a multi-flow file', { flows: [{ name: 'A', data }] }],
    ['in a bare list', [{ name: 'A', data }]],
  ])('%s', (_how, file) => {
    const { flows, problems } = parseFlowFile(JSON.stringify(file));
    expect(problems).toEqual([]);
    expect(flows).toHaveLength(1);
    expect(flows[0]).toMatchObject({ name: 'A', data: { nodes: data.nodes, edges: data.edges } });
  });

  test('with what Langflow says about it, and its graph exactly as given', () => {
    const file = {
      id: 'f-1',
      name: 'A',
      description: 'what it does',
      endpoint_name: 'a-b',
      tags: ['x'],
      is_component: false,
      last_tested_version: '1.6.0',
      webhook: true,
      icon: 'bot',
      mcp_enabled: true,
      action_name: 'do_it',
      data: { ...data, viewport: { x: 1, y: 2, zoom: 3 } },
    };
    expect(parseFlowFile(JSON.stringify(file)).flows[0]).toEqual({
      id: 'f-1',
      name: 'A',
      description: 'what it does',
      endpointName: 'a-b',
      tags: ['x'],
      isComponent: false,
      lastTestedVersion: '1.6.0',
      webhook: true,
      icon: 'bot',
      mcpEnabled: true,
      actionName: 'do_it',
      data: file.data,
    });
  });

  test('when its metadata is null, absent or of another type', () => {
    const { flows } = parseFlowFile({ name: null, tags: null, webhook: null, endpoint_name: 7, data });
    expect(flows[0]).toEqual({ name: 'Untitled flow', data, unread: ['endpoint_name'] });
  });

  test('behind a byte order mark', () => {
    expect(parseFlowFile(`\ufeff${JSON.stringify({ data })}`).flows).toHaveLength(1);
  });

  test('in a project, whose folder is named', () => {
    const file = {
      folder_name: 'P',
      folder_description: 'D',
      flows: [
        { name: 'A', data },
        { name: 'B', data },
      ],
    };
    const parsed = parseFlowFile(JSON.stringify(file));
    expect(parsed.folder).toEqual({ name: 'P', description: 'D' });
    expect(parsed.flows.map((flow) => flow.name)).toEqual(['A', 'B']);
  });

  test('beside a member that is none, which is named', () => {
    const parsed = parseFlowFile({ flows: [{ name: 'A', data }, 7] });
    expect(parsed.flows).toHaveLength(1);
    expect(parsed.problems[0]?.message).toContain('Member 2 of "flows" is a number');
    expect(parseFlowFile([7]).problems[0]?.message).toContain('Member 1 of the list is a number');
  });
});

describe('a file is refused', () => {
  test.each([
    ['{"a": 1,\n  "b": }', 'line 2, column 8'],
    ['hello', 'line 1, column 1'],
    ['   ', 'empty'],
  ])('that is not JSON, with its place: %j', (text, place) => {
    const { flows, problems } = parseFlowFile(text);
    expect(flows).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: 'FLOW_NOT_JSON', severity: 'blocking', nodes: [] });
    expect(problems[0]?.message).toContain(place);
  });

  test.each([[null], [7], [[]], [{}], ['"text"'], [{ data: {} }], [{ nodes: 7 }]])(
    'that is no flow: %j',
    (file) => {
      const { flows, problems } = parseFlowFile(typeof file === 'string' ? file : JSON.stringify(file));
      expect(flows).toEqual([]);
      if (Array.isArray(file)) expect(problems).toEqual([]);
      else expect(problems.map((problem) => problem.code)).toEqual(['FLOW_NOT_A_FLOW']);
    },
  );

  test('over its limit of bytes, which is named', () => {
    const text = JSON.stringify({ name: 'é'.repeat(600), data });
    expect(parseFlowFile(text, { maxBytes: text.length + 599 }).problems[0]).toMatchObject({
      code: 'FLOW_TOO_LARGE',
      message: expect.stringContaining('CAUSEWAY_MAX_FLOW_BYTES') as string,
    });
    expect(parseFlowFile(text, { maxBytes: text.length + 600 }).flows).toHaveLength(1);
    expect(parseFlowFile(' '.repeat(20_000_001)).problems[0]?.message).toContain('20000000 bytes');
  });

  test('over its limit of values, which is named', () => {
    const text = JSON.stringify({
      name: 'A',
      data: { ...data, viewport: Array.from({ length: 100 }, () => 1) },
    });
    const values = text.match(/[,[{]/g)?.length ?? 0;
    expect(parseFlowFile(text, { maxValues: values }).problems[0]).toMatchObject({
      code: 'FLOW_TOO_LARGE',
      message: `The file has more than ${values} values, the limit CAUSEWAY_MAX_FLOW_VALUES.`,
    });
    expect(parseFlowFile(text, { maxValues: values + 1 }).flows).toHaveLength(1);
  });

  test('over its limit of nodes, those in groups counted, or of five times as many edges, which is named', () => {
    const group = { id: 'g', data: { type: 'Group', node: { template: {}, flow: { data } } } };
    const grouped = { name: 'A', data: { nodes: [group, ...data.nodes], edges: [] } };
    expect(parseFlowFile(grouped, { maxNodes: 4 }).problems).toMatchObject([
      {
        code: 'FLOW_TOO_LARGE',
        message: expect.stringContaining('more than 4 nodes, the limit CAUSEWAY_MAX_FLOW_NODES'),
      },
    ]);
    expect(parseFlowFile(grouped, { maxNodes: 5 }).flows).toHaveLength(1);
    const wired = (edges: number): object => ({
      name: 'A',
      data: { ...data, edges: Array.from({ length: edges }, () => data.edges[0]) },
    });
    expect(parseFlowFile(wired(10), { maxNodes: 2 }).flows).toHaveLength(1);
    expect(parseFlowFile(wired(11), { maxNodes: 2 }).problems[0]?.message).toContain('more than 10 edges');
  });

  test('10,000 levels deep, with an error that names the limit', () => {
    const deep = `{"data":{"nodes":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`;
    expect(parseFlowFile(deep).problems[0]).toMatchObject({
      code: 'FLOW_TOO_DEEP',
      message: expect.stringContaining('200 levels') as string,
    });
    expect(codes(JSON.parse(deep))).toEqual(['FLOW_TOO_DEEP']);
  });
});

describe('structure', () => {
  function withNode(change: (node: Record<string, unknown>) => void): string {
    const copy = structuredClone({ name: 'A', data }) as unknown as {
      data: { nodes: Record<string, unknown>[] };
    };
    change(copy.data.nodes[0] as Record<string, unknown>);
    return JSON.stringify(copy);
  }

  test('two nodes with one id are named', () => {
    const text = withNode((node) => (node['id'] = 'out'));
    expect(parseFlowFile(text).problems).toMatchObject([{ code: 'NODE_DUPLICATE', nodes: ['out'] }]);
  });

  test.each(['__proto__', 'constructor', 'prototype'])('%s is no id, type, field or output', (name) => {
    const id = withNode((node) => (node['id'] = name));
    const type = withNode((node) => ((node['data'] as Record<string, unknown>)['type'] = name));
    const field = withNode(() => undefined).replace('"session_id":', `${JSON.stringify(name)}:`);
    const output = withNode(() => undefined).replace('"name":"message"', `"name":${JSON.stringify(name)}`);
    for (const text of [id, type, field, output]) expect(codes(text)).toContain('NAME_FORBIDDEN');
    expect(({} as Record<string, unknown>)['name']).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test.each(['a\0b', 'a\ud800', '\udc00'])('an id with a character that cannot be stored: %j', (name) => {
    expect(codes(withNode((node) => (node['id'] = name)))).toContain('NAME_FORBIDDEN');
    expect(codes(withNode((node) => (node['id'] = 'a\ud83c\udf0a')))).toEqual([]);
  });

  test('an id like an inherited name is an ordinary id', () => {
    expect(codes(withNode((node) => (node['id'] = 'toString')))).toEqual([]);
  });

  test.each([
    ['no object', 7],
    ['no id', { type: 'genericNode' }],
    ['no type', { id: 'x', data: { node: { template: {} } } }],
    ['no template', { id: 'x', data: { type: 'ChatInput' } }],
  ])('a node with %s is named', (_what, node) => {
    expect(codes({ data: { nodes: [node], edges: [] } })).toEqual(['NODE_INVALID']);
  });

  test('a note needs neither', () => {
    expect(codes({ data: { nodes: [{ id: 'undefined-1', type: 'noteNode' }] } })).toEqual([]);
  });
});

test('never throws, whatever the text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseFlowFile(text).problems.length + parseFlowFile(text).flows.length).toBeGreaterThan(
        text === '[]' ? -1 : 0,
      );
    }),
  );
});
