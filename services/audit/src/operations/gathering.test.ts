import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Gathering } from './gathering.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Whether the wait for some events has ended, now and later. */
function waiting(gathering: Gathering, events: number): { isOver: boolean } {
  const state = { isOver: false };
  void gathering.wait(events).then(() => (state.isOver = true));
  return state;
}

test('a few events wait for a moment, and for each other', async () => {
  const gathering = new Gathering();
  const first = waiting(gathering, 1);
  await vi.advanceTimersByTimeAsync(15);
  const second = waiting(gathering, 1);
  expect([first.isOver, second.isOver]).toEqual([false, false]);
  await vi.advanceTimersByTimeAsync(5);
  expect([first.isOver, second.isOver]).toEqual([true, true]);
});

test('events wait longer while many come, and for a moment again when they have become few', async () => {
  const gathering = new Gathering();
  waiting(gathering, 8);
  await vi.advanceTimersByTimeAsync(20);
  const many = waiting(gathering, 1);
  await vi.advanceTimersByTimeAsync(149);
  expect(many.isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(many.isOver).toBe(true);
  const few = waiting(gathering, 1);
  await vi.advanceTimersByTimeAsync(20);
  expect(few.isOver).toBe(true);
});

test('as many as one transaction wants wait for no others', async () => {
  const gathering = new Gathering();
  const first = waiting(gathering, 200);
  const second = waiting(gathering, 56);
  await vi.advanceTimersByTimeAsync(0);
  expect([first.isOver, second.isOver]).toEqual([true, true]);
  const third = waiting(gathering, 1);
  await vi.advanceTimersByTimeAsync(20);
  expect(third.isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(130);
  expect(third.isOver).toBe(true);
});
