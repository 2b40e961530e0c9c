import type { StepCall } from '@causeway/components/runtime';
import { testDatabase } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import type { RunAttempt } from '../src/walk/run-attempt.js';
import { Attempts, caller } from './an-attempt.js';
import { connect, openPool } from './connection.js';

const database = await testDatabase({ services: ['executor'] });
const connection = openPool(database.urls['executor'] as string);
const attempts = new Attempts(connection);
/** Locks rows while others wait for them. */
const holder = await connect(database.urls['executor'] as string);

/** The calls that were made, as the outside world received them. */
class Outside {
  readonly heard: { request: unknown; key: string }[] = [];

  call(
    request: string,
    changes: Partial<StepCall> = {},
    answer: () => Promise<string> = async () => `to ${request}`,
  ): StepCall {
    return {
      kind: 'tool',
      name: 'ask',
      effects: 'none',
      request,
      call: async ({ idempotencyKey }) => {
        this.heard.push({ request, key: idempotencyKey });
        return { answer: await answer(), tokens: { input: 1, output: 2 }, model: 'm' };
      },
      ...changes,
    };
  }

  get requests(): unknown[] {
    return this.heard.map(({ request }) => request);
  }
}

const stepsOf = (attempt: RunAttempt) => attempts.calls.of(attempt, caller, 'Agent-1');

async function rowsOf(attempt: RunAttempt): Promise<Record<string, unknown>[]> {
  const sql =
    'SELECT path, status, epoch, possibly_paid_twice AS twice FROM step_result WHERE run_id = $1 ORDER BY seq';
  return (await connection.query(sql, [attempt.envelope.runId])).rows;
}

async function effectsOf(attempt: RunAttempt): Promise<Record<string, unknown>[]> {
  const sql = 'SELECT path, state, epoch FROM effect WHERE run_id = $1 ORDER BY path';
  return (await connection.query(sql, [attempt.envelope.runId])).rows;
}

async function eventsOf(attempt: RunAttempt): Promise<string[]> {
  const sql = 'SELECT seq, type FROM run_event WHERE run_id = $1 ORDER BY seq';
  const { rows } = await connection.query<{ seq: number; type: string }>(sql, [attempt.envelope.runId]);
  expect(rows.map((row) => row.seq)).toEqual(rows.map((_, index) => index + 1));
  return rows.map((row) => row.type);
}

describe('the next attempt', () => {
  test('gets the answers of the previous one without a call, and continues from there', async () => {
    const outside = new Outside();
    const first = await attempts.first();
    const step = stepsOf(first);
    await step(outside.call('a'));
    await step(outside.call('b'));
    await first.journal.flush();

    const second = await attempts.next(first);
    const again = stepsOf(second);
    expect(await again(outside.call('a'))).toEqual({
      answer: 'to a',
      tokens: { input: 1, output: 2 },
      model: 'm',
    });
    expect((await again(outside.call('b'))).answer).toBe('to b');
    expect((await again(outside.call('c'))).answer).toBe('to c');
    expect((await again(outside.call('d'))).answer).toBe('to d');
    await second.journal.flush();
    expect(outside.requests).toEqual(['a', 'b', 'c', 'd']);
    // The first call that it makes may have been in flight before; the calls after that one are certainly new.
    expect(await rowsOf(second)).toEqual([
      { path: 'Agent-1/1', status: 'succeeded', epoch: 1, twice: false },
      { path: 'Agent-1/2', status: 'succeeded', epoch: 1, twice: false },
      { path: 'Agent-1/3', status: 'succeeded', epoch: 2, twice: true },
      { path: 'Agent-1/4', status: 'succeeded', epoch: 2, twice: false },
    ]);
  });

  test('makes at most one paid call again: the next one begins when the paid answers before it are committed', async () => {
    const outside = new Outside();
    const attempt = await attempts.first();
    const step = stepsOf(attempt);
    await holder.query('BEGIN');
    await holder.query('SELECT FROM execution WHERE run_id = $1 FOR UPDATE', [attempt.envelope.runId]);
    await step(outside.call('model 1', { kind: 'model' }));
    await step(outside.call('tool 2'));
    const third = step(outside.call('model 3', { kind: 'model' }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(outside.requests).toEqual(['model 1', 'tool 2']);
    await holder.query('COMMIT');
    await third;
    expect(outside.requests).toEqual(['model 1', 'tool 2', 'model 3']);
    expect((await rowsOf(attempt)).map((row) => row['path']).slice(0, 2)).toEqual(['Agent-1/1', 'Agent-1/2']);
  });

  test('marks each of several parallel calls as possibly in flight before', async () => {
    const outside = new Outside();
    const second = await attempts.next(await attempts.first());
    const step = stepsOf(second);
    await Promise.all(['a', 'b', 'c'].map((request) => step(outside.call(request))));
    await second.journal.flush();
    expect((await rowsOf(second)).map((row) => row['twice'])).toEqual([true, true, true]);
  });

  test('fails again where a call failed', async () => {
    const outside = new Outside();
    const fail = { call: async () => Promise.reject(new Error('no')) };
    const first = await attempts.first();
    await expect(stepsOf(first)(outside.call('a', fail))).rejects.toThrow('no');
    await first.journal.flush();
    const second = await attempts.next(first);
    await expect(stepsOf(second)(outside.call('a'))).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(outside.requests).toEqual([]);
  });

  test('drops a call whose request differs now, and those that followed it, and leaves an event for each', async () => {
    const outside = new Outside();
    const first = await attempts.first();
    const step = stepsOf(first);
    for (const request of ['a', 'b', 'c']) await step(outside.call(request));
    await first.journal.flush();

    const second = await attempts.next(first);
    const again = stepsOf(second);
    expect((await again(outside.call('a'))).answer).toBe('to a');
    expect((await again(outside.call('other'))).answer).toBe('to other');
    expect((await again(outside.call('c'))).answer).toBe('to c');
    await second.journal.flush();
    expect(outside.requests).toEqual(['a', 'b', 'c', 'other', 'c']);
    // The changed request was never sent before.
    expect((await rowsOf(second)).map((row) => [row['path'], row['epoch'], row['twice']])).toEqual([
      ['Agent-1/1', 1, false],
      ['Agent-1/2', 2, false],
      ['Agent-1/3', 2, false],
    ]);
    expect(await eventsOf(second)).toEqual([
      'run.started',
      'step.succeeded',
      'step.dropped',
      'step.dropped',
      'step.succeeded',
      'step.succeeded',
    ]);
  });

  test('finds calls inside calls again', async () => {
    const outside = new Outside();
    const nested = outside.call('outer', {
      call: async ({ step }) => ({ answer: (await step?.(outside.call('inner')))?.answer ?? null }),
    });
    const first = await attempts.first();
    expect((await stepsOf(first)(nested)).answer).toBe('to inner');
    await first.journal.flush();
    expect((await rowsOf(first)).map((row) => row['path'])).toEqual(['Agent-1/1/1', 'Agent-1/1']);
  });
});

describe('a call that changes the outside world', () => {
  test('is committed as an intent before it is made, and as confirmed after', async () => {
    const outside = new Outside();
    const attempt = await attempts.first();
    const seen: unknown[] = [];
    const call = outside.call('send', { effects: 'keyed' }, async () => {
      seen.push(await effectsOf(attempt));
      return 'sent';
    });
    await stepsOf(attempt)(call);
    await attempt.journal.flush();
    expect(seen).toEqual([[{ path: 'Agent-1/1', state: 'intent', epoch: 1 }]]);
    expect(await effectsOf(attempt)).toEqual([{ path: 'Agent-1/1', state: 'confirmed', epoch: 1 }]);
  });

  test('cut off by a crash, is made again with the same key', async () => {
    const outside = new Outside();
    const first = await attempts.first();
    void stepsOf(first)(outside.call('send', { effects: 'keyed' }, () => new Promise(() => {})));
    await first.journal.flush();
    await expect.poll(() => outside.heard.length).toBe(1);

    const second = await attempts.next(first);
    await stepsOf(second)(outside.call('send', { effects: 'keyed' }));
    await second.journal.flush();
    expect(outside.heard).toHaveLength(2);
    expect(outside.heard[1]?.key).toBe(outside.heard[0]?.key);
    expect(await effectsOf(second)).toEqual([{ path: 'Agent-1/1', state: 'confirmed', epoch: 2 }]);
    expect(await eventsOf(second)).toEqual(['run.started', 'effect.unknown', 'step.succeeded']);
  });

  test('is possibly paid twice only when an earlier attempt has left its intent', async () => {
    const outside = new Outside();
    const send = () => outside.call('send', { effects: 'keyed' });
    const second = await attempts.next(await attempts.first());
    await stepsOf(second)(send());
    await second.journal.flush();
    expect((await rowsOf(second)).map((row) => row['twice'])).toEqual([false]);

    const first = await attempts.first();
    void stepsOf(first)(outside.call('send', { effects: 'keyed' }, () => new Promise(() => {})));
    await expect.poll(async () => (await effectsOf(first)).length).toBe(1);
    const next = await attempts.next(first);
    await stepsOf(next)(send());
    await next.journal.flush();
    expect((await rowsOf(next)).map((row) => row['twice'])).toEqual([true]);
  });

  test('cut off by a crash and without a key, is not made again: its outcome is unknown', async () => {
    const outside = new Outside();
    const first = await attempts.first();
    void stepsOf(first)(outside.call('send', { effects: 'unsafe' }, () => new Promise(() => {})));
    await expect.poll(() => outside.heard.length).toBe(1);

    const second = await attempts.next(first);
    const again = stepsOf(second)(outside.call('send', { effects: 'unsafe' }));
    await expect(again).rejects.toMatchObject({ code: 'EFFECT_UNKNOWN' });
    expect(outside.heard).toHaveLength(1);
    expect(await effectsOf(second)).toMatchObject([{ state: 'unknown' }]);
  });

  test('is not made by a runner that has lost its lease', async () => {
    const outside = new Outside();
    const first = await attempts.first();
    await attempts.next(first);
    const late = stepsOf(first)(outside.call('send', { effects: 'unsafe' }));
    await expect(late).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(outside.heard).toEqual([]);
  });

  test('that fails is recorded as failed, and one whose answer is too large as confirmed', async () => {
    const outside = new Outside();
    const attempt = await attempts.first();
    const step = stepsOf(attempt);
    const failing = outside.call('a', { effects: 'unsafe' }, () => Promise.reject(new Error('refused')));
    await expect(step(failing)).rejects.toThrow('refused');
    const large = outside.call('b', { effects: 'unsafe' }, async () => 'x'.repeat(3_000));
    await expect(step(large)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    await attempt.journal.flush();
    expect((await effectsOf(attempt)).map((effect) => effect['state'])).toEqual(['failed', 'confirmed']);
    expect((await rowsOf(attempt)).map((row) => row['status'])).toEqual(['failed', 'failed']);
  });
});

describe('limits', () => {
  test('on the result of one step and of all together are named with their values', async () => {
    const outside = new Outside();
    const attempt = await attempts.first(10_000);
    const step = stepsOf(attempt);
    const tooLarge = step(outside.call('a', {}, async () => 'x'.repeat(1_999)));
    await expect(tooLarge).rejects.toThrow(/more than 2000 bytes, the limit CAUSEWAY_STEP_OUTPUT_BYTES/);
    for (let n = 0; n < 5; n++) await step(outside.call(`b${n}`, {}, async () => 'x'.repeat(1_900)));
    await expect(step(outside.call('c', {}, async () => 'x'.repeat(1_900)))).rejects.toThrow(
      /more than 10000 bytes, the limit CAUSEWAY_RUN_OUTPUT_BYTES/,
    );
  });

  test('on tokens hold for parallel calls, which do not know each other’s tokens', async () => {
    const outside = new Outside();
    const attempt = await attempts.first(5);
    const step = stepsOf(attempt);
    const made = await Promise.allSettled(['a', 'b', 'c'].map((request) => step(outside.call(request))));
    expect(made.map((one) => one.status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect((made[2] as PromiseRejectedResult).reason).toMatchObject({ code: 'LIMIT_TOKENS' });
  });
});
