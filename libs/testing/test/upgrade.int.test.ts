import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@causeway/stack';
import { testPostgres } from '@causeway/testing';
import { Client } from 'pg';
import { afterAll, expect, test } from 'vitest';

const adminUrl = await testPostgres();
const admin = new Client({ connectionString: adminUrl });
await admin.connect();
const database = 'upgrade_1';
await admin.query(`create database ${database}`);
const url = new URL(adminUrl);
url.pathname = `/${database}`;
const client = new Client({ connectionString: url.href });
await client.connect();
afterAll(async () => {
  await client.end();
  await admin.query(`drop database ${database}`);
  await admin.end();
});

/** Migrations of the previous version have names that sort before this one. */
const SINCE = '20261128';
const services = ['scheduler', 'executor'];

/** Runs migrations without `migrateAll`: the logins that it creates belong to the whole server, and other tests use them. */
async function migrate(isWanted: (name: string) => boolean): Promise<void> {
  for (const service of services) {
    const folder = join(ROOT, 'services', service, 'prisma/migrations');
    await client.query(`create schema if not exists ${service}; set search_path = ${service}`);
    for (const name of readdirSync(folder).toSorted())
      if (/^\d{14}_/.test(name) && isWanted(name))
        await client.query(readFileSync(join(folder, name, 'migration.sql'), 'utf8'));
  }
}

test('a database of the previous version keeps its rows', async () => {
  await migrate((name) => name < SINCE);
  const id = randomUUID();
  for (const status of ['succeeded', 'failed', 'running']) {
    const runId = randomUUID();
    const finished = status === 'running' ? null : new Date();
    await client.query(
      `insert into scheduler.run (id, organisation_id, team_id, project_id, flow_id, version_hash, status, trigger, principal_id,
                                  queue_expires_at, finished_at) values ($1, $2, $2, $2, $2, 'v', $3, 'api', 'ada', now(), $4)`,
      [runId, id, status === 'running' ? 'released' : status, finished],
    );
    await client.query(
      `insert into executor.execution (run_id, organisation_id, team_id, project_id, flow_id, version_hash, status, epoch, engine_version,
                                       envelope, result, finished_at) values ($1, $2, $2, $2, $2, 'v', $3, 1, 1, '{}', '{}', $4)`,
      [runId, id, status, finished],
    );
    await client.query(
      `insert into executor.step_result (run_id, path, organisation_id, team_id, seq, epoch, node_id, node_type, node_name, status, finished_at)
       values ($1, 'n', $2, $2, 2, 1, 'n', 'Prompt', 'Prompt', 'succeeded', now())`,
      [runId, id],
    );
  }

  await migrate((name) => name >= SINCE);
  const count = async (table: string): Promise<unknown> =>
    (await client.query(`select count(*)::int as n from ${table}`)).rows[0]?.n;
  expect(await count('scheduler.run')).toBe(3);
  expect(await count('executor.step_result')).toBe(3);
  const { rows } = await client.query(
    'select status, envelope, result from executor.execution order by status',
  );
  expect(rows).toEqual([
    { status: 'failed', envelope: null, result: '{}' },
    { status: 'running', envelope: '{}', result: '{}' },
    { status: 'succeeded', envelope: null, result: '{}' },
  ]);
});
