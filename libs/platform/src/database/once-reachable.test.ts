import { expect, test, vi } from 'vitest';
import { onceReachable } from './once-reachable.js';

const lost = new Error('Connection terminated due to connection timeout');

test('waits while Postgres is unreachable', async () => {
  const act = vi.fn().mockRejectedValueOnce(lost).mockRejectedValueOnce(lost).mockResolvedValue('done');
  expect(await onceReachable(act, { tryAgainMs: 1 })).toBe('done');
  expect(act).toHaveBeenCalledTimes(3);
});

test('gives up after its time, and at once when Postgres refuses', async () => {
  const never = vi.fn().mockRejectedValue(lost);
  await expect(onceReachable(never, { limitMs: 20, tryAgainMs: 1 })).rejects.toThrow('Connection terminated');
  const refused = vi.fn().mockRejectedValue(new Error('password authentication failed'));
  await expect(onceReachable(refused, { tryAgainMs: 1 })).rejects.toThrow('password');
  expect(refused).toHaveBeenCalledOnce();
});
