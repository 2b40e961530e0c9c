import { expect, test } from 'vitest';
import { extraParameters } from './extra-parameters.js';

test('parameters that change how an answer is written are sent, also those in extra_body', () => {
  expect(extraParameters({ top_p: 0.5, extra_body: { top_k: 3, reasoning_effort: 'low' } })).toEqual({
    top_p: 0.5,
    top_k: 3,
    reasoning_effort: 'low',
  });
});

test('parameters that the platform sets are left out, and so is a request for one answer', () => {
  expect(
    extraParameters({ api_key: 'k', model: 'm', stream: true, max_tokens: 9, n: 1, best_of: null }),
  ).toEqual({});
});

test.each(['n', 'best_of', 'candidate_count', 'num_generations', 'some_new_multiplier', '__proto__'])(
  '%s is refused by name, since it could multiply the cost',
  (name) => {
    const given = JSON.parse(`{${JSON.stringify(name)}: 50}`) as never;
    expect(() => extraParameters(given)).toThrow(`holds "${name}"`);
    expect(() => extraParameters({ extra_body: given })).toThrow(`holds "${name}"`);
  },
);

test('all together are limited', () => {
  expect(() => extraParameters({ guided_regex: 'x'.repeat(30_000) })).toThrow('the limit is 20000');
});
