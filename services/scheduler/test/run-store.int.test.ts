import { randomUUID } from 'node:crypto';
import { DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import { testDatabase } from '@causeway/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { endInQueue } from '../src/domain/end-in-queue.js';
import { RunPages } from '../src/store/run-pages.store.js';
import { RunStore } from '../src/store/run.store.js';
import { SlotStore } from '../src/store/slot.store.js';
import { aSubmission, anEnvelope } from './a-submission.js';

const { urls } = await testDatabase({ services: ['scheduler'] });
const pool = new Pool({ connectionString: urls['scheduler'] as string, max: 6 });
const database = new Database(pool, 'scheduler', (shared, schema) => new PrismaPg(shared, { schema }));
const store = new RunStore(database);
const slots = new SlotStore(database);
const pages = new RunPages(database);
const SLOTS = 3;

beforeEach(async () => {
  for (const table of ['run', 'idempotency', 'lane', 'outbox']) await pool.query(`DELETE FROM ${table}`);
  await pool.query(`DELETE FROM slot WHERE scope <> 'system'`);
  await pool.query(`UPDATE slot SET held = 0, waiting = 0, capacity = 1000`);
  await slots.ensure(anEnvelope(), { team: SLOTS, flow: 100 });
});
afterAll(() => pool.end());

const weights = { api: 8, webhook: 4, schedule: 2, batch: 1 };
const release = (): Promise<unknown[]> => slots.release(weights, 100);
/** How many slots each scope holds. The numbers are equal while all runs are of one flow. */
async function held(): Promise<number> {
  const { rows } = await pool.query<{ held: number }>('SELECT DISTINCT held FROM slot');
  expect(rows).toHaveLength(1);
  return rows[0]?.held ?? -1;
}
async function waiting(): Promise<number> {
  const { rows } = await pool.query<{ waiting: number }>(
    'SELECT waiting FROM slot UNION ALL SELECT sum(waiting)::int FROM lane HAVING count(*) > 0',
  );
  const [first] = rows;
  expect(rows.every((row) => row.waiting === first?.waiting)).toBe(true);
  return first?.waiting ?? -1;
}
async function statuses(): Promise<string[]> {
  return (await pool.query<{ status: string }>('SELECT status FROM run ORDER BY submitted_at, id')).rows.map(
    (row) => row.status,
  );
}
function closing(runId: string, status: 'succeeded' | 'failed' = 'succeeded') {
  return { runId, status, at: new Date(), expected: 'released' as const };
}

describe('submits and endings at the same time', () => {
  it('lose nothing of each other, also while old versions of the slots are kept', async () => {
    // As an outbox does that waits for its consumer; Postgres takes another plan for the larger table.
    const reader = await pool.connect();
    await reader.query('begin isolation level repeatable read');
    await reader.query('select count(*) from slot');
    for (let n = 0; n < 1_500; n++) await pool.query('update slot set waiting = waiting');
    const until = Date.now() + 3_000;
    const open: string[] = [];
    let submitted = 0;
    let lost = 0;
    const submitting = async (): Promise<void> => {
      while (Date.now() < until) {
        const batch = Array.from({ length: 1 + (submitted % 4) }, () => aSubmission());
        const inserted = await store.insert(batch);
        submitted += batch.length;
        lost += batch.length - inserted.size;
        open.push(...[...inserted].flatMap(([id, status]) => (status === 'released' ? [id] : [])));
      }
    };
    const ending = async (): Promise<void> => {
      while (Date.now() < until) {
        const [runId] = open.splice(0, 1);
        if (runId === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
        else await store.close([closing(runId)]);
      }
    };
    const releasing = async (): Promise<void> => {
      while (Date.now() < until) {
        const released = (await release()) as { runId: string }[];
        open.push(...released.map(({ runId }) => runId));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    await Promise.all([submitting(), submitting(), ending(), ending(), releasing()]);
    await reader.query('commit');
    reader.release();
    expect([submitted > 100, lost]).toEqual([true, 0]);
  });
});

describe('a batch of submits', () => {
  it('is released for as many runs as the team has free slots; the other runs wait', async () => {
    const batch = Array.from({ length: 5 }, () => aSubmission());
    const inserted = await store.insert(batch);
    expect(batch.map((s) => inserted.get(s.envelope.runId))).toEqual([
      'released',
      'released',
      'released',
      'queued',
      'queued',
    ]);
    expect(await held()).toBe(SLOTS);
  });

  it('writes one audit event for each run', async () => {
    const batch = [aSubmission(), aSubmission()];
    await store.insert(batch);
    const { rows } = await pool.query<{ subject: string; payload: string }>(
      'SELECT subject, payload FROM outbox',
    );
    expect(rows.map((row) => (JSON.parse(row.payload) as { runId: string }).runId).sort()).toEqual(
      batch.map((s) => s.envelope.runId).sort(),
    );
    expect(new Set(rows.map((row) => row.subject))).toEqual(new Set(['req.audit.event.append.v1']));
  });

  it('changes nothing when it is sent again', async () => {
    const batch = [aSubmission(), aSubmission()];
    await store.insert(batch);
    expect((await store.insert(batch)).size).toBe(0);
    expect(await held()).toBe(2);
    expect(await store.findEarlier(batch[0] as never)).toMatchObject({ status: 'released' });
    expect((await pool.query('SELECT FROM outbox')).rowCount).toBe(2);
  });

  it('waits behind runs that wait already, even when a slot is free', async () => {
    await store.insert(Array.from({ length: 4 }, () => aSubmission()));
    await pool.query('UPDATE slot SET held = 0');
    expect([...(await store.insert([aSubmission()])).values()]).toEqual(['queued']);
    expect(await waiting()).toBe(2);
  });
});

describe('an idempotency key', () => {
  it('returns the first run, in the same batch and later', async () => {
    const first = aSubmission({}, { idempotencyKey: 'k', requestHash: 'h' });
    const twin = aSubmission({}, { idempotencyKey: 'k', requestHash: 'h' });
    const inserted = await store.insert([first, twin]);
    expect([...inserted.keys()]).toEqual([first.envelope.runId]);
    expect((await store.insert([twin])).size).toBe(0);
    expect(await store.findEarlier(twin)).toMatchObject({ id: first.envelope.runId, requestHash: 'h' });
    expect(await held()).toBe(1);
  });

  it('is looked up without reading other keys', async () => {
    const first = aSubmission({}, { idempotencyKey: 'k', requestHash: 'h' });
    await store.insert([first]);
    await pool.query(
      `INSERT INTO idempotency (team_id, key, request_hash, run_id, organisation_id)
       SELECT $1, n::text, '', gen_random_uuid(), $2 FROM generate_series(1, 5000) n`,
      [DEFAULT_TEAM_ID, DEFAULT_ORGANISATION_ID],
    );
    await pool.query('ANALYZE idempotency');
    const single = new Pool({ connectionString: urls['scheduler'] as string, max: 1 });
    const alone = new RunStore(
      new Database(single, 'scheduler', (shared, schema) => new PrismaPg(shared, { schema })),
    );
    // The counts are taken in one transaction, on the only connection of the pool.
    await single.query('BEGIN');
    expect(await alone.findEarlier(first)).toMatchObject({ id: first.envelope.runId, requestHash: 'h' });
    const { rows } = await single.query<{ read: number }>(
      `SELECT (seq_tup_read + coalesce(idx_tup_fetch, 0))::int AS read FROM pg_stat_xact_user_tables WHERE relname = 'idempotency'`,
    );
    await single.end();
    expect(rows[0]?.read).toBeLessThanOrEqual(2);
  });

  it('belongs to one team', async () => {
    const other = '00000000-0000-4000-8000-0000000000aa';
    await slots.ensure({ ...anEnvelope(), teamId: other }, { team: 1, flow: 1 });
    await store.insert([aSubmission({}, { idempotencyKey: 'k' })]);
    expect((await store.insert([aSubmission({ teamId: other }, { idempotencyKey: 'k' })])).size).toBe(1);
  });

  it('makes one run from several submits at the same time on several connections', async () => {
    const twins = Array.from({ length: 8 }, () => aSubmission({}, { idempotencyKey: 'k' }));
    const results = await Promise.all(twins.map((twin) => store.insert([twin])));
    expect(results.filter((result) => result.size === 1)).toHaveLength(1);
    expect(await statuses()).toEqual(['released']);
  });
});

describe('closing', () => {
  it('copies the terminal state once and frees the slot once', async () => {
    const submission = aSubmission();
    await store.insert([submission]);
    expect(await store.close([closing(submission.envelope.runId)])).toEqual({
      closed: [submission.envelope.runId],
      waiting: 0,
    });
    expect((await store.close([closing(submission.envelope.runId, 'failed')])).closed).toEqual([]);
    expect(await statuses()).toEqual(['succeeded']);
    expect(await held()).toBe(0);
  });

  it('releases the oldest waiting runs, never more than there are slots', async () => {
    const batch = Array.from({ length: 6 }, () => aSubmission());
    await store.insert(batch);
    const released = batch.slice(0, 2).map((s) => closing(s.envelope.runId));
    expect((await store.close(released)).waiting).toBe(3);
    const [one, two] = await Promise.all([release(), release()]);
    expect([...one, ...two]).toHaveLength(2);
    expect(await held()).toBe(SLOTS);
    expect((await statuses()).filter((status) => status === 'queued')).toHaveLength(1);
    expect(await waiting()).toBe(1);
  });

  it('a waiting run needs no slot and writes an audit event', async () => {
    await pool.query('UPDATE slot SET capacity = 0');
    const submission = aSubmission();
    await store.insert([submission]);
    const ending = endInQueue(submission.envelope, 'cancelled', {
      at: new Date(),
      eventId: '00000000-0000-4000-8000-0000000000e1',
    });
    expect((await store.close([ending])).closed).toEqual([submission.envelope.runId]);
    expect(await held()).toBe(0);
    expect(await waiting()).toBe(0);
    const { rows } = await pool.query<{ payload: string }>('SELECT payload FROM outbox');
    expect(rows.map((row) => (JSON.parse(row.payload) as { action: string }).action).sort()).toEqual([
      'run.finish',
      'run.submit',
    ]);
  });

  it('and releasing the same run: only one of them succeeds, in either order and at the same time', async () => {
    for (let round = 0; round < 10; round++) {
      await pool.query('DELETE FROM run');
      await pool.query('UPDATE slot SET held = 0, waiting = 0, capacity = 0');
      await pool.query('DELETE FROM lane');
      const submission = aSubmission();
      await store.insert([submission]);
      await pool.query('UPDATE slot SET capacity = 1');
      const ending = endInQueue(submission.envelope, 'cancelled', {
        at: new Date(),
        eventId: randomUUID(),
      });
      const [closed, released] = await Promise.all([store.close([ending]), release()]);
      expect(closed.closed.length + released.length).toBe(1);
      expect(await held()).toBe(released.length);
      expect(await waiting()).toBe(0);
    }
  });
});

describe('the reconciler', () => {
  it('asks about each released run once per interval, with any number of schedulers', async () => {
    const minute = { firstMs: 30_000, againMs: 30_000 };
    await store.insert([aSubmission(), aSubmission()]);
    expect(await store.takeUnconfirmed(minute, 10)).toEqual([]);
    await pool.query(`UPDATE run SET asked_at = clock_timestamp() - interval '1 minute'`);
    const [one, two] = await Promise.all([
      store.takeUnconfirmed(minute, 10),
      store.takeUnconfirmed(minute, 10),
    ]);
    expect(one.length + two.length).toBe(2);
  });

  it('asks about a run soon for the first time, then less often', async () => {
    const ages = { firstMs: 2_000, againMs: 5_000 };
    await store.insert([aSubmission()]);
    const age = (s: number) =>
      pool.query(
        `UPDATE run SET asked_at = asked_at - make_interval(secs => $1), released_at = released_at - make_interval(secs => $1)`,
        [s],
      );
    expect(await store.takeUnconfirmed(ages, 10)).toEqual([]);
    await age(3);
    expect(await store.takeUnconfirmed(ages, 10)).toHaveLength(1);
    await age(3);
    expect(await store.takeUnconfirmed(ages, 10)).toEqual([]);
    await age(3);
    expect(await store.takeUnconfirmed(ages, 10)).toMatchObject([{ isLate: false }]);
  });

  it('finds runs whose time in the queue is over', async () => {
    await pool.query('UPDATE slot SET capacity = 0');
    const late = aSubmission({}, { queueTtlS: 0 });
    await store.insert([late, aSubmission()]);
    expect((await store.findExpired(10)).map((envelope) => envelope.runId)).toEqual([late.envelope.runId]);
  });
});

describe('pages', () => {
  it('contain every run of a team once, newest first', async () => {
    const other = '00000000-0000-4000-8000-0000000000aa';
    await slots.ensure({ ...anEnvelope(), teamId: other }, { team: 1, flow: 1 });
    await store.insert([...Array.from({ length: 7 }, () => aSubmission()), aSubmission({ teamId: other })]);
    const tenant = { organisationId: DEFAULT_ORGANISATION_ID, teamId: DEFAULT_TEAM_ID };
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await pages.list({ ...tenant, page: { limit: 3, ...(after !== undefined && { after }) } });
      seen.push(...page.items.map((run) => run.id));
      after = page.next;
    } while (after !== undefined);
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
  });

  it('refuse an invalid page key', async () => {
    const { organisationId, teamId } = anEnvelope();
    await expect(pages.list({ organisationId, teamId, page: { limit: 3, after: 'x' } })).rejects.toThrow(
      /not a page key/,
    );
  });
});
