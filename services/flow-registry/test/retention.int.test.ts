import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID } from '@causeway/contracts';
import { Database, FolderStore, newId } from '@causeway/platform';
import { testDatabase } from '@causeway/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { afterAll, expect, it } from 'vitest';
import type { Settings } from '../src/config.js';
import { Retaining } from '../src/operations/retaining.js';
import { FileStore } from '../src/store/file.store.js';
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
const retaining = (): Retaining =>
  new Retaining(database, objects, new FileStore(new Tables(database)), { orphanDays: 90 } as Settings);

async function anObject(content: string, days: number): Promise<string> {
  const { sha256 } = await objects.put(content);
  const at = new Date(Date.now() - days * 86_400_000);
  utimesSync(join(folder, sha256.slice(0, 2), sha256), at, at);
  return sha256;
}

it('an object that no file names leaves when it is old; what a file, a removal or a run names stays', async () => {
  const old = await anObject('left by an upload that broke off', 90.1);
  const young = await anObject('an upload that goes on', 89.9);
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
  expect((await retaining().plan()).kinds).toMatchObject([{ kind: 'objects of no file', rows: 1 }]);
  await retaining().round();
  const left = (await objects.list()).objects.map(({ name }) => name);
  expect(left.sort()).toEqual([young, named, dropped].sort());
  expect(left).not.toContain(old);
  expect((await objects.list({ ofRuns: true })).objects).toHaveLength(1);
});
