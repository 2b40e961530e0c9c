import { testDatabase } from '@causeway/testing';
import { Client } from 'pg';
import { expect, test } from 'vitest';

const database = await testDatabase();

/** The relay finds subjects and rows by this index; without it each look reads the whole table. */
test('every outbox has an index in the order in which rows are sent', async () => {
  const admin = new Client({ connectionString: database.adminUrl });
  await admin.connect();
  const { rows } = await admin.query<{ schema: string; indexes: string[] }>(
    `SELECT t.schemaname AS schema,
            array_remove(array_agg(substring(i.indexdef FROM '\\((.*)\\)$')), NULL) AS indexes
     FROM pg_tables t LEFT JOIN pg_indexes i USING (schemaname, tablename)
     WHERE t.tablename = 'outbox' GROUP BY t.schemaname ORDER BY 1`,
  );
  await admin.end();
  expect(rows.length).toBeGreaterThanOrEqual(4);
  const without = rows.filter(({ indexes }) => !indexes.includes('subject, id')).map(({ schema }) => schema);
  expect(without).toEqual([]);
});
