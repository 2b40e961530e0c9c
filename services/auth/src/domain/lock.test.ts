import { expect, it } from 'vitest';
import { LOCKS_S, lockSeconds } from './lock.js';

it.each([
  [0, 0],
  [4, 0],
  [5, 30],
  [6, 60],
  [9, 480],
  [10, 900],
  [10_000, 900],
])('after %i wrong tries it is %i s', (failures, seconds) => {
  expect(lockSeconds(failures)).toBe(seconds);
});

it('is listed up to the longest time', () => {
  expect(LOCKS_S).toEqual([0, 0, 0, 0, 30, 60, 120, 240, 480, 900]);
});
