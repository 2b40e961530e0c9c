import { expect, test } from 'vitest';
import { extraParameters } from './extra-parameters.js';

test('what changes how an answer is written goes along, also out of extra_body', () => {
  expect(extraParameters({ top_p: 0.5, extra_body: { top_k: 3, reasoning_effort: 'low' } })).toEqual({
    top_p: 0.5,
    top_k: 3,
    reasoning_effort: 'low',
  });
});

test('what we set ourselves is left out, and so is the wish for one answer', () => {
  expect(
    extraParameters({ api_key: 'k', model: 'm', stream: true, max_tokens: 9, n: 1, best_of: null }),
  ).toEqual({});
});

test.each(['n', 'best_of', 'candidate_count', 'num_generations', 'some_new_multiplier', '__proto__'])(
  '%s is refused by name, since it may be paid many times',
  (name) => {
    const given = JSON.parse(`{${JSON.stringify(name)}: 50}`) as never;
    expect(() => extraParameters(given)).toThrow(`holds "${name}"`);
    expect(() => extraParameters({ extra_body: given })).toThrow(`holds "${name}"`);
  },
);

test('all together are no longer than the limit', () => {
  expect(() => extraParameters({ guided_regex: 'x'.repeat(30_000) })).toThrow('the limit is 20000');
});
