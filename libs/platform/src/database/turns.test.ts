import { expect, test } from 'vitest';
import { Turns } from './turns.js';

test('turns of one key run one after the other, those of other keys at the same time', async () => {
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

test('a turn that fails does not stop the next one', async () => {
  const turns = new Turns();
  await expect(turns.take('team', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await turns.take('team', async () => 'yes')).toBe('yes');
});
