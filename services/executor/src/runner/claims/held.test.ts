import { expect, test } from 'vitest';
import { Held } from './held.js';

test('two comparisons at the same time are one, so a run that is just being claimed is not given back', async () => {
  const answers: ((held: { runId: string; cancelRequested: boolean }[]) => void)[] = [];
  const released: unknown[] = [];
  const executors = {
    findHeld: () => new Promise((resolve) => answers.push(resolve)),
    release: async (...given: unknown[]) => released.push(given),
  };
  const runs = { has: () => false, cancel: () => {} };
  const held = new Held({ id: 'runner' } as never, runs as never, executors as never, {} as never);
  const both = [held.compare(), held.compare()];
  expect(answers).toHaveLength(1);
  for (const answer of answers) answer([{ runId: 'claimed', cancelRequested: false }]);
  await Promise.all(both);
  expect(released).toEqual([]);
  const next = held.compare();
  answers[1]?.([{ runId: 'claimed', cancelRequested: false }]);
  await next;
  expect(released).toEqual([['runner', ['claimed']]]);
});
