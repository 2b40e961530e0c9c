import { expect, test } from 'vitest';
import { dataOf } from '../../coerce/value.js';
import { testComponent } from '../test-context.js';

test.each([
  ['{"a": 1}', { a: 1 }],
  ['not json', { payload: 'not json' }],
  ['[1, 2]', { payload: [1, 2] }],
  ['3', { payload: 3 }],
  ['', {}],
  [{ a: 1 }, { a: 1 }],
  ['{"lc":1,"type":"secret","id":["OPENAI_API_KEY"]}', { lc: 1, type: 'secret', id: ['OPENAI_API_KEY'] }],
])('a body of %o is given as %o', async (data, members) => {
  expect((await testComponent('Webhook', { fields: { data } })).outputs).toEqual({
    output_data: dataOf(members),
  });
});

test('a member named __proto__ stays a member', async () => {
  const { outputs } = await testComponent('Webhook', { fields: { data: '{"__proto__":{"polluted":true}}' } });
  expect(JSON.stringify(outputs)).toContain('"__proto__":{"polluted":true}');
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});
