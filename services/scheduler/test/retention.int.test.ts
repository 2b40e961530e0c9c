import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_ORGANISATION_ID, DEFAULT_PROJECT_ID, DEFAULT_TEAM_ID } from '@causeway/contracts';
import { Database, FolderStore, firstIdAt, newId } from '@causeway/platform';
import { testDatabase } from '@causeway/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ExecutorClient } from '../src/clients/executor.client.js';
import type { Settings } from '../src/config.js';
import { Retaining } from '../src/operations/retaining.js';
import { OldRunStore } from '../src/store/old-run.store.js';

const { urls } = await testDatabase({ services: ['scheduler'] });
const pool = new Pool({ connectionString: urls['scheduler'] as string, max: 4 });
const database = new Database(pool, 'scheduler', (shared, schema) => new PrismaPg(shared, { schema }));
const folder = mkdtempSync(join(tmpdir(), 'causeway-retention-'));
const objects = new FolderStore(folder);
afterAll(async () => {
  await pool.end();
  rmSync(folder, { recursive: true });
});

/** The runs that executors were asked to forget, and the runs that they keep. */
const executor = {
  asked: [] as { ids: readonly string[]; what: string }[],
  keeps: new Set<string>(),
  failsAt: Number.POSITIVE_INFINITY,
  async forget(ids: readonly string[], what: string): Promise<string[]> {
    if (this.asked.length >= this.failsAt) throw new Error('the executor is gone');
    this.asked.push({ ids, what });
    return ids.filter((id) => this.keeps.has(id));
  },
  bytesOf: async (): Promise<number> => 1_000,
};

function retaining(over: Partial<Settings> = {}): Retaining {
  const settings = { runDays: 30, payloadDays: 30, idempotencyDays: 7, ...over } as Settings;
  const client = executor as unknown as ExecutorClient;
  return new Retaining(database, objects, new OldRunStore(database), client, settings);
}

const DAY_MS = 86_400_000;
/** An id of this many days ago. Each id is a little later than the previous one. */
let made = 0;
const idAt = (days: number): string =>
  firstIdAt(Date.now() - days * DAY_MS + (made += 1)).slice(0, 24) + randomUUID().slice(24);

/** A run that was submitted and ended this many days ago. Without `endedDays` it has not ended. */
async function aRun(submittedDays: number, status: string, endedDays?: number): Promise<string> {
  const id = idAt(submittedDays);
  await pool.query(
    `INSERT INTO run (id, organisation_id, team_id, project_id, flow_id, version_hash, status, trigger, principal_id, submitted_at,
                      queue_expires_at, finished_at)
     VALUES ($1, $2, $3, $4, $4, 'v', $5, 'api', 'ada', now() - make_interval(secs => $6 * 86400.0), now(),
             now() - make_interval(secs => $7 * 86400.0))`,
    [
      id,
      DEFAULT_ORGANISATION_ID,
      DEFAULT_TEAM_ID,
      DEFAULT_PROJECT_ID,
      status,
      submittedDays,
      endedDays ?? null,
    ],
  );
  return id;
}

async function aKey(runId: string, days: number): Promise<void> {
  await pool.query(
    `INSERT INTO idempotency (team_id, key, request_hash, run_id, organisation_id, created_at)
     VALUES ($1, $2, 'h', $3, $4, now() - make_interval(secs => $5 * 86400.0))`,
    [DEFAULT_TEAM_ID, randomUUID(), runId, DEFAULT_ORGANISATION_ID, days],
  );
}

async function ids(table: 'run' | 'idempotency' = 'run'): Promise<string[]> {
  const column = table === 'run' ? 'id' : 'run_id';
  return (await pool.query<{ id: string }>(`SELECT ${column} AS id FROM ${table} ORDER BY 1`)).rows.map(
    (row) => row.id,
  );
}

/** An object of a run that was stored this many days ago. */
async function anObject(runId: string, days: number, content = 'long text'): Promise<string> {
  const { sha256 } = await objects.put(content, { runId });
  const name = `${runId}.${sha256}`;
  const at = new Date(Date.now() - days * DAY_MS);
  utimesSync(join(folder, 'runs', runId.slice(0, 7), name), at, at);
  return name;
}
async function aSlot(
  over: { id?: string; scope?: string; held?: number; waiting?: number; own?: number; days?: number } = {},
): Promise<string> {
  const { id = randomUUID(), scope = 'flow', held = 0, waiting = 0, own = null, days = 1.1 } = over;
  await pool.query(
    `INSERT INTO slot (scope, id, organisation_id, team_id, held, waiting, capacity, own_capacity, capacity_since)
     VALUES ($1, $2, $3, $4, $5, $6, 9, $7, now() - make_interval(secs => $8 * 86400.0))`,
    [scope, id, DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID, held, waiting, own, days],
  );
  return id;
}
const objectNames = async (): Promise<string[]> =>
  (await objects.list({ ofRuns: true })).objects.map(({ name }) => name);

beforeEach(async () => {
  await pool.query('DELETE FROM run');
  await pool.query('DELETE FROM idempotency');
  await pool.query(`DELETE FROM slot WHERE scope <> 'system'`);
  rmSync(join(folder, 'runs'), { recursive: true, force: true });
  Object.assign(executor, { asked: [], keeps: new Set(), failsAt: Number.POSITIVE_INFINITY });
});

describe('a run', () => {
  it('is removed when it ended as long ago as the setting says, and not a minute earlier', async () => {
    const old = await aRun(30.001, 'succeeded', 30.0005);
    const failed = await aRun(40, 'failed', 39);
    const young = await aRun(30.001, 'succeeded', 29.9995);
    await retaining().round();
    expect(await ids()).toEqual([young]);
    expect(executor.asked.flatMap((one) => one.ids).sort()).toEqual([failed, old].sort());
  });

  it('that has not ended is kept, however long it waits or executes', async () => {
    const open = [await aRun(400, 'queued'), await aRun(400, 'released')].sort();
    await aRun(399, 'succeeded', 398);
    await retaining().round();
    expect(await ids()).toEqual(open);
    expect(executor.asked.flatMap((one) => one.ids)).not.toContain(open[0]);
  });

  it('that waited for a long time is kept as long after its end as any other run', async () => {
    const waited = await aRun(60, 'succeeded', 1);
    await retaining().round();
    expect(await ids()).toEqual([waited]);
  });

  it('is kept if an executor reports that it has not ended', async () => {
    const kept = await aRun(50, 'succeeded', 49);
    const other = await aRun(50, 'succeeded', 49);
    executor.keeps.add(kept);
    const objectOfKept = await anObject(kept, 49);
    await anObject(other, 49);
    await retaining().round();
    expect(await ids()).toEqual([kept]);
    expect(await objectNames()).toEqual([objectOfKept]);
  });

  it('is removed with its objects, and the objects of other runs stay', async () => {
    const old = await aRun(31, 'succeeded', 31);
    const young = await aRun(2, 'succeeded', 2);
    await anObject(old, 31, 'one');
    await anObject(old, 31, 'two');
    const kept = await anObject(young, 2, 'one');
    await retaining().round();
    expect(await objectNames()).toEqual([kept]);
  });

  it('is removed by the next round after a removal that was interrupted', async () => {
    const old = await Promise.all(Array.from({ length: 250 }, () => aRun(31, 'succeeded', 31)));
    for (const id of old.slice(0, 5)) await anObject(id, 31);
    executor.failsAt = 1;
    await retaining().round();
    expect(await ids()).toHaveLength(150);
    executor.failsAt = Number.POSITIVE_INFINITY;
    await retaining().round();
    expect(await ids()).toEqual([]);
    expect(await objectNames()).toEqual([]);
  });

  it('is removed by one of two schedulers at a time', async () => {
    await Promise.all(Array.from({ length: 300 }, () => aRun(31, 'succeeded', 31)));
    await Promise.all([retaining().round(), retaining().round()]);
    expect(await ids()).toEqual([]);
    const asked = executor.asked.flatMap((one) => one.ids);
    expect(new Set(asked).size).toBe(asked.length);
  });
});

describe('payloads', () => {
  it('are removed before their runs if the setting says so', async () => {
    const old = await aRun(8, 'succeeded', 8);
    const young = await aRun(6, 'succeeded', 6);
    await anObject(old, 8);
    const kept = await anObject(young, 6);
    await retaining({ payloadDays: 7 }).round();
    expect(await ids()).toEqual([old, young].sort());
    expect(executor.asked).toEqual([{ ids: [old], what: 'payloads' }]);
    expect(await objectNames()).toEqual([kept]);
  });
});

describe('an idempotency key', () => {
  it('is removed when it is old, unless its run has not ended', async () => {
    const ended = await aRun(8, 'succeeded', 8);
    const open = await aRun(8, 'queued');
    const young = await aRun(6, 'succeeded', 6);
    await aKey(ended, 7.001);
    await aKey(open, 7.001);
    await aKey(young, 6.999);
    await retaining().round();
    expect(await ids('idempotency')).toEqual([open, young].sort());
  });

  it('is never kept longer than its run, or than the answer that it repeats', async () => {
    const old = await aRun(3, 'succeeded', 3);
    await aKey(old, 3);
    await retaining({ runDays: 2, payloadDays: 2, idempotencyDays: 300 }).round();
    expect([await ids(), await ids('idempotency')]).toEqual([[], []]);
  });
});

describe('an object of a run that does not exist', () => {
  it('is removed after a day, and kept while its run may still be inserted', async () => {
    await anObject(idAt(1.1), 1.05);
    const stored = await anObject(idAt(1.1), 0.9);
    const young = await anObject(newId(), 5);
    const named = await anObject(await aRun(5, 'released'), 5);
    await retaining().round();
    expect(await objectNames()).toEqual([stored, young, named].sort());
  });

  it('is removed with its folder', async () => {
    const id = idAt(3);
    await anObject(id, 3);
    await retaining().round();
    expect(existsSync(join(folder, 'runs', id.slice(0, 7)))).toBe(false);
    expect(readdirSync(join(folder, 'runs'))).toEqual([]);
  });
});

describe('a slot', () => {
  it('is removed when no run of its flow is stored; any other slot stays', async () => {
    const run = await aRun(1, 'succeeded', 1);
    const { rows } = await pool.query<{ flow: string }>('SELECT flow_id AS flow FROM run WHERE id = $1', [
      run,
    ]);
    const idle = await aSlot();
    const stay = [
      await aSlot({ id: rows[0]?.flow as string }),
      await aSlot({ held: 1 }),
      await aSlot({ waiting: 1 }),
      await aSlot({ own: 7 }),
      await aSlot({ days: 0.9 }),
      await aSlot({ scope: 'team' }),
    ];
    await retaining().round();
    const left = (await pool.query<{ id: string }>(`SELECT id FROM slot WHERE scope <> 'system'`)).rows;
    expect(left.map(({ id }) => id).toSorted()).toEqual(stay.toSorted());
    expect(left.map(({ id }) => id)).not.toContain(idle);
  });
});

describe('the plan', () => {
  it('reports what would be removed, and removes nothing', async () => {
    const old = await Promise.all([aRun(31, 'succeeded', 31), aRun(45, 'failed', 44)]);
    const young = await aRun(1, 'succeeded', 1);
    await aKey(young, 8);
    await anObject(idAt(3), 3, '1234567890');
    await aSlot();
    const { kinds } = await retaining().plan();
    const oldest = new Date(Number.parseInt((old[1] as string).replaceAll('-', '').slice(0, 12), 16));
    expect(kinds).toEqual([
      expect.objectContaining({
        kind: 'idempotency keys',
        setting: 'CAUSEWAY_IDEMPOTENCY_DAYS',
        keepDays: 7,
        rows: 1,
      }),
      expect.objectContaining({ kind: 'runs', setting: 'CAUSEWAY_RUN_DAYS', keepDays: 30, rows: 2 }),
      expect.objectContaining({ kind: 'slots of flows without runs', setting: null, keepDays: 1, rows: 1 }),
      expect.objectContaining({ kind: 'objects of no run', setting: null, keepDays: 1, rows: 1, bytes: 10 }),
    ]);
    expect(kinds[1]?.bytes).toBeGreaterThan(1_000);
    expect(Math.abs(Date.parse(kinds[1]?.oldest ?? '') - oldest.getTime())).toBeLessThan(60_000);
    expect(await ids()).toHaveLength(3);
  });
});
