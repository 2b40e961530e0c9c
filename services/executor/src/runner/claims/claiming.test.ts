import { Doorbells } from '@causeway/platform';
import { expect, test } from 'vitest';
import { Claiming } from './claiming.js';

test('two doorbells for one run at the same time begin it once', async () => {
  const begun: string[] = [];
  const lease = { runId: 'a-run', epoch: 1, claimedMs: 0, deadlineMs: 1 };
  const batches: number[] = [];
  const store = {
    claim: async (envelopes: unknown[]) => {
      batches.push(envelopes.length);
      return new Map([['a-run', lease]]);
    },
  };
  const running = {
    size: 0,
    start: ({ envelope }: { envelope: { runId: string } }) => begun.push(envelope.runId),
  };
  const settings = { runsPerRunner: 64 };
  const claiming = new Claiming(
    store as never,
    running as never,
    {} as never,
    new Doorbells(),
    settings as never,
  );
  const envelope = { runId: 'a-run' } as never;
  await Promise.all([claiming.claim(envelope), claiming.claim(envelope)]);
  expect(batches).toEqual([2]);
  expect(begun).toEqual(['a-run']);
});
