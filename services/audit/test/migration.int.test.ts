import { testDatabase } from '@causeway/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { Client, Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrismaClient } from '../src/store/generated/client.js';

const database = await testDatabase({ services: ['audit'] });
const running = new Pool({ connectionString: database.urls['audit'] as string, max: 1 });
const admin = new Client({ connectionString: database.adminUrl });
const row = `'2026-11-05T10:00:00Z', '0193571f-7a3c-7e2e-9a5e-111111111111', '00000000-0000-4000-8000-000000000001',
  '00000000-0000-4000-8000-000000000002', 'u', 'flow.create', 'f', 'refused', '{}'`;
const insert = `insert into event (time, id, organisation_id, team_id, actor_id, action, object_id, result, content) values (${row})`;

beforeAll(() => admin.connect());
afterAll(async () => {
  await running.end();
  await admin.end();
});

describe('the migrated schema', () => {
  it('fits every model', async () => {
    const pool = new Pool({ connectionString: database.urls['audit'] as string, max: 1 });
    const prisma = new PrismaClient({
      adapter: new PrismaPg(pool, { schema: 'audit', disposeExternalPool: true }),
    });
    expect(await prisma.event.findFirst()).toBeNull();
    expect(await prisma.eventSeal.findFirst()).toBeNull();
    expect(await prisma.removedSeal.findFirst()).toBeNull();
    expect(await prisma.checkpoint.findFirst()).toBeNull();
    await prisma.$disconnect();
  });

  it('has the index of failures and refusals', async () => {
    const { rows } = await admin.query(
      `select indexdef from pg_indexes where schemaname = 'audit' and indexname = 'event_team_id_result_time_id_idx'`,
    );
    expect(rows[0].indexdef).toMatch(/\(team_id, result, "time", id\) WHERE \(result <> 'succeeded'::text\)/);
  });
});

describe('months', () => {
  it('accept no event before they are created, by a function that creates each once', async () => {
    await expect(running.query(insert)).rejects.toThrow(/no partition/);
    await running.query(`select ensure_event_month('2026-11-23')`);
    await running.query(`select ensure_event_month('2026-11-01')`);
    await running.query(insert);
    const { rows } = await admin.query(`select tableoid::regclass::text as name from audit.event`);
    expect(rows).toEqual([{ name: 'audit.event_2026_11' }]);
  });

  it('can be created by several processes at the same time', async () => {
    const many = new Pool({ connectionString: database.urls['audit'] as string, max: 8 });
    await Promise.all(Array.from({ length: 8 }, () => many.query(`select ensure_event_month('2025-03-01')`)));
    await many.end();
    const { rowCount } = await admin.query(`select from pg_class where relname = 'event_2025_03'`);
    expect(rowCount).toBe(1);
  });

  it('have an index of words only while they are this month or the last one', async () => {
    const indexes = async (): Promise<string[]> => {
      const { rows } = await admin.query(
        `select indexname as name from pg_indexes where schemaname = 'audit' and indexname like '%_words_idx' order by 1`,
      );
      return rows.map(({ name }) => name);
    };
    await running.query(`select ensure_event_month(now()::date), ensure_event_month('2025-04-01')`);
    const recent = await indexes();
    expect(recent.length).toBeGreaterThan(0);
    await admin.query('create index event_2025_04_words_idx on audit.event_2025_04 (words)');
    await running.query('select drop_old_words_indexes()');
    expect(await indexes()).toEqual(recent);
  });

  it('have every index of the table', async () => {
    const { rows } = await admin.query(
      `select tablename, count(*)::int as indexes from pg_indexes where schemaname = 'audit' and tablename in ('event', 'event_2026_11') group by 1`,
    );
    // The month has one more: that of its words.
    expect(rows.map(({ indexes }) => indexes).toSorted((a, b) => a - b)).toEqual([13, 14]);
  });

  it.each(['2019-12-31', '2100-01-01'])('are not created for %s', async (day) => {
    await expect(running.query('select ensure_event_month($1)', [day])).rejects.toThrow(/no partition for/);
  });
});

describe('the service’s login', () => {
  it.each([
    [`update event set result = 'succeeded'`],
    ['delete from event'],
    ['truncate event'],
    ['drop table event'],
    ['select * from event_2026_11'],
    ['insert into event_2026_11 select * from event'],
    ['delete from event_2026_11'],
    ['drop table event_2026_11'],
    ['alter table event detach partition event_2026_11'],
    [`create table event_2026_12 (like event)`],
    [`update event_seal set hash = ''`],
    ['delete from event_seal'],
    ['truncate event_seal'],
    ['drop table event_seal'],
    ['delete from event_seal_2026_11'],
    ['insert into event_seal_2026_11 select * from event_seal'],
    ['alter table event_seal detach partition event_seal_2026_11'],
    [`update checkpoint set content = ''`],
    ['delete from checkpoint'],
    ['truncate checkpoint'],
    ['drop table checkpoint'],
    [`update removed_seal set seq = 1`],
    ['delete from removed_seal'],
    ['truncate removed_seal'],
    [
      `insert into checkpoint values (gen_random_uuid(), 1, 1, 1, '', '') on conflict (organisation_id, number) do update set content = 'x'`,
    ],
    [`create or replace function chain_began() returns timestamptz language sql as 'select now()'`],
    [`select ensure_words_index('event_2026_11')`],
    [
      `create or replace function drop_event_month(day date) returns void language sql as 'delete from event'`,
    ],
    [
      `create trigger t before insert on event for each row execute function suppress_redundant_updates_trigger()`,
    ],
    [`set role audit_owner`],
    [`alter table event owner to audit`],
    [`listen anything; select pg_notify('x', ''); delete from event`],
    [`create or replace function ensure_event_month(day date) returns void language sql as 'select'`],
  ])('may not: %s', async (statement) => {
    await expect(running.query(statement)).rejects.toThrow(
      /permission denied|must be owner|must be able to SET ROLE/,
    );
  });

  it('may add and read', async () => {
    await running.query(`select ensure_event_month('2026-11-23')`);
    await running.query(`${insert} on conflict do nothing`);
    const { rows } = await running.query('select result from event');
    expect(rows).toEqual([{ result: 'refused' }]);
  });
});
