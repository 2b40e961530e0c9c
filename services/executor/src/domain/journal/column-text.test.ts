import { expect, test } from 'vitest';
import { columnText } from './column-text.js';

test('ordinary texts stay as they are', () => {
  expect(columnText('Grüße 😀')).toBe('Grüße 😀');
});

test('long texts are cut to a column’s length and stay different', () => {
  const [one, two] = [columnText(`${'x'.repeat(600)}1`), columnText(`${'x'.repeat(600)}2`)];
  expect([one.length, two.length]).toEqual([500, 500]);
  expect(one).not.toBe(two);
});

test('a pair of surrogates is not cut in two', () => {
  expect(columnText('😀'.repeat(400)).isWellFormed()).toBe(true);
});
