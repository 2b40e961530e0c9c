import { expect, test } from 'vitest';
import { waitFor } from './wait-for.js';

test('returns what the condition gives as soon as it gives something', async () => {
  let asked = 0;
  const found = await waitFor(() => ((asked += 1) === 3 ? 'there' : undefined), { everyMs: 1 });
  expect([found, asked]).toEqual(['there', 3]);
});

test('gives up with what was waited for and why it never came', async () => {
  const waiting = waitFor(() => Promise.reject(new Error('no route')), {
    timeoutMs: 10,
    everyMs: 1,
    what: 'the answer',
  });
  await expect(waiting).rejects.toThrow('not within 10 ms: the answer: no route');
});
