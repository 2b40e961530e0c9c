import type { Plan, PlanNode } from '@causeway/dag';
import { describe, expect, test } from 'vitest';
import { nodeInputs, pickItem, wiredFields } from './node-inputs.js';
import type { StartCommand } from './node-inputs.js';

const field = { value: 'own', type: 'str', displayName: 'F' } as const;

describe('what a component gets', () => {
  test('comes over an edge before a variable, and from a variable before the field itself', () => {
    const node = { id: 'n', fields: { a: field, b: field, c: field } } as unknown as PlanNode;
    const resolved = new Map([['n', { a: 'variable', b: 'variable' }]]);
    const inputs = nodeInputs(node, resolved, new Map([['a', { kind: 'message', text: 'edge' }]]));
    expect({ ...inputs }).toEqual({ a: { kind: 'message', text: 'edge' }, b: 'variable', c: 'own' });
  });

  test('leaves out fields that the editor hides, and names uploaded files by their path', () => {
    const hidden = { ...field, show: false };
    const file = { ...field, type: 'file', filePath: 'flow/file.txt' };
    const node = {
      id: 'n',
      fields: { hidden, code: { ...hidden, type: 'code' }, file },
    } as unknown as PlanNode;
    expect({ ...nodeInputs(node, new Map(), new Map()) }).toEqual({ code: 'own', file: 'flow/file.txt' });
  });

  test('is safe from fields with the names of an object’s own members', () => {
    const node = {
      id: 'n',
      fields: JSON.parse('{"__proto__":{"value":"x","type":"str"}}') as object,
    } as PlanNode;
    const inputs = nodeInputs(node, new Map(), new Map());
    expect(Object.getPrototypeOf(inputs)).toBeNull();
    expect(Object.keys(inputs)).toEqual(['__proto__']);
  });
});

test('the results of a loop’s iterations arrive where its feedback edge ends', () => {
  const plan = {
    edges: [
      { source: 'x', output: 'o', target: 'Loop', field: 'data' },
      { source: 'b', output: 'o', target: 'Loop', field: 'item', feedback: true },
    ],
  } as unknown as Plan;
  const gather = [{ path: 'Loop[0]/b', output: 'o' }];
  const start = { type: 'start', nodeId: 'Loop', inputs: [], gather } as unknown as StartCommand;
  expect(wiredFields(plan, start)).toEqual([{ field: 'item', sources: gather, list: true }]);
});

describe('one item', () => {
  const data = { kind: 'data', data: { a: 1 } };
  test.each([
    ['of a list of values', { kind: 'plain', value: [data] }, data],
    ['of a list of anything else', { kind: 'plain', value: ['x'] }, { kind: 'plain', value: 'x' }],
    ['of a table', { kind: 'table', rows: [{ a: 1 }] }, data],
    ['of a value that is not a list', data, data],
  ])('%s', (_name, value, item) => {
    expect(pickItem(value, 0)).toEqual(item);
  });

  test('is not taken without an index', () => {
    expect(pickItem({ kind: 'plain', value: [data] }, undefined)).toEqual({ kind: 'plain', value: [data] });
  });
});
