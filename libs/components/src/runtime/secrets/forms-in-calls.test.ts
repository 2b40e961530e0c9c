import { expect, test } from 'vitest';
import { formsInCalls } from './forms-in-calls.js';

test('gives a value, also without the spaces around it', () => {
  expect(formsInCalls('plain-secret')).toEqual(['plain-secret']);
  expect(formsInCalls(' secret-0001\n')).toEqual([' secret-0001\n', 'secret-0001']);
});

test('gives the texts and numbers of a value that is JSON', () => {
  const document = JSON.stringify(
    {
      type: 'service_account',
      private_key: '-----BEGIN\nabc',
      auth_uri: 'https://a.test/o',
      ids: ['tok-12345678'],
    },
    null,
    2,
  );
  expect(formsInCalls(document).slice(1)).toEqual(['tok-12345678', '-----BEGIN\nabc']);
  expect(formsInCalls('12345678901234567890123')).toContain('1.2345678901234568e+22');
  for (const odd of ['{broken', '[]', '{}', '"short"']) expect(formsInCalls(odd)).toEqual([odd]);
});
