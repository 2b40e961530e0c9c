import { expect, test } from 'vitest';
import { percentilesOf, percentilesText } from './percentiles.js';

test('percentiles are those of the sorted times', () => {
  const times = Array.from({ length: 200 }, (_, at) => 200 - at);
  expect(percentilesOf(times)).toEqual({ tries: 200, p50Ms: 101, p99Ms: 199, maxMs: 200 });
  expect(percentilesText(percentilesOf([3]))).toBe('p50 3.0 ms, p99 3.0 ms, most 3.0 ms (1 tries)');
});
