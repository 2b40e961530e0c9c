import { expect, test } from 'vitest';
import type { Database } from '../database/database.js';
import { scrapeMetrics } from '../telemetry/metrics.js';
import { Retention } from './retention.js';

/** A database whose lock is free, and for whose connections so many statements wait. */
function aDatabase(waitingCount: number): Database {
  const transaction = { query: async () => ({ rows: [{ ours: true }] }) };
  return {
    pool: { waitingCount },
    transaction: (act: (given: typeof transaction) => unknown) => act(transaction),
  } as unknown as Database;
}

async function countOf(metric: string, kind: string): Promise<number> {
  const found = new RegExp(`^causeway_retention_${metric}_total\\{kind="${kind}"\\} (\\d+)$`, 'm');
  return Number(found.exec(await scrapeMetrics({}))?.[1] ?? 0);
}

/** Does a round with 250 rows of a kind due. @returns how many each batch was to remove at most */
async function removeAll(database: Database, kind: string): Promise<number[]> {
  const batches: number[] = [];
  let due = 250;
  const remove = async (_: unknown, atMost: number) => {
    batches.push(atMost);
    const rows = Math.min(due, atMost);
    due -= rows;
    return { rows, isMore: due > 0 };
  };
  const measure = async () => ({ rows: due, bytes: 0, oldest: null });
  await new Retention(database, [{ kind, keepDays: 1, remove, measure }]).round();
  return batches;
}

test('nothing gives way where no statement waits for a connection, and quick batches grow', async () => {
  expect(await removeAll(aDatabase(0), 'quiet')).toEqual([100, 200]);
  expect(await countOf('removed', 'quiet')).toBe(250);
  expect([await countOf('gave_way', 'quiet'), await countOf('pressed', 'quiet')]).toEqual([0, 0]);
});

test('where statements always wait for a connection, old data leaves too, in batches that stay small', async () => {
  expect(await removeAll(aDatabase(3), 'busy')).toEqual([100, 100, 100]);
  expect(await countOf('removed', 'busy')).toBe(250);
  expect([await countOf('gave_way', 'busy'), await countOf('pressed', 'busy')]).toEqual([3, 3]);
});
