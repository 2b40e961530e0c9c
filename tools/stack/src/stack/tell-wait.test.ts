import { expect, test, vi } from 'vitest';
import { tellWait } from './tell-wait.js';

test('a stop that takes long prints once what it waits for', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const say = vi.fn(() => resolve());
  await tellWait(promise, () => ['executor', 'postgres'], say, 1);
  expect(say).toHaveBeenCalledExactlyOnceWith('still stopping: executor, postgres');
});

test('a quick stop, and a stop that waits for nothing, print nothing', async () => {
  const say = vi.fn();
  await tellWait(Promise.resolve(), () => ['executor'], say, 1);
  const { promise, resolve } = Promise.withResolvers<void>();
  await tellWait(promise, () => (resolve(), []), say, 1);
  expect(say).not.toHaveBeenCalled();
});
