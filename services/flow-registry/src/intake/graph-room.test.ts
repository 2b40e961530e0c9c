import { withContext } from '@causeway/platform';
import { expect, test } from 'vitest';
import { GraphRoom } from './graph-room.js';

const refusal = (code: string, limitBytes: number) =>
  expect.objectContaining({
    code,
    details: expect.objectContaining({ limitName: 'CAUSEWAY_MAX_GRAPHS_BYTES', limitBytes }),
  });

/** A room, and what holds some of it for a team until it is told to end. */
function aRoom() {
  const room = new GraphRoom({ maxGraphsBytes: 16_000_000 });
  return (teamId: string, bytes: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const held = withContext({ teamId }, () => room.hold(bytes, () => promise));
    held.catch(() => {});
    return {
      held,
      end: async () => {
        resolve();
        await held;
      },
    };
  };
}

test('a team may use its share, and others still have room', async () => {
  const hold = aRoom();
  const first = hold('a', 3_000_000);
  await expect(hold('a', 1_000_001).held).rejects.toEqual(refusal('TEAM_GRAPHS_FULL', 4_000_000));
  await hold('b', 4_000_000).end();
  await first.end();
  await hold('a', 4_000_000).end();
});

test('all teams together may not use more than the room', async () => {
  const hold = aRoom();
  const all = ['a', 'b', 'c', 'd'].map((team) => hold(team, 4_000_000));
  await expect(hold('e', 1).held).rejects.toEqual(refusal('GRAPHS_FULL', 16_000_000));
  await Promise.all(all.map(({ end }) => end()));
  await hold('e', 1).end();
});

test('small tasks are counted too, and a graph that is larger than the room is accepted alone', async () => {
  const hold = aRoom();
  const few = [1, 2, 3, 4].map(() => hold('a', 1));
  await expect(hold('a', 1).held).rejects.toEqual(refusal('TEAM_GRAPHS_FULL', 4_000_000));
  await Promise.all(few.map(({ end }) => end()));
  await hold('a', 20_000_000).end();
});
