import { randomUUID } from 'node:crypto';
import { testDatabase } from '@causeway/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { countSuspectsSql, findDeadSql, heartbeatSql, holdLifeLockSql } from '../src/store/executor.sql.js';
import { OverdueStore } from '../src/store/overdue.store.js';
import { RunStore } from '../src/store/run.store.js';
import { aChunk, aStep } from './a-chunk.js';
import { anEnvelope } from './an-envelope.js';
import { connect } from './connection.js';

const database = await testDatabase({ services: ['executor'] });
const connection = await connect(database.urls['executor'] as string);
const elsewhere = await connect(database.urls['executor'] as string);
const store = new RunStore(connection);

beforeEach(() =>
  connection.query('DELETE FROM executor').then(() => connection.query('DELETE FROM execution')),
);

async function runner(kind: 'shared' | 'solo', silentS = 0): Promise<string> {
  const id = randomUUID();
  await connection.query(
    `INSERT INTO executor (id, kind, host, pid, engine_version, heartbeat_at)
     VALUES ($1, $2, 'test', 1, 1, clock_timestamp() - make_interval(secs => $3))`,
    [id, kind, silentS],
  );
  return id;
}

/** As the sweeper does, on a Postgres that has been up for long enough. */
async function findDead(sinceStartS = 0): Promise<string[]> {
  const sql = findDeadSql.replace(
    'pg_postmaster_start_time()',
    `clock_timestamp() - interval '${sinceStartS} s'`,
  );
  return (await connection.query<{ id: string }>(sql, [3, 15])).rows.map((row) => row.id);
}

const suspects = async (): Promise<number> =>
  (await connection.query<{ suspects: number }>(countSuspectsSql, [[1]])).rows[0]?.suspects ?? -1;

describe('a runner is found dead', () => {
  test('when it was silent for 3 s and nobody holds its lock', async () => {
    const id = await runner('shared', 4);
    expect(await findDead(60)).toEqual([id]);
    expect((await connection.query(heartbeatSql, [id])).rowCount).toBe(0);
  });

  test('not while its lock is held', async () => {
    const id = await runner('shared', 4);
    await elsewhere.query(holdLifeLockSql, [id]);
    expect(await findDead(60)).toEqual([]);
    await elsewhere.query('SELECT pg_advisory_unlock_all()');
    expect(await findDead(60)).toEqual([id]);
  });

  test('after 15 s of silence even while its lock is held', async () => {
    const id = await runner('shared', 16);
    await elsewhere.query(holdLifeLockSql, [id]);
    expect(await findDead(60)).toEqual([id]);
    await elsewhere.query('SELECT pg_advisory_unlock_all()');
  });

  test('not within 15 s of a start of Postgres', async () => {
    await runner('shared', 20);
    expect(await findDead(14)).toEqual([]);
    expect(await findDead(16)).toHaveLength(1);
  });

  test('not when it was heard of lately', async () => {
    await runner('shared', 2);
    expect(await findDead(60)).toEqual([]);
  });
});

describe('runs of a dead runner', () => {
  async function orphan(kind: 'shared' | 'solo'): Promise<string> {
    const id = await runner(kind);
    const envelope = anEnvelope();
    await store.claim([envelope], { id, engineVersion: 1 });
    await connection.query('UPDATE executor SET ended_at = now() WHERE id = $1', [id]);
    return envelope.runId;
  }
  const solo = async () => ({ id: await runner('solo'), takesSuspects: true, readableEngines: [1] });

  test('are suspects: only a runner that takes one at a time gets them', async () => {
    const runId = await orphan('shared');
    expect(await suspects()).toBe(1);
    const shared = { id: await runner('shared'), takesSuspects: false, readableEngines: [1] };
    expect(await store.adopt(shared, 10, 3)).toEqual([]);
    expect(await store.adopt(await solo(), 10, 3)).toMatchObject([{ runId, epoch: 2, isSuspect: true }]);
    expect(await suspects()).toBe(0);
  });

  test('count only deaths alone, and are nobody’s after the third', async () => {
    const runId = await orphan('shared');
    for (const epoch of [2, 3, 4]) {
      const taker = await solo();
      expect(await store.adopt(taker, 10, 3)).toMatchObject([{ runId, epoch }]);
      await connection.query('UPDATE executor SET ended_at = now() WHERE id = $1', [taker.id]);
    }
    expect(await store.adopt(await solo(), 10, 3)).toEqual([]);
    const overdue = new OverdueStore(connection);
    expect(await overdue.pick({ graceS: 5, crashLimit: 3, atMost: 10 })).toMatchObject([
      { runId, crashes: 3, isOverdue: false },
    ]);
  });

  test('are left alone by an engine that cannot read their journal', async () => {
    await orphan('shared');
    expect(await store.adopt({ ...(await solo()), readableEngines: [2] }, 10, 3)).toEqual([]);
  });

  test('end with the number of events that were written', async () => {
    const id = await runner('shared');
    const envelope = anEnvelope({ limits: { timeoutMs: 1, maxTokens: 1, memoryBytes: 1 } });
    const { runId } = envelope;
    await store.claim([envelope], { id, engineVersion: 1 });
    await store.write([aChunk(runId, { steps: [aStep('a', 2, { tokens: { input: 1, output: 5 } })] })]);
    const overdue = new OverdueStore(connection);
    const picked = await overdue.pick({ graceS: -1, crashLimit: 3, atMost: 10 });
    expect(picked).toMatchObject([{ runId, isOverdue: true }]);
    await overdue.end(
      picked.map((run) => ({ ...run, status: 'timed_out', error: '{}', outbox: [] })),
      '2026-01-01T00:00:09Z',
    );
    const { rows } = await connection.query(
      'SELECT status, epoch, last_seq, tokens_used FROM execution WHERE run_id = $1',
      [runId],
    );
    expect(rows).toEqual([{ status: 'timed_out', epoch: 2, last_seq: 3, tokens_used: 5 }]);
  });
});
