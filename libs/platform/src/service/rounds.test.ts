import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Rounds, type RoundsOptions } from './rounds.js';

/** Rounds that take until they are let go on. */
class Slow extends Rounds {
  begun = 0;
  private goOn: ((error?: Error) => void) | undefined;

  constructor(options: Partial<RoundsOptions> = {}) {
    super({ everyMs: 60_000, failure: 'not done', ...options });
  }

  protected round(): Promise<void> {
    this.begun += 1;
    return new Promise((resolve, reject) => {
      this.goOn = (error) => (error ? reject(error) : resolve());
    });
  }

  /** Ends the round that runs. */
  async end(error?: Error): Promise<void> {
    this.goOn?.(error);
    await vi.advanceTimersByTimeAsync(0);
  }

  again(): void {
    this.wakeSoon();
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('a round begins at the start, and again and again', async () => {
  const rounds = new Slow();
  rounds.onApplicationBootstrap();
  expect(rounds.begun).toBe(1);
  await rounds.end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(rounds.begun).toBe(2);
});

test('one more round follows what was woken a thousand times while one ran', async () => {
  const rounds = new Slow();
  for (let time = 0; time < 1_000; time += 1) rounds.wake();
  expect(rounds.begun).toBe(1);
  await rounds.end();
  expect(rounds.begun).toBe(2);
  await rounds.end();
  expect(rounds.begun).toBe(2);
  rounds.wake();
  expect(rounds.begun).toBe(3);
});

test('a round that failed is followed by another one, soon where that is wanted', async () => {
  const rounds = new Slow({ againMs: 1_000 });
  rounds.wake();
  await rounds.end(new Error('not now'));
  expect(rounds.begun).toBe(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(rounds.begun).toBe(2);
});

test('the end waits for the round that runs, and none begins after it', async () => {
  const rounds = new Slow({ againMs: 1_000 });
  rounds.onApplicationBootstrap();
  rounds.again();
  rounds.wake();
  let hasEnded = false;
  const ended = rounds.onApplicationShutdown().then(() => (hasEnded = true));
  await vi.advanceTimersByTimeAsync(120_000);
  expect(hasEnded).toBe(false);
  await rounds.end();
  await ended;
  rounds.wake();
  rounds.again();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(rounds.begun).toBe(1);
});
