import { randomUUID } from 'node:crypto';
import { testDatabase, waitFor } from '@causeway/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { adoptGroupSql } from '../src/store/runners/adopt.sql.js';
import {
  findDeadSql,
  heartbeatSql,
  releaseRunsSql,
  tryLifeLockSql,
} from '../src/store/runners/executor.sql.js';
import { OverdueStore } from '../src/store/runners/overdue.store.js';
import { QuarantineStore } from '../src/store/runners/quarantine.store.js';
import { RunStore } from '../src/store/run.store.js';
import { aChunk, aStep } from './a-chunk.js';
import { anEnvelope } from './an-envelope.js';
import { connect } from './connection.js';

const database = await testDatabase({ services: ['executor'] });
const connection = await connect(database.urls['executor'] as string);
const elsewhere = await connect(database.urls['executor'] as string);
const slowConnection = await connect(database.urls['executor'] as string);
const store = new RunStore(connection);
const quarantine = new QuarantineStore(connection);
const limits = { atMost: 100, crashLimit: 3, waitedS: 0 };

beforeEach(() =>
  connection.query('DELETE FROM executor').then(() => connection.query('DELETE FROM execution')),
);

async function runner(kind: 'shared' | 'standby' | 'quarantine', silentS = 0): Promise<string> {
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

const waiting = (): Promise<number> => quarantine.countWaiting([1], 3);
const dies = (id: string) => connection.query('UPDATE executor SET ended_at = now() WHERE id = $1', [id]);

/** A runner that executes these runs. */
async function runnerOf(
  kind: 'shared' | 'quarantine',
  runs: number,
): Promise<{ id: string; runIds: string[] }> {
  const id = await runner(kind);
  const envelopes = Array.from({ length: runs }, () => anEnvelope());
  await store.claim(envelopes, { id, engineVersion: 1 });
  return { id, runIds: envelopes.map(({ runId }) => runId) };
}

/** A quarantine runner takes the next group. */
async function nextGroup(waitedS = 0): Promise<{ id: string; runIds: string[] }> {
  const id = await runner('quarantine');
  const adopted = await store.adoptGroup({ id, readableEngines: [1] }, { ...limits, waitedS });
  return { id, runIds: adopted.map(({ runId }) => runId) };
}

describe('a runner is found dead', () => {
  test('when it was silent for 3 s and its lock is free', async () => {
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

  test('not when it had a heartbeat lately', async () => {
    await runner('shared', 2);
    expect(await findDead(60)).toEqual([]);
  });
});

describe('runs of a dead runner', () => {
  async function orphan(): Promise<string> {
    const { id, runIds } = await runnerOf('shared', 1);
    await dies(id);
    await quarantine.group();
    return runIds[0] as string;
  }
  const taker = async () => ({ id: await runner('quarantine'), readableEngines: [1] });

  test('are one group: only a quarantine runner gets them, all together', async () => {
    const { id, runIds } = await runnerOf('shared', 5);
    await dies(id);
    const [group, ...others] = await quarantine.group();
    expect(others).toEqual([]);
    expect(group?.runs.map(({ runId }) => runId).toSorted()).toEqual(runIds.toSorted());
    expect(await waiting()).toBe(1);
    const shared = { id: await runner('shared'), readableEngines: [1] };
    expect(await store.adoptReleased(shared, 10)).toEqual([]);
    const adopted = await store.adoptGroup(await taker(), limits);
    expect(adopted.map(({ runId, epoch }) => [runId, epoch]).toSorted()).toEqual(
      runIds.map((runId) => [runId, 2]).toSorted(),
    );
    expect(await waiting()).toBe(0);
  });

  test('are put into groups once, however many sweepers look', async () => {
    const { id } = await runnerOf('shared', 3);
    await dies(id);
    const both = await Promise.all([quarantine.group(), new QuarantineStore(elsewhere).group()]);
    expect(both.flat().flatMap(({ runs }) => runs)).toHaveLength(3);
  });

  test('of a quarantine runner are two groups, until the one that kills is alone', async () => {
    const { id, runIds } = await runnerOf('shared', 64);
    const poison = runIds[41] as string;
    await dies(id);
    let deaths = 1;
    const sizes: number[] = [];
    for (;;) {
      await quarantine.group();
      if ((await waiting()) === 0) break;
      const group = await nextGroup();
      if (group.runIds.includes(poison)) {
        sizes.push(group.runIds.length);
        deaths += 1;
        await dies(group.id);
      } else {
        // The runs that do not kill their runner finish.
        await connection.query(`UPDATE execution SET status = 'succeeded' WHERE owner = $1`, [group.id]);
        await dies(group.id);
      }
    }
    expect(sizes).toEqual([64, 32, 16, 8, 4, 2, 1, 1, 1]);
    expect(deaths).toBe(10);
    const { rows } = await connection.query(
      `SELECT run_id, crashes FROM execution WHERE status = 'running' OR crashes > 0`,
    );
    expect(rows).toEqual([{ run_id: poison, crashes: 3 }]);
    const overdue = new OverdueStore(connection);
    expect(
      await overdue.pick({ graceS: 5, crashLimit: 3, atMost: 10, pauseS: 3_600, silentS: 15 }),
    ).toMatchObject([{ runId: poison, crashes: 3, isOverdue: false }]);
  });

  test('that were alone in a shared runner have not crashed alone', async () => {
    const runId = await orphan();
    const { rows } = await connection.query('SELECT crashes FROM execution WHERE run_id = $1', [runId]);
    expect(rows).toEqual([{ crashes: 0 }]);
  });

  test('that were given back keep their group', async () => {
    const { id } = await runnerOf('shared', 4);
    await dies(id);
    await quarantine.group();
    const first = await nextGroup();
    await connection.query(releaseRunsSql, [first.id, null]);
    await dies(first.id);
    expect(await quarantine.group()).toEqual([]);
    expect((await nextGroup()).runIds.toSorted()).toEqual(first.runIds.toSorted());
  });

  test('are executed beside another group only after a long wait, and never when they must be executed alone', async () => {
    const { id } = await runnerOf('shared', 2);
    await dies(id);
    await quarantine.group();
    expect((await nextGroup(30)).runIds).toEqual([]);
    await connection.query(`UPDATE execution SET paused_at = clock_timestamp() - interval '31 s'`);
    await connection.query('UPDATE execution SET crashes = 1');
    expect((await nextGroup(30)).runIds).toEqual([]);
    await connection.query('UPDATE execution SET crashes = 0');
    expect((await nextGroup(30)).runIds).toHaveLength(2);
  });

  test('are taken by one of two runners that look at the same time', async () => {
    const runId = await orphan();
    const [quick, slow] = [await taker(), await taker()];
    // The slow runner has read the row, and finds it free again once the quick one has committed.
    await elsewhere.query('SELECT pg_advisory_lock(7)');
    const slowly = adoptGroupSql.replace(
      "WHERE status = 'running'",
      `$& AND (SELECT pg_advisory_xact_lock(7)) IS NOT NULL`,
    );
    const late = slowConnection.query<{ run_id: string }>(slowly, [slow.id, [1], 10, 3, 0]);
    await waitFor(async () => {
      const { rowCount } = await connection.query(
        `SELECT FROM pg_locks WHERE pid = $1 AND locktype = 'advisory' AND NOT granted`,
        [slowConnection.pid],
      );
      return rowCount === 1;
    });
    expect(await store.adoptGroup(quick, limits)).toMatchObject([{ runId, epoch: 2 }]);
    await elsewhere.query('SELECT pg_advisory_unlock_all()');
    expect((await late).rows).toEqual([]);
    const { rows } = await connection.query('SELECT owner, epoch FROM execution WHERE run_id = $1', [runId]);
    expect(rows).toEqual([{ owner: quick.id, epoch: 2 }]);
  });

  test('lose no time of their own while they wait for another runner', async () => {
    const { id, runIds } = await runnerOf('shared', 1);
    const ago = (what: string, s: number) => `${what} = clock_timestamp() - interval '${s} s'`;
    await connection.query(`UPDATE executor SET ${ago('ended_at', 600)} WHERE id = $1`, [id]);
    await connection.query(`UPDATE execution SET ${ago('deadline_at', 550)}`);
    const overdue = new OverdueStore(connection);
    const bounds = { graceS: 5, crashLimit: 3, atMost: 10, pauseS: 3_600, silentS: 15 };
    expect(await overdue.pick(bounds)).toEqual([]);
    await quarantine.group();
    expect(await overdue.pick(bounds)).toEqual([]);
    const [taken] = await store.adoptGroup(await taker(), limits);
    const [runId] = runIds;
    expect(taken?.runId).toBe(runId);
    expect(((taken?.deadlineMs ?? 0) - (taken?.nowMs ?? 0)) / 1_000).toBeCloseTo(50, 0);
  });

  test.each(['was killed with the whole machine', 'gave them back'])(
    'lose none either when their runner %s',
    async (how) => {
      const id = await runner('shared', 600);
      const envelope = anEnvelope();
      await store.claim([envelope], { id, engineVersion: 1 });
      const { runId } = envelope;
      const ago = (column: string, s: number) => `${column} = clock_timestamp() - interval '${s} s'`;
      await connection.query(`UPDATE execution SET ${ago('deadline_at', 550)}`);
      if (how === 'gave them back')
        await connection.query(`UPDATE execution SET owner = NULL, ${ago('paused_at', 600)}`);
      const overdue = new OverdueStore(connection);
      const bounds = { graceS: 5, crashLimit: 3, atMost: 10, pauseS: 3_600, silentS: 15 };
      expect(await overdue.pick(bounds)).toEqual([]);
      if (how !== 'gave them back') {
        await findDead(60);
        await quarantine.group();
      }
      const [taken] = await (how === 'gave them back'
        ? store.adoptReleased(await taker(), 10)
        : store.adoptGroup(await taker(), limits));
      expect(taken?.runId).toBe(runId);
      expect(((taken?.deadlineMs ?? 0) - (taken?.nowMs ?? 0)) / 1_000).toBeCloseTo(50, 0);
      const { rows } = await connection.query('SELECT paused_at FROM execution');
      expect(rows).toEqual([{ paused_at: null }]);
    },
  );

  test('are ended when their time was over before that, or when no runner takes them for too long', async () => {
    const { id, runIds } = await runnerOf('shared', 1);
    const [runId] = runIds;
    await connection.query(
      `UPDATE executor SET ended_at = clock_timestamp() - interval '600 s' WHERE id = $1`,
      [id],
    );
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
    await orphan();
    expect(await store.adoptGroup({ ...(await taker()), readableEngines: [2] }, limits)).toEqual([]);
    expect(await quarantine.countWaiting([2], 3)).toBe(0);
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
