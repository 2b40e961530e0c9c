import { expect, test } from 'vitest';
import { compareIndex, describeDifference } from './compare-index.js';

const component = (fields: readonly string[], outputs: readonly string[]): object => ({
  template: Object.fromEntries(['_type', 'code', ...fields].map((name) => [name, { name }])),
  outputs: outputs.map((name) => ({ name })),
});

const index = {
  version: '9.9.9',
  entries: [
    [
      'models',
      {
        GroqModel: component(['api_key', 'groq_api_key', 'n', 'warp_factor'], ['text_output', 'smell']),
        BrandNewModel: component([], []),
      },
    ],
    ['vectorstores', { Chroma: component([], []) }],
    ['custom_component', { CustomComponent: component([], []) }],
  ],
};

test('an index is compared by types, fields under each of their names, and outputs', () => {
  expect(compareIndex(index)).toEqual({
    unknownTypes: ['BrandNewModel'],
    missingTypes: ['BrandNewModel', 'Chroma', 'CustomComponent'],
    fields: [{ type: 'GroqModel', name: 'warp_factor' }],
    outputs: [{ type: 'GroqModel', name: 'smell' }],
  });
});

test('the missing parts are listed in lines', () => {
  expect(describeDifference(compareIndex(index))).toContain(': 1\n  GroqModel.warp_factor\n');
});

test('data that is not an index is refused', () => {
  expect(() => compareIndex({ nodes: [] })).toThrow('not a component index');
});
