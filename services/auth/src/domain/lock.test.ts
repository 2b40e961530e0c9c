import { expect, it } from 'vitest';
import { lockSeconds } from './lock.js';

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
