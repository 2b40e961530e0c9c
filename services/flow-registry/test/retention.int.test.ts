import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_ORGANISATION_ID, DEFAULT_PROJECT_ID, DEFAULT_TEAM_ID } from '@causeway/contracts';
import { Database, FolderStore, newId } from '@causeway/platform';
import { testDatabase } from '@causeway/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { SchedulerClient, Unused } from '../src/clients/scheduler.client.js';
import type { Settings } from '../src/config.js';
import { compiler } from '../src/domain/compiler.js';
import { OldFlows } from '../src/retention/old-flows.js';
import { Retaining } from '../src/retention/retaining.js';
import { FileStore } from '../src/store/file.store.js';
import { OldFlowStore } from '../src/store/old-flow.store.js';
import { Tables } from '../src/store/tables.js';

const { urls } = await testDatabase({ services: ['flow-registry'] });
const pool = new Pool({ connectionString: urls['flow-registry'] as string, max: 4 });
const database = new Database(pool, 'flow_registry', (shared, schema) => new PrismaPg(shared, { schema }));
const folder = mkdtempSync(join(tmpdir(), 'causeway-orphans-'));
const objects = new FolderStore(folder);
afterAll(async () => {
  await pool.end();
  rmSync(folder, { recursive: true });
});

/** Flows and versions to which runs are pinned, and the requests about them. */
const pinned = new Set<string>();
const asked: Unused[] = [];
/** The oldest run that the scheduler keeps; an Error when it does not answer. */
let oldestRun: Date | Error | undefined;
const nameOf = ({ flowId, versionHash = '' }: { flowId: string; versionHash?: string | undefined }): string =>
  `${flowId} ${versionHash}`;
const scheduler = {
  async unpinned<T extends Unused>(items: readonly T[]): Promise<T[]> {
    asked.push(...items);
    return items.filter((item) => !pinned.has(nameOf(item)));
  },
  async oldestRun() {
    if (oldestRun instanceof Error) throw oldestRun;
    return oldestRun;
  },
} as SchedulerClient;

function retaining(over: Partial<Settings> = {}): Retaining {
  const settings = {
    orphanDays: 90,
    deletedFlowDays: 30,
    flowVersionDays: 90,
    fileDays: 0,
    ...over,
  } as Settings;
  const flows = new OldFlows(new OldFlowStore(database), scheduler, settings);
  const files = new FileStore(new Tables(database), database);
  return new Retaining(database, objects, files, flows, scheduler, settings);
}

const tenant = [DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID];
const hash = (letter: string): string => letter.repeat(64);
const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);

async function aFlow(
  over: { deletedDays?: number; projectId?: string; sourceId?: string } = {},
): Promise<string> {
  const { deletedDays, projectId = DEFAULT_PROJECT_ID, sourceId = null } = over;
  const id = randomUUID();
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query(
    `INSERT INTO flow (id, organisation_id, team_id, project_id, user_id, name, version_hash, data, source_id, deleted_at)
     VALUES ($1, $2, $3, $4, 'u', $5, $6, 'd', $7, $8)`,
    [
      id,
      ...tenant,
      projectId,
      id,
      hash('a'),
      sourceId,
      deletedDays === undefined ? null : daysAgo(deletedDays),
    ],
  );
  await aVersion(id, 'a', undefined, client);
  await client.query('COMMIT');
  client.release();
  return id;
}

/** A version of a flow with its plan, replaced so many days ago. */
async function aVersion(
  flowId: string,
  letter: string,
  replacedDays?: number,
  client: Pick<Pool, 'query'> = pool,
): Promise<void> {
  await client.query(
    `INSERT INTO flow_version (flow_id, version_hash, organisation_id, team_id, content, replaced_at) VALUES ($1, $2, $3, $4, 'c', $5)`,
    [flowId, hash(letter), ...tenant, replacedDays === undefined ? null : daysAgo(replacedDays)],
  );
  await aPlan(flowId, letter, compiler, 0, client);
}

async function aPlan(
  flowId: string,
  letter: string,
  by: string,
  days: number,
  client: Pick<Pool, 'query'> = pool,
): Promise<void> {
  await client.query(
    `INSERT INTO compiled_plan (flow_id, version_hash, compiled_by, plan, problems, variable_uses, created_at)
     VALUES ($1, $2, $3, 'p', '[]', '[]', $4)`,
    [flowId, hash(letter), by, daysAgo(days)],
  );
}

async function aSource(days: number): Promise<string> {
  const id = randomUUID();
  await pool.query(
    `INSERT INTO source (id, organisation_id, team_id, file_name, sha256, bytes, content, created_at) VALUES ($1::uuid, $2, $3, 'f.json', $1::text, 1, 'c', $4)`,
    [id, ...tenant, daysAgo(days)],
  );
  return id;
}

async function column(sql: string): Promise<string[]> {
  const { rows } = await pool.query<{ value: string }>(sql);
  return rows.map(({ value }) => value).toSorted();
}
const flowIds = () => column('SELECT id AS value FROM flow');
const versions = () => column(`SELECT flow_id || ' ' || left(version_hash, 1) AS value FROM flow_version`);

beforeEach(async () => {
  await pool.query('DELETE FROM file; DELETE FROM dropped_object; DELETE FROM flow; DELETE FROM source');
  await pool.query('DELETE FROM project WHERE deleted_at IS NOT NULL');
  pinned.clear();
  asked.length = 0;
  oldestRun = undefined;
});

describe('a deleted flow', () => {
  it('is removed with its versions and plans when it was deleted long enough ago', async () => {
    const old = await aFlow({ deletedDays: 30.1 });
    await aVersion(old, 'b', 400);
    const kept = [await aFlow({ deletedDays: 29.9 }), await aFlow()];
    await retaining().round();
    expect(await flowIds()).toEqual(kept.toSorted());
    expect(await versions()).toEqual(kept.map((id) => `${id} a`).toSorted());
    expect(await column('SELECT flow_id AS value FROM compiled_plan')).toEqual(kept.toSorted());
  });

  it('stays while a run is pinned to it, with all of its versions, and is removed when none is', async () => {
    const flowId = await aFlow({ deletedDays: 31 });
    pinned.add(nameOf({ flowId }));
    await retaining().round();
    expect(await flowIds()).toEqual([flowId]);
    // A scheduler may have cached it for a while: runs that it pinned in that time count, too.
    const until = Date.parse(asked.find((one) => one.flowId === flowId)?.until ?? '');
    expect(until).toBeGreaterThan(daysAgo(31).getTime() + 3_600_000);
    pinned.clear();
    await retaining().round();
    expect(await flowIds()).toEqual([]);
  });

  it('that is imported again during the check stays', async () => {
    const flowId = await aFlow({ deletedDays: 31 });
    const store = new OldFlowStore(database);
    await pool.query('UPDATE flow SET deleted_at = NULL');
    await database.transaction(async (transaction) => {
      expect(await store.deleteFlows(transaction, 30, [flowId])).toBe(0);
    });
    expect(await flowIds()).toEqual([flowId]);
  });

  it('does not delay other removals when the scheduler does not answer', async () => {
    await aFlow({ deletedDays: 31 });
    const source = await aSource(2);
    const { unpinned } = scheduler;
    scheduler.unpinned = () => Promise.reject(new Error('the scheduler is gone'));
    await retaining().round();
    scheduler.unpinned = unpinned;
    expect(await flowIds()).toHaveLength(1);
    expect(await column('SELECT id AS value FROM source')).not.toContain(source);
  });

  it('is found behind many to which runs are pinned', async () => {
    for (let index = 0; index < 120; index++)
      pinned.add(nameOf({ flowId: await aFlow({ deletedDays: 40 }) }));
    const free = (await flowIds()).at(-1) as string;
    pinned.delete(nameOf({ flowId: free }));
    await retaining().round();
    expect(await flowIds()).toHaveLength(119);
    expect(await flowIds()).not.toContain(free);
  });
});

describe('a version', () => {
  it('that was replaced is removed after its time, unless a run is pinned to it; the one that the flow names stays', async () => {
    const flowId = await aFlow();
    await aVersion(flowId, 'b', 90.1);
    await aVersion(flowId, 'c', 89.9);
    await aVersion(flowId, 'd', 400);
    pinned.add(nameOf({ flowId, versionHash: hash('d') }));
    await retaining().round();
    expect(await versions()).toEqual(['a', 'c', 'd'].map((letter) => `${flowId} ${letter}`));
    expect(asked.map(({ versionHash }) => versionHash)).not.toContain(hash('a'));
  });

  it('that is published stays, however long ago it was replaced', async () => {
    const flowId = await aFlow();
    await aVersion(flowId, 'b', 400);
    await aVersion(flowId, 'c', 400);
    await pool.query('UPDATE flow SET published_hash = $1', [hash('b')]);
    await retaining().round();
    expect(await versions()).toEqual(['a', 'b'].map((letter) => `${flowId} ${letter}`));
    await expect(
      pool.query('DELETE FROM flow_version WHERE version_hash = $1', [hash('b')]),
    ).rejects.toMatchObject({ code: '23001' });
  });

  it('that is published leaves with its flow', async () => {
    const flowId = await aFlow({ deletedDays: 40 });
    await aVersion(flowId, 'b', 400);
    await pool.query('UPDATE flow SET published_hash = $1', [hash('b')]);
    await retaining().round();
    expect(await versions()).toEqual([]);
  });

  it('that was replaced at an unknown time is kept from the first round on for as long as any other', async () => {
    const flowId = await aFlow();
    await aVersion(flowId, 'b');
    await retaining().round();
    const times = await pool.query<{ replaced_at: Date | null }>(
      'SELECT replaced_at FROM flow_version ORDER BY version_hash',
    );
    expect(times.rows.map((row) => row.replaced_at !== null)).toEqual([false, true]);
    await pool.query('UPDATE flow_version SET replaced_at = $1 WHERE replaced_at IS NOT NULL', [
      daysAgo(90.1),
    ]);
    await retaining().round();
    expect(await versions()).toEqual([`${flowId} a`]);
  });

  it('that a flow names cannot be deleted, whatever its row says', async () => {
    const flowId = await aFlow();
    await pool.query('UPDATE flow_version SET replaced_at = $1', [daysAgo(400)]);
    await retaining().round();
    expect(await versions()).toEqual([`${flowId} a`]);
  });

  it('loses the plans of other compilers after a week', async () => {
    const flowId = await aFlow();
    await aPlan(flowId, 'a', 'older', 7.1);
    await aPlan(flowId, 'a', 'newer', 6.9);
    await retaining().round();
    expect(await column('SELECT compiled_by AS value FROM compiled_plan')).toEqual(
      [compiler, 'newer'].toSorted(),
    );
  });
});

it('a deleted project and an imported file are removed when no flow names them', async () => {
  const aProject = async (days: number): Promise<string> => {
    const id = randomUUID();
    await pool.query(
      'INSERT INTO project (id, organisation_id, team_id, name, deleted_at) VALUES ($1::uuid, $2, $3, $1::text, $4)',
      [id, ...tenant, daysAgo(days)],
    );
    return id;
  };
  const [empty, holding, young] = [await aProject(31), await aProject(31), await aProject(29)];
  const [unnamed, named, fresh] = [await aSource(1.1), await aSource(400), await aSource(0.9)];
  const flowId = await aFlow({ deletedDays: 31, projectId: holding, sourceId: named });
  pinned.add(nameOf({ flowId }));
  await retaining().round();
  const projects = () => column('SELECT id AS value FROM project WHERE deleted_at IS NOT NULL');
  const sources = () => column('SELECT id AS value FROM source');
  expect(await projects()).toEqual([holding, young].toSorted());
  expect(await sources()).toEqual([named, fresh].toSorted());
  pinned.clear();
  await retaining().round();
  expect(await projects()).toEqual([young]);
  expect(await sources()).toEqual([fresh]);
  expect([empty, unnamed]).not.toContain(young);
});

it('files stay until they are deleted, unless a setting says how long', async () => {
  const aFile = async (name: string, days: number): Promise<void> => {
    await pool.query(
      `INSERT INTO file (id, organisation_id, team_id, user_id, name, path, bytes, sha256, created_at) VALUES ($1, $2, $3, 'u', $4, $4, 1, $4, $5)`,
      [randomUUID(), ...tenant, name, daysAgo(days)],
    );
  };
  await aFile('old', 7.1);
  await aFile('young', 6.9);
  const names = () => column('SELECT name AS value FROM file');
  expect((await retaining().plan()).kinds).toContainEqual(
    expect.objectContaining({ kind: 'files', setting: 'CAUSEWAY_FILE_DAYS', keepDays: 0, rows: 0 }),
  );
  await retaining().round();
  expect(await names()).toEqual(['old', 'young']);
  expect((await retaining({ fileDays: 7 }).plan()).kinds).toContainEqual(
    expect.objectContaining({ kind: 'files', keepDays: 7, rows: 1 }),
  );
  await retaining({ fileDays: 7 }).round();
  expect(await names()).toEqual(['young']);
  expect(await column('SELECT sha256 AS value FROM dropped_object')).toEqual(['old']);
});

async function anObject(content: string, days: number): Promise<string> {
  const { sha256 } = await objects.put(content);
  const at = new Date(Date.now() - days * 86_400_000);
  utimesSync(join(folder, sha256.slice(0, 2), sha256), at, at);
  return sha256;
}

it('an object that no file names is removed when it is old; one that a file, a removal or a run names stays', async () => {
  const old = await anObject('of an upload that broke off', 90.1);
  const young = await anObject('an upload that is under way', 89.9);
  const named = await anObject('a file', 400);
  const dropped = await anObject('a deleted file', 400);
  await pool.query(
    `INSERT INTO file (id, organisation_id, team_id, user_id, name, path, bytes, sha256) VALUES ($1, $2, $3, 'u', 'a', 'u/a', 1, $4)`,
    [randomUUID(), DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID, named],
  );
  await pool.query('INSERT INTO dropped_object (sha256, organisation_id, team_id) VALUES ($1, $2, $3)', [
    dropped,
    DEFAULT_ORGANISATION_ID,
    DEFAULT_TEAM_ID,
  ]);
  await objects.put('of a run', { runId: newId() });
  expect((await retaining().plan()).kinds).toContainEqual(
    expect.objectContaining({ kind: 'objects of no file', rows: 1 }),
  );
  await retaining().round();
  const left = (await objects.list()).objects.map(({ name }) => name);
  expect(left.sort()).toEqual([young, named, dropped].sort());
  expect(left).not.toContain(old);
  expect((await objects.list({ ofRuns: true })).objects).toHaveLength(1);
});

it('an object that may belong to a run of an earlier version stays while that run is kept, or the scheduler does not answer', async () => {
  for (const { name } of (await objects.list()).objects) await objects.remove(name);
  const names = async () => (await objects.list()).objects.map(({ name }) => name).toSorted();
  const before = await anObject('of a run that has left', 202);
  const input = await anObject('the input of the oldest run', 200.1);
  const answer = await anObject('the answer of the oldest run', 150);
  oldestRun = new Error('the scheduler is gone');
  await retaining().round();
  expect(await names()).toEqual([before, input, answer].toSorted());
  oldestRun = daysAgo(200);
  expect((await retaining().plan()).kinds).toContainEqual(
    expect.objectContaining({ kind: 'objects of no file', rows: 1 }),
  );
  await retaining().round();
  expect(await names()).toEqual([input, answer].toSorted());
  oldestRun = daysAgo(140);
  await retaining().round();
  expect(await names()).toEqual([]);
});
