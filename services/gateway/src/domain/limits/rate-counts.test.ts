import { describe, expect, test } from 'vitest';
import { RateCounts } from './rate-counts.js';

const WINDOW_MS = 60_000;

function counted(counts: RateCounts, caller: string, times: number, nowMs: number): number {
  for (let n = 0; n < times; n++) counts.add(caller, nowMs);
  return counts.find(caller, nowMs).used;
}

describe('requests of a caller', () => {
  test('are counted in a window, and from 0 in the next', () => {
    const counts = new RateCounts(WINDOW_MS);
    expect(counted(counts, 'a', 3, 0)).toBe(3);
    expect(counts.find('a', 59_999)).toEqual({ used: 3, endsAtMs: WINDOW_MS });
    expect(counts.find('a', WINDOW_MS)).toEqual({ used: 0, endsAtMs: 2 * WINDOW_MS });
    expect(counted(counts, 'a', 1, WINDOW_MS)).toBe(1);
    expect(counts.find('b', 0).used).toBe(0);
  });

  test('are told once, each time those that are new', () => {
    const counts = new RateCounts(WINDOW_MS);
    counted(counts, 'a', 3, 0);
    counted(counts, 'b', 1, 0);
    expect(counts.takeUntold(1, 0)).toEqual([{ caller: 'a', count: 3 }]);
    counted(counts, 'a', 2, 1);
    expect(counts.takeUntold(10, 1)).toEqual([
      { caller: 'b', count: 1 },
      { caller: 'a', count: 2 },
    ]);
    expect(counts.takeUntold(10, 1)).toEqual([]);
  });

  test('are not told once their window is over', () => {
    const counts = new RateCounts(WINDOW_MS);
    counted(counts, 'a', 3, 0);
    expect(counts.takeUntold(10, WINDOW_MS)).toEqual([]);
  });
});

describe('requests that others have counted', () => {
  test('are added to those of this process, and the window ends when theirs does', () => {
    const counts = new RateCounts(WINDOW_MS);
    counted(counts, 'a', 3, 0);
    counts.takeUntold(10, 0);
    counted(counts, 'a', 2, 1);
    counts.learn('a', 10, 5_000, 1);
    expect(counts.find('a', 1)).toEqual({ used: 12, endsAtMs: 5_001 });
    counts.learn('a', 20, 60_000, 2);
    expect(counts.find('a', 2)).toEqual({ used: 22, endsAtMs: 5_001 });
  });

  test('count again from 0 when their store was emptied, but this process keeps its own', () => {
    const counts = new RateCounts(WINDOW_MS);
    counted(counts, 'a', 5, 0);
    counts.takeUntold(10, 0);
    counts.learn('a', 50, WINDOW_MS, 0);
    counted(counts, 'a', 1, 0);
    counts.takeUntold(10, 0);
    counts.learn('a', 1, WINDOW_MS, 0);
    expect(counts.find('a', 0).used).toBe(6);
  });
});

test('memory is bounded, and the window that began first is forgotten', () => {
  const counts = new RateCounts(WINDOW_MS, 100);
  for (let n = 0; n < 1_000; n++) counts.add(`caller ${n}`, n);
  expect(counts.size).toBe(100);
  expect(counts.takeUntold(5_000, 1_000)).toHaveLength(100);
  expect(counts.find('caller 999', 1_000).used).toBe(1);
  expect(counts.find('caller 0', 1_000).used).toBe(0);
  counts.add('a', 200_000);
  expect(counts.size).toBe(1);
});
