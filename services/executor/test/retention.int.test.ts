import { randomUUID } from 'node:crypto';
import { Database, firstIdAt } from '@causeway/platform';
import { testDatabase } from '@causeway/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Settings } from '../src/config.js';
import { ExecutorStore } from '../src/store/runners/executor.store.js';
import { OldChatStore } from '../src/store/chats/old-chat.store.js';
import { OldRunStore } from '../src/store/old-run.store.js';
import { OverdueStore } from '../src/store/runners/overdue.store.js';
import { RunStore } from '../src/store/run.store.js';
import { Retaining } from '../src/supervisor/retaining.js';
import { aChunk, aReport, aStep, anEnd } from './a-chunk.js';
import { anEnvelope, tenant } from './an-envelope.js';

const { urls } = await testDatabase({ services: ['executor'] });
const pool = new Pool({ connectionString: urls['executor'] as string, max: 4 });
const database = new Database(pool, 'executor', (shared, schema) => new PrismaPg(shared, { schema }));
afterAll(() => pool.end());
const runs = new OldRunStore(database);
const store = new RunStore(database);
const runner = { id: randomUUID(), engineVersion: 1 };
const TABLES = ['execution', 'step_result', 'step_attempt', 'effect', 'incident'];

beforeEach(async () => {
  for (const table of [...TABLES, 'message', 'executor', 'outbox']) await pool.query(`DELETE FROM ${table}`);
  await pool.query(
    `INSERT INTO executor (id, kind, host, pid, engine_version) VALUES ($1, 'shared', 'test', 1, 1)`,
    [runner.id],
  );
});

/** A run with a row of each kind. */
async function aRun(isOver: boolean): Promise<string> {
  const envelope = anEnvelope();
  await store.claim([envelope], runner);
  const at = '2026-01-01T00:00:01.000Z';
  const call = { nodeId: 'n', nodeType: 'Agent', nodeName: 'Agent', startedAt: at };
  const effect = {
    path: 'n/1',
    state: 'intent',
    effects: 'unsafe',
    name: 'send',
    idempotencyKey: 'k',
  } as const;
  await store.write([
    aChunk(envelope.runId, {
      steps: [aStep('n', 2)],
      attempts: [{ path: 'n/1', ...call }],
      incidents: [{ seq: 3, at, type: 'effect.unknown', path: 'n/1', data: '{}' }],
      effects: [{ ...effect, requestHash: 'h', intendedAt: at }],
      ...(isOver && { end: anEnd(4) }),
    }),
  ]);
  return envelope.runId;
}

async function rowsOf(runId: string): Promise<number[]> {
  const count = (table: string): string => `(SELECT count(*)::int FROM ${table} WHERE run_id = $1)`;
  const { rows } = await pool.query({
    text: `SELECT ${TABLES.map(count).join(', ')}`,
    values: [runId],
    rowMode: 'array',
  });
  return rows[0] as number[];
}

describe('a run that is over', () => {
  test('is removed with all its rows, and a second removal changes nothing', async () => {
    const [gone, other] = [await aRun(true), await aRun(true)];
    expect(await runs.forget([gone], 'all')).toEqual({ kept: [], rows: 5 });
    expect(await rowsOf(gone)).toEqual([0, 0, 0, 0, 0]);
    expect(await rowsOf(other)).toEqual([1, 1, 1, 1, 1]);
    expect(await runs.forget([gone], 'all')).toEqual({ kept: [], rows: 0 });
  });

  test('can lose its payloads alone: its path and its times stay', async () => {
    const runId = await aRun(true);
    expect(await runs.forget([runId], 'payloads')).toEqual({ kept: [], rows: 2 });
    expect(await rowsOf(runId)).toEqual([1, 1, 1, 1, 1]);
    const { rows } = await pool.query(
      'SELECT e.result, e.status, s.outputs, s.status AS step FROM execution e JOIN step_result s USING (run_id)',
    );
    expect(rows).toEqual([{ result: null, status: 'succeeded', outputs: null, step: 'succeeded' }]);
  });

  test('has no envelope, however it ended', async () => {
    const [failed, overdue] = [await aRun(false), await aRun(false)];
    await store.write([aChunk(failed, { end: anEnd(4, { status: 'failed' }) })]);
    await pool.query(`UPDATE execution SET deadline_at = now() - interval '1 h' WHERE run_id = $1`, [
      overdue,
    ]);
    const late = new OverdueStore(database);
    const [picked] = await late.pick({ graceS: 5, crashLimit: 3, atMost: 9, pauseS: 3_600, silentS: 15 });
    if (!picked) throw new Error('nothing is overdue');
    await late.end(
      [{ ...picked, status: 'timed_out', error: '{}', outbox: [aReport()] }],
      new Date().toISOString(),
    );
    const { rows } = await pool.query('SELECT status, envelope FROM execution ORDER BY status');
    expect(rows).toEqual([
      { status: 'failed', envelope: null },
      { status: 'timed_out', envelope: null },
    ]);
  });
});

test('a run that is not over is kept whole, in a request with one that is over and one that is unknown', async () => {
  const [open, over, unknown] = [await aRun(false), await aRun(true), randomUUID()];
  for (const what of ['payloads', 'all'] as const)
    expect((await runs.forget([open, over, unknown], what)).kept).toEqual([open]);
  expect(await rowsOf(open)).toEqual([1, 1, 1, 1, 1]);
  expect((await store.write([aChunk(open, { steps: [aStep('m', 4)] })]))[0]).toMatchObject({
    kind: 'written',
  });
});

test('the size of runs is estimated by the time of their end', async () => {
  const [old, young] = [await aRun(true), await aRun(true)];
  const at = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
  const set = 'UPDATE execution SET run_id = $1, finished_at = $2 WHERE run_id = $3';
  await pool.query(set, [firstIdAt(Date.parse(at(3))), at(3), old]);
  await pool.query(set, [firstIdAt(Date.parse(at(3)) + 1), at(1), young]);
  const { rows, bytes } = await runs.measure(at(2));
  expect(rows).toBe(1);
  expect(bytes).toBeGreaterThan(8_192);
});

describe('chat messages', () => {
  const retaining = (): Retaining =>
    new Retaining(database, new OldChatStore(database), new ExecutorStore(database), {
      messageDays: 90,
    } as Settings);

  async function aMessage(sessionId: string, days: number, over: { runId?: string; teamId?: string } = {}) {
    await pool.query(
      `INSERT INTO message (id, organisation_id, team_id, flow_id, run_id, session_id, context_id, sender, sender_name, error, at, seq, body)
       VALUES ($1, $2, $3, $1, $4, $5, '', 'User', 'Ada', false, now() - make_interval(secs => $6 * 86400.0), 1, '{}')`,
      [
        randomUUID(),
        tenant.organisationId,
        over.teamId ?? tenant.teamId,
        over.runId ?? null,
        sessionId,
        days,
      ],
    );
  }
  async function sessions(): Promise<Record<string, number>> {
    const { rows } = await pool.query<{ s: string; n: number }>(
      'SELECT session_id AS s, count(*)::int AS n FROM message GROUP BY 1',
    );
    return Object.fromEntries(rows.map(({ s, n }) => [s, n]));
  }

  test('are removed with their session, when it had no new message for so long', async () => {
    for (const days of [400, 200, 90.001]) await aMessage('old', days);
    for (const days of [400, 200, 89.999]) await aMessage('young', days);
    await aMessage('old', 1, { teamId: randomUUID() });
    await retaining().round();
    expect(await sessions()).toEqual({ old: 1, young: 3 });
  });

  test('of a session with a running run stay', async () => {
    await aMessage('waits', 400, { runId: await aRun(false) });
    await aMessage('over', 400, { runId: await aRun(true) });
    await retaining().round();
    expect(await sessions()).toEqual({ waits: 1 });
  });

  test('are removed however many there are, of many sessions and of one', async () => {
    const insert = `INSERT INTO message (id, organisation_id, team_id, flow_id, session_id, context_id, sender, sender_name, error, at, seq, body)
      SELECT gen_random_uuid(), $1, $2, $2, $3 || (CASE WHEN $4 THEN n::text ELSE '' END), '', 'User', 'Ada', false, now() - interval '100 d', n, '{}'
      FROM generate_series(1, 700) n`;
    await pool.query(insert, [tenant.organisationId, tenant.teamId, 'many', true]);
    await pool.query(insert, [tenant.organisationId, tenant.teamId, 'one', false]);
    await aMessage('young', 1);
    expect((await retaining().plan()).kinds[0]).toMatchObject({
      kind: 'messages',
      setting: 'CAUSEWAY_MESSAGE_DAYS',
      keepDays: 90,
      rows: 1_400,
    });
    await retaining().round();
    expect(await sessions()).toEqual({ young: 1 });
  });
});

test('the row of an ended runner is removed after a day, unless the runner holds a run', async () => {
  const [old, young, holder] = [randomUUID(), randomUUID(), randomUUID()];
  for (const [id, hours] of [
    [old, 25],
    [young, 23],
    [holder, 25],
  ])
    await pool.query(
      `INSERT INTO executor (id, kind, host, pid, engine_version, ended_at)
       VALUES ($1, 'quarantine', 'test', 1, 1, now() - make_interval(hours => $2))`,
      [id, hours],
    );
  await pool.query('UPDATE execution SET owner = $1 WHERE run_id = $2', [holder, await aRun(false)]);
  const settings = { messageDays: 90 } as Settings;
  await new Retaining(database, new OldChatStore(database), new ExecutorStore(database), settings).round();
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM executor');
  expect(rows.map(({ id }) => id).sort()).toEqual([runner.id, young, holder].sort());
});
