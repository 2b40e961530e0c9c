import { randomUUID } from 'node:crypto';
import { Database } from '@causeway/platform';
import { testDatabase } from '@causeway/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { afterAll, expect, it } from 'vitest';
import type { Settings } from '../src/config.js';
import { monthBefore, monthOf } from '../src/domain/month.js';
import { Months } from '../src/operations/months.js';
import { Retaining } from '../src/operations/retaining.js';
import { EventStore } from '../src/store/event.store.js';

const { urls } = await testDatabase({ services: ['audit'] });
const pool = new Pool({ connectionString: urls['audit'] as string, max: 4 });
const database = new Database(pool, 'audit', (shared, schema) => new PrismaPg(shared, { schema }));
afterAll(() => pool.end());
const store = new EventStore(database);
const now = new Date().toISOString();

it('whole months are removed when they are older than the setting says, the oldest first, and newer ones stay', async () => {
  const ago = [0, 5, 6, 7, 20].map((months) => monthBefore(now, months));
  for (const month of ago) {
    await store.ensureMonth(month);
    await pool.query(
      `insert into event (time, id, organisation_id, team_id, actor_id, action, object_id, result, content)
       values ($1, $2, $2, $2, 'u', 'a', 'o', 'succeeded', '{}')`,
      [`${month.slice(0, 7)}-01T00:00:00Z`, randomUUID()],
    );
  }
  const retaining = new Retaining(database, store, new Months(store), { auditMonths: 6 } as Settings);
  const [plan] = (await retaining.plan()).kinds;
  expect(plan).toMatchObject({ kind: 'audit events', setting: 'CAUSEWAY_AUDIT_MONTHS', keepDays: 180 });
  expect(plan?.oldest).toBe(new Date(monthBefore(now, 20)).toISOString());
  expect(plan?.bytes).toBeGreaterThan(0);
  await retaining.round();
  expect((await store.months()).map(({ month }) => month)).toEqual(ago.slice(0, 3).toReversed());
  expect((await pool.query('select from event')).rowCount).toBe(3);
});

it('the database itself refuses to drop a recent month for every caller', async () => {
  for (const months of [0, 3])
    await expect(store.dropMonth(database, monthBefore(now, months))).rejects.toThrow(/too young/);
  await store.ensureMonth(monthOf(now));
  await store.dropMonth(database, '2021-03-01');
});
