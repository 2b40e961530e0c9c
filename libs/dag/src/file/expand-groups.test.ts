import { describe, expect, test } from 'vitest';
import { compileFlow } from '../compile/compile-flow.js';
import { expandGroups } from './expand-groups.js';
import type { FlowDocument } from './flow-document.js';
import type { JsonObject } from '../json.js';
import { testCatalogue } from '../testing/test-catalogue.js';
import { testFlow, testNode } from '../testing/test-flow.js';

/** in → [ group: first → second ] → out, with the group's field `a_first` over `first.a` and its output over `second.text`. */
function grouped(change: (group: JsonObject) => void = () => undefined): FlowDocument {
  const inner = testFlow({ first: 'Step', second: 'Step' }, ['first.text > second.a']).data;
  const group = testNode('group', { type: 'Group' });
  const content = (group['data'] as JsonObject)['node'] as JsonObject;
  content['template'] = {
    a_first: {
      name: 'a_first',
      type: 'str',
      input_types: ['Message'],
      value: 'outer',
      proxy: { id: 'first', field: 'a' },
    },
    b_first: {
      name: 'b_first',
      type: 'str',
      value: 'given',
      load_from_db: true,
      proxy: { id: 'first', field: 'b' },
    },
  };
  content['outputs'] = [{ name: 'second_text', types: ['Message'], proxy: { id: 'second', name: 'text' } }];
  content['flow'] = { data: { nodes: [...inner.nodes], edges: [...inner.edges] } };
  change(content);
  const around = testFlow({ in: 'ChatInput', out: 'ChatOutput' }, [
    'in.message > group.a_first',
    'group.second_text > out.input_value',
  ]);
  return { ...around, data: { ...around.data, nodes: [...around.data.nodes, group] } };
}

describe('a group', () => {
  test('is replaced by its inner nodes, whose edges come through its proxies', () => {
    const plan = compileFlow(grouped(), testCatalogue);
    expect(plan.problems).toEqual([]);
    expect(Object.keys(plan.nodes)).toEqual(['in', 'out', 'first', 'second']);
    expect(plan.edges).toEqual([
      { source: 'in', output: 'message', target: 'first', field: 'a' },
      { source: 'second', output: 'text', target: 'out', field: 'input_value' },
      { source: 'first', output: 'text', target: 'second', field: 'a' },
    ]);
    expect(plan.nodes['first']?.path).toBe('group/first');
    expect(plan.groups).toEqual([
      {
        id: 'group',
        parents: [],
        displayName: 'Group',
        fields: { a_first: { node: 'first', field: 'a' }, b_first: { node: 'first', field: 'b' } },
      },
    ]);
  });

  test('overrides the inner values; the inner nodes keep their names', () => {
    const fields = compileFlow(grouped(), testCatalogue).nodes['first']?.fields;
    expect(fields?.['b']).toMatchObject({ value: 'given', loadFromDb: true, displayName: 'b' });
    expect(fields?.['c']).toMatchObject({ value: '' });
  });

  test('freezes its inner nodes if it is frozen', () => {
    const plan = compileFlow(
      grouped((content) => (content['frozen'] = true)),
      testCatalogue,
    );
    expect(
      plan.problems
        .filter((problem) => problem.code === 'FROZEN_IGNORED')
        .flatMap((problem) => problem.nodes),
    ).toEqual(['first', 'second']);
  });

  test('without an output proxy represents the inner output that its output name begins with', () => {
    const plan = compileFlow(
      grouped((content) => delete content['outputs']),
      testCatalogue,
    );
    expect(plan.edges[1]).toMatchObject({ source: 'second', output: 'text' });
  });

  test('without any name represents the last inner node', () => {
    const flow = grouped((content) => {
      content['outputs'] = [{ name: 'result', types: ['Message'] }];
    });
    const text = JSON.stringify(flow)
      .replaceAll('group.second_text', 'x')
      .replaceAll('"name":"second_text"', '"name":"result"');
    expect(compileFlow(JSON.parse(text) as FlowDocument, testCatalogue).edges[1]).toMatchObject({
      source: 'second',
      output: 'text',
    });
  });

  test('whose field represents no inner field is named', () => {
    const plan = compileFlow(
      grouped((content) => (content['template'] = {})),
      testCatalogue,
    );
    expect(plan.problems.map((problem) => problem.code)).toContain('GROUP_INVALID');
  });

  test('does not change the document', () => {
    const flow = grouped();
    const before = JSON.stringify(flow);
    expandGroups(flow);
    expect(JSON.stringify(flow)).toBe(before);
  });
});

describe('a group in a group', () => {
  function nested(): FlowDocument {
    const middle = grouped().data.nodes.at(-1) as JsonObject;
    const outer = testNode('outer', { type: 'Group' });
    const content = (outer['data'] as JsonObject)['node'] as JsonObject;
    content['template'] = {
      a: { type: 'str', input_types: ['Message'], value: '', proxy: { id: 'group', field: 'a_first' } },
      b: { type: 'str', value: 'outermost', proxy: { id: 'group', field: 'b_first' } },
    };
    content['outputs'] = [{ name: 'o', types: ['Message'], proxy: { id: 'group', name: 'second_text' } }];
    content['flow'] = { data: { nodes: [middle], edges: [] } };
    const around = testFlow({ in: 'ChatInput', out: 'ChatOutput' }, [
      'in.message > outer.a',
      'outer.o > out.input_value',
    ]);
    return { ...around, data: { ...around.data, nodes: [...around.data.nodes, outer] } };
  }

  test('is expanded too: path, values and edges come through both', () => {
    const plan = compileFlow(nested(), testCatalogue);
    expect(plan.problems).toEqual([]);
    expect(plan.nodes['first']?.path).toBe('outer/group/first');
    expect(plan.nodes['first']?.fields['b']?.value).toBe('outermost');
    expect(plan.edges).toContainEqual({ source: 'in', output: 'message', target: 'first', field: 'a' });
    expect(plan.edges).toContainEqual({
      source: 'second',
      output: 'text',
      target: 'out',
      field: 'input_value',
    });
  });

  test('is kept beside the nodes, with the inner fields that its own finally represent', () => {
    const { groups } = compileFlow(nested(), testCatalogue);
    expect(groups.map(({ id, parents }) => [id, parents])).toEqual([
      ['outer', []],
      ['group', ['outer']],
    ]);
    expect(groups[0]?.fields).toEqual({
      a: { node: 'first', field: 'a' },
      b: { node: 'first', field: 'b' },
    });
  });

  test('that has no such field is left out of the fields', () => {
    const flow = JSON.parse(JSON.stringify(nested()).replace('"field":"b_first"', '"field":"gone"'));
    expect(compileFlow(flow as FlowDocument, testCatalogue).groups[0]?.fields).toEqual({
      a: { node: 'first', field: 'a' },
    });
  });
});
