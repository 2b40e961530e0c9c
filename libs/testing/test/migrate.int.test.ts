import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type MigrateOptions,
  draftMigration,
  findUndrafted,
  migrateAll,
  readStatus,
} from '@causeway/migrate';
import { testPostgres } from '@causeway/testing';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';

const adminUrl = await testPostgres();
let folder: string;
let options: MigrateOptions;
let databases = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-migrate-'));
  databases += 1;
  const database = `migrate_${databases}`;
  options = { adminUrl, database, servicesFolder: folder, passwordOf: (role) => `${role}'s "own"` };
});
afterEach(async () => {
  await ask(adminUrl, `drop database if exists ${options.database} with (force)`);
  rmSync(folder, { recursive: true });
});

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A service with a model of one table; returns a function that writes a migration of it. */
function aService(name: string, table = 'thing'): (migration: string, sql: string) => void {
  const prisma = join(folder, name, 'prisma');
  mkdirSync(prisma, { recursive: true });
  const model = `model Thing {\n  id Int @id\n  @@map("${table}")\n}\n`;
  writeFileSync(join(prisma, 'schema.prisma'), `datasource db {\n  provider = "postgresql"\n}\n\n${model}`);
  return (migration, sql) => {
    mkdirSync(join(prisma, 'migrations', migration), { recursive: true });
    writeFileSync(join(prisma, 'migrations', migration, 'migration.sql'), sql);
  };
}

test('each service gets its schema, and a login that reads and writes rows there and nothing else', async () => {
  aService('shop-one')('1_init', 'create table thing (id int primary key)');
  aService('shop-two')('1_init', 'create table thing (id int primary key)');
  const { urls, applied } = await migrateAll(options);
  expect(applied.map(({ service, migration }) => `${service}/${migration}`)).toEqual([
    'shop-one/1_init',
    'shop-two/1_init',
  ]);
  const [one = '', two = ''] = [urls['shop-one'], urls['shop-two']];
  await ask(one, 'insert into thing values (1)');
  expect(await ask(one, 'select * from thing')).toEqual([{ id: 1 }]);
  expect(await ask(two, 'select * from thing')).toEqual([]);
  await expect(ask(two, 'select * from shop_one.thing')).rejects.toThrow(
    'permission denied for schema shop_one',
  );
  await expect(ask(one, 'create table mine (id int)')).rejects.toThrow(
    'permission denied for schema shop_one',
  );
  await expect(ask(one, 'drop table thing')).rejects.toThrow('must be owner of table thing');
  await expect(ask(one, 'delete from _prisma_migrations')).rejects.toThrow('permission denied');
  expect(await ask(one, 'select migration_name from _prisma_migrations')).toEqual([
    { migration_name: '1_init' },
  ]);
});

test('a second call applies only new migrations, also with function bodies', async () => {
  const write = aService('shop');
  write('1_init', 'create table thing (id int primary key)');
  await migrateAll(options);
  expect((await migrateAll(options)).applied).toEqual([]);
  write(
    '2_two',
    `create function two() returns int language plpgsql as $$ begin return 1 + 1; end; $$; select two();`,
  );
  const { applied, urls } = await migrateAll(options);
  expect(applied).toEqual([{ service: 'shop', migration: '2_two', state: 'applied' }]);
  expect(await ask(urls['shop'] ?? '', 'select two()')).toEqual([{ two: 2 }]);
});

test('a migration that fails is named with its line, leaves nothing behind, stops those after it, and is tried again', async () => {
  const write = aService('shop');
  write('1_init', 'create table thing (id int primary key)');
  write('2_bad', 'create table half (id int);\n\ninsert into nowhere values (1);\n');
  write('3_later', 'create table later (id int)');
  await expect(migrateAll(options)).rejects.toThrow(
    'migration shop/2_bad failed at line 3: relation "nowhere" does not exist; nothing of it was applied',
  );
  expect((await readStatus(options)).map(({ state }) => state)).toEqual(['applied', 'failed', 'pending']);
  await expect(migrateAll(options)).rejects.toThrow('shop/2_bad failed at line 3');
  write('2_bad', 'create table half (id int)');
  expect((await migrateAll(options)).applied.map(({ migration }) => migration)).toEqual(['2_bad', '3_later']);
});

test('an applied migration that was changed, or that this checkout lacks, is an error that names it', async () => {
  const write = aService('shop');
  write('1_init', 'create table thing (id int primary key)');
  await migrateAll(options);
  write('1_init', 'create table thing (id bigint primary key)');
  await expect(migrateAll(options)).rejects.toThrow('migration shop/1_init was changed after it was applied');
  rmSync(join(folder, 'shop/prisma/migrations/1_init'), { recursive: true });
  await expect(migrateAll(options)).rejects.toThrow(
    'the database has migration shop/1_init, which this checkout lacks',
  );
});

test('a migration may not end its transaction itself', async () => {
  aService('shop')('1_init', 'create table thing (id int);\ncommit;\n');
  await expect(migrateAll(options)).rejects.toThrow('shop/1_init begins or ends a transaction');
});

test('a folder without its migration.sql is an error that names the file', async () => {
  aService('shop')('1_init', '');
  rmSync(join(folder, 'shop/prisma/migrations/1_init/migration.sql'));
  await expect(migrateAll(options)).rejects.toThrow('1_init/migration.sql is missing');
});

test('several calls at once apply each migration once', async () => {
  aService('shop')('1_init', 'create table thing (id int primary key); select pg_sleep(0.2)');
  const calls = await Promise.all([migrateAll(options), migrateAll(options), migrateAll(options)]);
  expect(calls.flatMap(({ applied }) => applied)).toHaveLength(1);
});

test('before the database exists every migration is pending', async () => {
  aService('shop')('1_init', 'create table thing (id int primary key)');
  expect(await readStatus(options)).toEqual([{ service: 'shop', migration: '1_init', state: 'pending' }]);
});

test('a draft has the change since the last one, and applied it gives the table', async () => {
  aService('shop');
  expect(await findUndrafted(folder)).toEqual(['shop']);
  const first = await draftMigration(folder, 'shop', 'init', new Date('2026-01-02T03:04:05Z'));
  expect(first).toBe(join(folder, 'shop/prisma/migrations/20260102030405_init'));
  expect(await findUndrafted(folder)).toEqual([]);
  writeFileSync(
    join(folder, 'shop/prisma/schema.prisma'),
    readFileSync(join(folder, 'shop/prisma/schema.prisma'), 'utf8').replace('@id', '@id\n  name String'),
  );
  expect(await findUndrafted(folder)).toEqual(['shop']);
  const second = await draftMigration(folder, 'shop', 'name', new Date('2026-01-02T03:04:06Z'));
  expect(readFileSync(join(second, 'migration.sql'), 'utf8')).toMatch(
    /ALTER TABLE "thing" ADD COLUMN\s+"name" TEXT NOT NULL/,
  );
  const { urls } = await migrateAll(options);
  await ask(urls['shop'] ?? '', `insert into thing values (1, 'one')`);
  expect(await ask(urls['shop'] ?? '', 'select * from thing')).toEqual([{ id: 1, name: 'one' }]);
});

test('a draft without a change is to be written by hand', async () => {
  aService('shop');
  await draftMigration(folder, 'shop', 'init', new Date(0));
  const empty = await draftMigration(folder, 'shop', 'partitions', new Date(1_000));
  expect(readFileSync(join(empty, 'migration.sql'), 'utf8')).toMatch(/^-- /);
  expect(readdirSync(join(folder, 'shop/prisma/migrations'))).toHaveLength(3);
});

test.each([
  ['nobody', 'init', 'no service "nobody" with a prisma/schema.prisma: there are shop'],
  ['shop', 'Two Words', '"Two Words" cannot name a migration'],
])('a draft for %s named %s is refused', async (service, name, message) => {
  aService('shop');
  await expect(draftMigration(folder, service, name, new Date(0))).rejects.toThrow(message);
});
