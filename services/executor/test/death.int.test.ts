import { randomUUID } from 'node:crypto';
import { testDatabase, waitFor } from '@causeway/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { adoptSql } from '../src/store/adopt.sql.js';
import { countSuspectsSql, findDeadSql, heartbeatSql, tryLifeLockSql } from '../src/store/executor.sql.js';
import { OverdueStore } from '../src/store/overdue.store.js';
import { RunStore } from '../src/store/run.store.js';
import { aChunk, aStep } from './a-chunk.js';
import { anEnvelope } from './an-envelope.js';
import { connect } from './connection.js';

const database = await testDatabase({ services: ['executor'] });
const connection = await connect(database.urls['executor'] as string);
const elsewhere = await connect(database.urls['executor'] as string);
const slowConnection = await connect(database.urls['executor'] as string);
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
    await elsewhere.query(tryLifeLockSql, [id]);
    expect(await findDead(60)).toEqual([]);
    await elsewhere.query('SELECT pg_advisory_unlock_all()');
    expect(await findDead(60)).toEqual([id]);
  });

  test('after 15 s of silence even while its lock is held', async () => {
    const id = await runner('shared', 16);
    await elsewhere.query(tryLifeLockSql, [id]);
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
  async function claimedBy(id: string): Promise<{ runId: string }> {
    const envelope = anEnvelope();
    await store.claim([envelope], { id, engineVersion: 1 });
    return envelope;
  }
  async function orphan(kind: 'shared' | 'solo'): Promise<string> {
    const id = await runner(kind);
    const envelope = await claimedBy(id);
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
    expect(
      await overdue.pick({ graceS: 5, crashLimit: 3, atMost: 10, pauseS: 3_600, silentS: 15 }),
    ).toMatchObject([{ runId, crashes: 3, isOverdue: false }]);
  });

  test.each(['held by the one that died', 'given back'])(
    'go to one of two that look at once, %s',
    async (how) => {
      const runId = await orphan('shared');
      if (how === 'given back')
        await connection.query('UPDATE execution SET owner = NULL, suspect = true WHERE run_id = $1', [
          runId,
        ]);
      const [quick, slow] = [await solo(), await solo()];
      // The slow one has looked, and finds the row free again once the quick one has committed.
      await elsewhere.query('SELECT pg_advisory_lock(7)');
      const waiting = adoptSql.replace(
        "WHERE e.status = 'running'",
        `$& AND (SELECT pg_advisory_xact_lock(7)) IS NOT NULL`,
      );
      const late = slowConnection.query<{ run_id: string }>(waiting, [slow.id, true, [1], 10, 3]);
      await waitFor(async () => {
        const { rowCount } = await connection.query(
          `SELECT FROM pg_locks WHERE pid = $1 AND locktype = 'advisory' AND NOT granted`,
          [slowConnection.pid],
        );
        return rowCount === 1;
      });
      expect(await store.adopt(quick, 10, 3)).toMatchObject([{ runId, epoch: 2 }]);
      await elsewhere.query('SELECT pg_advisory_unlock_all()');
      expect((await late).rows).toEqual([]);
      const { rows } = await connection.query('SELECT owner, epoch FROM execution WHERE run_id = $1', [
        runId,
      ]);
      expect(rows).toEqual([{ owner: quick.id, epoch: 2 }]);
    },
  );

  test('lose no time of their own while they wait for another one', async () => {
    const runId = await orphan('shared');
    const ago = (what: string, s: number) => `${what} = clock_timestamp() - interval '${s} s'`;
    await connection.query(`UPDATE executor SET ${ago('ended_at', 600)}`);
    await connection.query(`UPDATE execution SET ${ago('deadline_at', 550)}`);
    const overdue = new OverdueStore(connection);
    const limits = { graceS: 5, crashLimit: 3, atMost: 10, pauseS: 3_600, silentS: 15 };
    expect(await overdue.pick(limits)).toEqual([]);
    const [taken] = await store.adopt(await solo(), 10, 3);
    expect(taken?.runId).toBe(runId);
    expect(((taken?.deadlineMs ?? 0) - (taken?.nowMs ?? 0)) / 1_000).toBeCloseTo(50, 0);
  });

  test.each(['went down with everything', 'gave them back'])(
    'lose none either when their runner %s',
    async (how) => {
      const id = await runner('shared', 600);
      const { runId } = await claimedBy(id);
      const ago = (column: string, s: number) => `${column} = clock_timestamp() - interval '${s} s'`;
      await connection.query(`UPDATE execution SET ${ago('deadline_at', 550)}`);
      if (how === 'gave them back')
        await connection.query(`UPDATE execution SET owner = NULL, ${ago('paused_at', 600)}`);
      const overdue = new OverdueStore(connection);
      const limits = { graceS: 5, crashLimit: 3, atMost: 10, pauseS: 3_600, silentS: 15 };
      expect(await overdue.pick(limits)).toEqual([]);
      if (how !== 'gave them back') await findDead(60);
      const taker = how === 'gave them back' ? { ...(await solo()), takesSuspects: false } : await solo();
      const [taken] = await store.adopt(taker, 10, 3);
      expect(taken?.runId).toBe(runId);
      expect(((taken?.deadlineMs ?? 0) - (taken?.nowMs ?? 0)) / 1_000).toBeCloseTo(50, 0);
      const { rows } = await connection.query('SELECT paused_at FROM execution');
      expect(rows).toEqual([{ paused_at: null }]);
    },
  );

  test('are ended when their time was over before that, or nobody takes them for too long', async () => {
    const runId = await orphan('shared');
    await connection.query(`UPDATE executor SET ended_at = clock_timestamp() - interval '600 s'`);
    const overdue = new OverdueStore(connection);
    const pick = async (deadlineAgoS: number, pauseS: number) => {
      await connection.query(
        `UPDATE execution SET deadline_at = clock_timestamp() - make_interval(secs => $1)`,
        [deadlineAgoS],
      );
      return overdue.pick({ graceS: 5, crashLimit: 3, atMost: 10, pauseS, silentS: 15 });
    };
    expect(await pick(610, 3_600)).toMatchObject([{ runId, isOverdue: true }]);
    expect(await pick(300, 3_600)).toEqual([]);
    expect(await pick(300, 200)).toMatchObject([{ runId, isOverdue: true }]);
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
    const picked = await overdue.pick({ graceS: -1, crashLimit: 3, atMost: 10, pauseS: 3_600, silentS: 15 });
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
