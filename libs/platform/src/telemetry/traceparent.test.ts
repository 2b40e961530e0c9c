import { expect, test } from 'vitest';
import { newTraceparent, parseTraceparent } from './traceparent.js';

test('new trace contexts are valid, all different, and show whether they are traced', () => {
  const made = Array.from({ length: 300 }, () => newTraceparent(true));
  expect(new Set(made).size).toBe(300);
  for (const traceparent of made) expect(parseTraceparent(traceparent)).toBe(traceparent);
  expect(newTraceparent(false)).toMatch(/-00$/);
});

test.each([
  undefined,
  '',
  'x',
  `00-${'0'.repeat(32)}-${'a'.repeat(16)}-01`,
  `00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`,
  `00-${'A'.repeat(32)}-${'a'.repeat(16)}-01`,
  `01-${'a'.repeat(32)}-${'a'.repeat(16)}-01`,
  `00-${'a'.repeat(32)}-${'a'.repeat(16)}-01\r\nX-Evil: 1`,
])('%j from outside is not a trace context', (text) => {
  expect(parseTraceparent(text)).toBeUndefined();
});
