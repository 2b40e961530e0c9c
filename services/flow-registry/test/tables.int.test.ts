import { randomUUID } from 'node:crypto';
import { DEFAULT_ORGANISATION_ID, DEFAULT_PROJECT_ID, DEFAULT_TEAM_ID } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import { testDatabase } from '@causeway/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { afterAll, expect, test } from 'vitest';
import { Tables, type Writes } from '../src/store/tables.js';

const { urls } = await testDatabase({ services: ['flow-registry'] });
const pool = new Pool({ connectionString: urls['flow-registry'] as string, max: 4 });
const tables = new Tables(
  new Database(pool, 'flow_registry', (shared, schema) => new PrismaPg(shared, { schema })),
);
afterAll(() => pool.end());

const tenant = { organisationId: DEFAULT_ORGANISATION_ID, teamId: DEFAULT_TEAM_ID };
const project = (over: object = {}) => ({ id: randomUUID(), ...tenant, name: randomUUID(), ...over });

/** Runs a transaction whose row is missing in the first attempt and exists in the second. @returns how many attempts it made */
async function attemptsOf(change: (writes: Writes, id: string) => Promise<unknown>): Promise<number> {
  let attempts = 0;
  await tables.write(DEFAULT_TEAM_ID, async (writes) => {
    attempts += 1;
    await change(writes, attempts === 1 ? randomUUID() : DEFAULT_PROJECT_ID);
  });
  return attempts;
}

test.each<[string, (writes: Writes, id: string) => Promise<unknown>]>([
  ['a row to change', (writes, id) => writes.project.update({ where: { id }, data: { description: 'x' } })],
  ['a row to refer to', (writes, id) => writes.project.create({ data: project({ parentId: id }) })],
])('a transaction starts again when %s was deleted meanwhile', async (_what, change) => {
  expect(await attemptsOf(change)).toBe(2);
});

test('a transaction that fails each time fails, and leaves nothing', async () => {
  const made = project();
  await expect(
    tables.write(DEFAULT_TEAM_ID, async (writes) => {
      await writes.project.create({ data: made });
      await writes.project.create({ data: project({ parentId: randomUUID() }) });
    }),
  ).rejects.toMatchObject({ code: 'P2003' });
  expect(await tables.reads.project.findUnique({ where: { id: made.id } })).toBeNull();
});
