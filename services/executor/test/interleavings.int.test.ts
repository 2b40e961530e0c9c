import { randomUUID } from 'node:crypto';
import { testDatabase, waitFor } from '@causeway/testing';
import type { RunEnvelope } from '@causeway/contracts';
import { expect, test } from 'vitest';
import { OverdueStore } from '../src/store/runners/overdue.store.js';
import { QuarantineStore } from '../src/store/runners/quarantine.store.js';
import { RunStore } from '../src/store/run.store.js';
import { aChunk, aReport, aStep, anEnd } from './a-chunk.js';
import { anEnvelope } from './an-envelope.js';
import { type Connection, connect } from './connection.js';

/**
 * Tests every pair of operations that can happen to a run at the same time, in both orders, through two real connections: one after the
 * other, and with the transaction of the first one still open and later committed or rolled back.
 */
const database = await testDatabase({ services: ['executor'] });
const url = database.urls['executor'] as string;
const first = await connect(url);
const second = await connect(url);
const observer = await connect(database.adminUrl);

const runners = { old: randomUUID(), other: randomUUID() };
for (const id of Object.values(runners)) {
  await observer.query(
    `INSERT INTO executor.executor (id, kind, host, pid, engine_version) VALUES ($1, 'shared', 'test', 1, 1)`,
    [id],
  );
}
// A runner takes over every run without a runner, so the run of each case must be the only one.
await observer.query(`UPDATE executor.executor SET ended_at = NULL`);

/** The outcome that an operation reports. */
type Said = 'yes' | 'no' | 'marked';

interface Operation {
  /** Is executed in a transaction that may stay open for a while. */
  readonly act: (connection: Connection, envelope: RunEnvelope) => Promise<Said>;
}

const step = (name: string) => aStep(name, 2);

const operations = {
  claim: {
    act: async (connection, envelope) =>
      (await new RunStore(connection).claim([envelope], { id: runners.old, engineVersion: 1 })).has(
        envelope.runId,
      )
        ? 'yes'
        : 'no',
  },
  journal: {
    act: async (connection, { runId }) =>
      said(await write(connection, aChunk(runId, { steps: [step('journaled')] }))),
  },
  finish: {
    act: async (connection, { runId }) =>
      said(await write(connection, aChunk(runId, { steps: [aStep('finished', 3)], end: anEnd(4) }))),
  },
  cancel: {
    act: async (connection, envelope) => {
      const store = new RunStore(connection);
      if (await store.putTombstone(envelope, aTombstone('cancelled', '{}'))) return 'yes';
      return (await store.requestCancel(envelope.runId, envelope.teamId, '{}')) === undefined
        ? 'no'
        : 'marked';
    },
  },
  expire: {
    act: async (connection, envelope) =>
      (await new RunStore(connection).putTombstone(envelope, aTombstone('timed_out', null))) ? 'yes' : 'no',
  },
  quarantine: {
    act: async (connection, { runId }) => {
      const groups = await new QuarantineStore(connection).group();
      return groups.some(({ runs }) => runs.some((run) => run.runId === runId)) ? 'yes' : 'no';
    },
  },
  takeover: {
    act: async (connection, { runId }) => {
      const runner = { id: runners.other, readableEngines: [1] };
      const limits = { atMost: 10, crashLimit: 3, waitedS: 0 };
      const adopted = await new RunStore(connection).adoptGroup(runner, limits);
      return adopted.some((run) => run.runId === runId) ? 'yes' : 'no';
    },
  },
  deadline: {
    act: async (connection, { runId }) => {
      const store = new OverdueStore(connection);
      const picked = (
        await store.pick({ graceS: 5, crashLimit: 3, atMost: 10, pauseS: 3_600, silentS: 15 })
      ).filter((run) => run.runId === runId);
      if (picked.length === 0) return 'no';
      await store.end(
        picked.map((run) => ({ ...run, status: 'timed_out', error: '{}', outbox: [aReport()] })),
        '2026-01-01T00:00:03Z',
      );
      return 'yes';
    },
  },
} satisfies Record<string, Operation>;
type Name = keyof typeof operations;
const names = Object.keys(operations) as Name[];

/** The state of the run before the two operations: its owner, and whether the owner is alive and within the deadline. */
const beginnings = {
  unclaimed: async () => {},
  claimed: async (envelope: RunEnvelope) => claimFirst(envelope),
  orphaned: async (envelope: RunEnvelope) => {
    await claimFirst(envelope);
    await observer.query('UPDATE executor.executor SET ended_at = now() WHERE id = $1', [runners.old]);
  },
  quarantined: async (envelope: RunEnvelope) => {
    await beginnings.orphaned(envelope);
    await new QuarantineStore(first).group();
  },
  overdue: async (envelope: RunEnvelope) => {
    await claimFirst(envelope);
    await observer.query(
      `UPDATE executor.execution SET deadline_at = now() - interval '1 minute' WHERE run_id = $1`,
      [envelope.runId],
    );
  },
};
type Beginning = keyof typeof beginnings;

const cases = (Object.keys(beginnings) as Beginning[]).flatMap((beginning) =>
  names.flatMap((a) =>
    names.flatMap((b) =>
      (['one after the other', 'first commits late', 'first rolls back'] as const).map((order) => ({
        beginning,
        a,
        b,
        order,
      })),
    ),
  ),
);

test.each(cases)('$beginning: $a and $b, $order', async ({ beginning, a, b, order }) => {
  const envelope = anEnvelope();
  const { runId } = envelope;
  await observer.query(
    'TRUNCATE executor.execution, executor.step_result, executor.incident, executor.outbox',
  );
  await observer.query('UPDATE executor.executor SET ended_at = NULL, heartbeat_at = clock_timestamp()');
  await beginnings[beginning](envelope);

  const done: { name: Name; said: Said; readAfter: string[] }[] = [];
  const complete = async (connection: Connection, name: Name, said: Said): Promise<void> => {
    await connection.client.query('COMMIT');
    done.push({ name, said, readAfter: await pathsOf(connection, runId) });
  };
  const begin = async (connection: Connection, name: Name): Promise<Said> => {
    await connection.client.query('BEGIN');
    return operations[name].act(connection, envelope);
  };

  const saidFirst = await begin(first, a);
  if (order === 'one after the other') await complete(first, a, saidFirst);
  const running = begin(second, b).then((said) => complete(second, b, said));
  if (order !== 'one after the other') {
    let isOver = false;
    void running.then(
      () => (isOver = true),
      () => (isOver = true),
    );
    await waitFor(async () => isOver || (await isBlocked(second)), {
      everyMs: 2,
      what: `${b} ends or waits`,
    });
    if (order === 'first commits late') await complete(first, a, saidFirst);
    else await first.client.query('ROLLBACK');
  }
  await running;

  await check(envelope, done);
});

/** Checks what must be true of a run after any order of operations. */
async function check(
  envelope: RunEnvelope,
  done: readonly { name: Name; said: Said; readAfter: string[] }[],
): Promise<void> {
  const { runId } = envelope;
  const { rows } = await observer.query<{ status: string; epoch: number; last_seq: number; cancel: boolean }>(
    `SELECT status, epoch, last_seq, cancel_requested_at IS NOT NULL AS cancel FROM executor.execution WHERE run_id = $1`,
    [runId],
  );
  const run = rows[0];
  const paths = await pathsOf(first, runId);
  const yes = (name: Name): number => done.filter((one) => one.name === name && one.said === 'yes').length;

  expect(rows.length, 'rows of the run').toBeLessThanOrEqual(1);
  // The rows that were reported as written exist, and no others.
  expect(paths.includes('journaled'), 'the journaled step').toBe(yes('journal') > 0);
  expect(paths.includes('finished'), 'the last step').toBe(yes('finish') > 0);
  // There is one ending, reported once. When the same finish is sent twice, both calls report success.
  const endings = (['finish', 'deadline', 'cancel', 'expire'] as const).filter(
    (name) => yes(name) > 0,
  ).length;
  expect(endings, 'endings').toBeLessThanOrEqual(1);
  expect(run?.status, 'status').toBe(
    yes('finish') > 0
      ? 'succeeded'
      : yes('deadline') + yes('expire') > 0
        ? 'timed_out'
        : yes('cancel') > 0
          ? 'cancelled'
          : run && 'running',
  );
  const reports = await observer.query('SELECT FROM executor.outbox');
  if (done.filter((one) => one.name === 'finish').length < 2)
    expect(reports.rowCount, 'reports').toBe(endings);
  expect(yes('quarantine'), 'times that it was put into quarantine').toBeLessThanOrEqual(1);
  expect(yes('takeover'), 'takeovers').toBeLessThanOrEqual(1);
  // A claim and a tombstone never both win; a second claim never does.
  expect(yes('claim') + yes('cancel') + yes('expire'), 'claims and tombstones').toBeLessThanOrEqual(1);
  // A cancel that found the run alive has left its mark for the owner.
  if (done.some((one) => one.said === 'marked')) expect(run?.cancel, 'cancel mark').toBe(true);
  // After a takeover no row of a lower epoch appears any more: the takeover has read all there are.
  for (const takeover of done.filter((one) => one.name === 'takeover' && one.said === 'yes')) {
    expect(run?.epoch, 'epoch').toBeGreaterThanOrEqual(2);
    expect(
      paths.filter((path) => !takeover.readAfter.includes(path)),
      'rows after the takeover',
    ).toEqual([]);
  }
  // Events of a run that is over are 1..last, but for the steps these operations leave out.
  if (run && run.status !== 'running') {
    const { rows: events } = await observer.query<{ last: number; distinct: number; count: number }>(
      'SELECT max(seq) AS last, count(DISTINCT seq)::int AS distinct, count(*)::int AS count FROM executor.run_event WHERE run_id = $1',
      [runId],
    );
    expect(events[0]?.last, 'last event').toBe(run.last_seq);
    expect(events[0]?.distinct, 'events of different numbers').toBe(events[0]?.count);
  }
}

function aTombstone(status: 'cancelled' | 'timed_out', by: string | null) {
  return { status, by, engineVersion: 1, at: '2026-01-01T00:00:02Z', error: '{}', outbox: [aReport()] };
}

async function claimFirst(envelope: RunEnvelope): Promise<void> {
  const leases = await new RunStore(first).claim([envelope], { id: runners.old, engineVersion: 1 });
  if (!leases.has(envelope.runId)) throw new Error('not claimed');
}

function write(connection: Connection, chunk: ReturnType<typeof aChunk>) {
  return new RunStore(connection).write([chunk]);
}

function said(outcomes: Awaited<ReturnType<RunStore['write']>>): Said {
  return outcomes[0]?.kind === 'written' ? 'yes' : 'no';
}

async function pathsOf(connection: Connection, runId: string): Promise<string[]> {
  const { rows } = await connection.query<{ path: string }>(
    'SELECT path FROM step_result WHERE run_id = $1',
    [runId],
  );
  return rows.map((row) => row.path);
}

async function isBlocked(connection: Connection): Promise<boolean> {
  const { rowCount } = await observer.query('SELECT FROM pg_locks WHERE pid = $1 AND NOT granted', [
    connection.pid,
  ]);
  return (rowCount ?? 0) > 0;
}
