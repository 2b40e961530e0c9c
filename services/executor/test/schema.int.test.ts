import { testDatabase } from '@causeway/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { expect, test } from 'vitest';
import { PrismaClient } from '../src/store/generated/client.js';
import { connect } from './connection.js';

const database = await testDatabase({ services: ['executor'] });
const url = database.urls['executor'] as string;
const connection = await connect(url);

test('the migrations of an empty database fit every model', async () => {
  const pool = new Pool({ connectionString: url, max: 1 });
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool, { schema: 'executor', disposeExternalPool: true }),
  });
  const models = [
    prisma.execution,
    prisma.stepResult,
    prisma.stepAttempt,
    prisma.effect,
    prisma.incident,
    prisma.message,
    prisma.executor,
    prisma.outbox,
  ];
  for (const model of models) expect(await (model as typeof prisma.outbox).findFirst()).toBeNull();
  await prisma.$disconnect();
});

test('what Prisma cannot express exists', async () => {
  const indexes = await connection.query(
    `SELECT indexdef FROM pg_indexes WHERE schemaname = 'executor' AND indexname = 'execution_live_idx'`,
  );
  expect(indexes.rows[0]?.['indexdef']).toMatch(/\(owner\) WHERE \(status = 'running'::text\)/);
  expect((await connection.query('SELECT seq, at, type, path, data FROM run_event')).rows).toEqual([]);
  const collations = await connection.query(
    `SELECT table_name FROM information_schema.columns
     WHERE table_schema = 'executor' AND column_name IN ('path', 'session_id') AND collation_name = 'C' ORDER BY 1`,
  );
  expect(collations.rows.map((row) => row['table_name'])).toEqual([
    'effect',
    'message',
    'run_event',
    'step_attempt',
    'step_result',
  ]);
});
