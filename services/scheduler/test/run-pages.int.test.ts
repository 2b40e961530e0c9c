import { randomUUID } from 'node:crypto';
import { DEFAULT_ORGANISATION_ID, DEFAULT_PROJECT_ID } from '@causeway/contracts';
import { Database, newId } from '@causeway/platform';
import { testDatabase } from '@causeway/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { afterAll, expect, it } from 'vitest';
import { RunPages } from '../src/store/run-pages.store.js';

const { urls } = await testDatabase({ services: ['scheduler'] });
const pool = new Pool({ connectionString: urls['scheduler'] as string, max: 2 });
const database = new Database(pool, 'scheduler', (shared, schema) => new PrismaPg(shared, { schema }));
const pages = new RunPages(database);
afterAll(() => pool.end());

const teamId = randomUUID();

/** A run that failed with an error message of this length. */
async function aRun(characters: number): Promise<string> {
  const id = newId();
  await pool.query(
    `INSERT INTO run (id, organisation_id, team_id, project_id, flow_id, version_hash, status, trigger, principal_id, queue_expires_at,
                      submitted_at, finished_at, error_code, error_message)
     VALUES ($1, $2, $3, $4, $4, 'v', 'failed', 'api', 'ada', now(), '2026-01-01', now(), 'NODE_FAILED', repeat('x', $5))`,
    [id, DEFAULT_ORGANISATION_ID, teamId, DEFAULT_PROJECT_ID, characters],
  );
  return id;
}

it('a page of runs ends at its limit, or earlier when error messages are long, and no run is missing', async () => {
  const made: string[] = [];
  for (const characters of [10, 600_000, 600_000, 10, 2_000_000, 10]) made.push(await aRun(characters));
  const found: string[][] = [];
  let after: string | undefined;
  do {
    const page = { limit: 3, ...(after !== undefined && { after }) };
    const { items, next } = await pages.list({ organisationId: DEFAULT_ORGANISATION_ID, teamId, page });
    found.push(items.map(({ id }) => id));
    after = next;
  } while (after !== undefined);
  expect(found.map(({ length }) => length)).toEqual([1, 1, 2, 2]);
  expect(found.flat()).toEqual(made.toSorted().toReversed());
});
