import { expect, test } from 'vitest';
import { waitFor } from './wait-for.js';

test('returns the condition’s value as soon as it has one', async () => {
  let asked = 0;
  const found = await waitFor(() => ((asked += 1) === 3 ? 'there' : undefined), { everyMs: 1 });
  expect([found, asked]).toEqual(['there', 3]);
});

test('gives up with an error that names what was waited for and the last failure', async () => {
  const waiting = waitFor(() => Promise.reject(new Error('no route')), {
    timeoutMs: 10,
    everyMs: 1,
    what: 'the answer',
  });
  await expect(waiting).rejects.toThrow('not within 10 ms: the answer: no route');
});
