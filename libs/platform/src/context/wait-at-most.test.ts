import { expect, test } from 'vitest';
import { waitAtMost } from './wait-at-most.js';

const never = new Promise<string>(() => undefined);

test('returns the result of a promise that settles in time, or throws its error', async () => {
  expect(await waitAtMost(Promise.resolve('done'), 10_000)).toBe('done');
  await expect(waitAtMost(Promise.reject(new Error('no')), 10_000)).rejects.toThrow('no');
});

test('ends the wait with undefined after the time, and leaves no timer', async () => {
  expect(await waitAtMost(never, 1)).toBeUndefined();
  const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  await waitAtMost(Promise.resolve(), 60_000);
  expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toHaveLength(before);
});
