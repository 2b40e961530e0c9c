import { expect, test } from 'vitest';
import { Turns } from './turns.js';

test('those of one key come one after the other, those of others beside them', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const a = turns.take('team', async () => {
    await first.promise;
    order.push('a');
  });
  const b = turns.take('team', async () => void order.push('b'));
  await turns.take('another', async () => void order.push('c'));
  first.resolve();
  await Promise.all([a, b]);
  expect(order).toEqual(['c', 'a', 'b']);
});

test('one that fails does not keep the next from its turn', async () => {
  const turns = new Turns();
  await expect(turns.take('team', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await turns.take('team', async () => 'yes')).toBe('yes');
});
