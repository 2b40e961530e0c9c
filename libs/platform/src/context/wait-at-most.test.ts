import { expect, test } from 'vitest';
import { waitAtMost } from './wait-at-most.js';

const never = new Promise<string>(() => undefined);

test('what settles in time is given, and so is its failure', async () => {
  expect(await waitAtMost(Promise.resolve('done'), 10_000)).toBe('done');
  await expect(waitAtMost(Promise.reject(new Error('no')), 10_000)).rejects.toThrow('no');
});

test('after the time the wait ends with nothing, and its timer is gone', async () => {
  expect(await waitAtMost(never, 1)).toBeUndefined();
  const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  await waitAtMost(Promise.resolve(), 60_000);
  expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toHaveLength(before);
});
