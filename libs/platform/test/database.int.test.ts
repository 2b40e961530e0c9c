import { testPostgres, waitFor } from '@causeway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Database,
  GroupWriter,
  insertOutbox,
  newId,
  openDatabase,
  outboxArrays,
  outboxInsertSql,
  outboxRow,
} from '#platform';
import { type Door, openDoor } from './door.js';
import { keepNotes } from './echo/contracts.js';
import { type EchoDatabase, createEchoDatabase } from './echo-database.js';

const postgresUrl = await testPostgres();
let echo: EchoDatabase;
let door: Door;
let database: Database;

beforeAll(async () => {
  echo = await createEchoDatabase(postgresUrl);
  door = await openDoor(echo.url);
  database = (await openDatabase({
    url: door.url,
    service: 'echo',
    poolSize: 4,
    statementTimeoutMs: 1_000,
  })) as unknown as Database;
  await echo.query('create table wide (id int primary key, text text not null check (length(text) < 5))');
});

afterAll(async () => {
  await database.pool.end();
  await door.close();
  await echo.drop();
});

test('connections have the service’s name and schema, and hold no locks for a process that does not respond', async () => {
  const { rows } = await database.query(
    `select current_schema() as schema, current_setting('application_name') as name,
            current_setting('idle_in_transaction_session_timeout') as idle`,
  );
  expect(rows).toEqual([{ schema: 'echo', name: 'echo', idle: '15s' }]);
});

test.each([
  ['?schema=echo', 'echo'],
  ['?options=-c%20search_path%3Decho', 'echo'],
  ['', 'some_other'],
])('the schema comes from the address (%s) or the service’s name', async (search, schema) => {
  const url = echo.url + search;
  const own = await openDatabase({ url, service: 'some-other', poolSize: 1, statementTimeoutMs: 1_000 });
  expect(own.schema).toBe(schema);
  const { rows } = await own.query('show search_path');
  expect(rows).toEqual([{ search_path: schema }]);
  await own.pool.end();
});

test('a transaction that pauses too long loses its locks', async () => {
  await echo.query('create table held (id int primary key); insert into echo.held values (1)');
  const stands = Promise.withResolvers<void>();
  const frozen = database.transaction(
    async (transaction) => {
      await transaction.query('select id from held for update');
      await stands.promise;
      await transaction.query('select 1');
    },
    { idleMs: 300 },
  );
  const outcome = expect(frozen).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const { rows } = await database.query('select id from held for update');
  expect(rows).toEqual([{ id: 1 }]);
  stands.resolve();
  await outcome;
});

test('a named statement is prepared once per connection', async () => {
  await database.transaction(async (transaction) => {
    for (const value of [1, 2, 3]) {
      await transaction.query('select $1::int as value', [value], { name: 'pick_value' });
    }
    const { rows } = await transaction.query(
      `select generic_plans + custom_plans as plans from pg_prepared_statements where name = 'pick_value'`,
    );
    expect(rows).toEqual([{ plans: '3' }]);
  });
});

test('a statement that takes too long is ended', async () => {
  await expect(database.query('select pg_sleep(5)')).rejects.toMatchObject({ code: '57014' });
});

describe('a transaction', () => {
  test('that throws leaves nothing, and its connection is used again', async () => {
    const failed = database.transaction(async (transaction) => {
      await transaction.query(`insert into wide values (1, 'a')`);
      await transaction.query(`insert into wide values (1, 'a')`);
    });
    await expect(failed).rejects.toMatchObject({ code: '23505' });
    expect((await database.query('select 1 from wide')).rowCount).toBe(0);
    await waitFor(() => database.pool.idleCount === database.pool.totalCount);
  });

  test('whose connection breaks gives UNAVAILABLE, and the next one works', async () => {
    const broken = database.transaction(async (transaction) => {
      const { rows } = await transaction.query<{ pid: number }>('select pg_backend_pid() as pid');
      await echo.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await transaction.query('select 1');
    });
    await expect(broken).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { service: 'Postgres' } });
    expect((await database.query('select 2 as two')).rows).toEqual([{ two: 2 }]);
  });

  test('whose COMMIT is not answered reports that its outcome is unknown', async () => {
    const unknown = database.transaction(async (transaction) => {
      await transaction.query('select 1');
      await door.set('refuse');
    });
    await expect(unknown).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { commitUnknown: true } });
    await door.set('open');
  });
});

test('Prisma’s adapter works on the same pool, with prepared statements', async () => {
  const adapter = await database.prismaAdapter().connect();
  expect(adapter.underlyingDriver()).toBe(database.pool);
  expect(adapter.getConnectionInfo?.().schemaName).toBe('echo');
  const query = {
    sql: 'select $1::int as one',
    args: [1],
    argTypes: [{ scalarType: 'int' as const, arity: 'scalar' as const }],
  };
  expect((await adapter.queryRaw(query)).rows).toEqual([[1]]);
  await adapter.dispose();
  expect(database.pool.ended).toBe(false);
});

describe('group commit on Postgres', () => {
  function journal(): { writer: GroupWriter<{ id: number; text: string }, number>; statements: number[] } {
    const statements: number[] = [];
    const writer = new GroupWriter<{ id: number; text: string }, number>({
      name: 'test',
      write: async (rows) => {
        statements.push(rows.length);
        await database.query(
          `insert into wide select * from unnest($1::int[], $2::text[])
             on conflict (id) do update set text = excluded.text`,
          [rows.map(({ id }) => id), rows.map(({ text }) => text)],
          { name: 'wide_write' },
        );
        return rows.map(({ id }) => id);
      },
    });
    return { writer, statements };
  }

  test('writes many rows in few statements, and one bad row fails alone', async () => {
    const { writer, statements } = journal();
    const rows = Array.from({ length: 1_000 }, (_each, id) => ({ id, text: id === 500 ? 'too long' : 'ok' }));
    const settled = await Promise.allSettled(rows.map((row) => writer.push(row)));
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(settled[500]).toMatchObject({ reason: { code: '23514' } });
    const [count] = await echo.query('select count(*)::int as count from wide');
    expect(count).toEqual({ count: 999 });
    expect(statements.length).toBeLessThanOrEqual(4 + 2 * 8);
  });

  test('loses nothing when Postgres is unreachable in between', async () => {
    const { writer } = journal();
    await echo.query('truncate wide');
    await door.set('refuse');
    const pushed = Promise.all(Array.from({ length: 300 }, (_each, id) => writer.push({ id, text: 'ok' })));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await door.set('open');
    expect(await pushed).toHaveLength(300);
    expect(await echo.query('select count(*)::int as count from wide')).toEqual([{ count: 300 }]);
  });
});

describe('outbox rows', () => {
  const tenant = { organisationId: newId(), teamId: newId() };

  test('are inserted once per id, with any text', async () => {
    const rows = ['plain', 'quotes "\\{},\n NULL', '\0 \ud800'].map((text) =>
      outboxRow(keepNotes, { text }, tenant),
    );
    await insertOutbox(database, rows);
    await insertOutbox(database, rows);
    const found = await echo.query(
      'select id, subject, payload, organisation_id, team_id from outbox order by id',
    );
    expect(found.map((row) => JSON.parse(row['payload'] as string))).toEqual(
      rows.map((row) => JSON.parse(row.payload)),
    );
    expect(found[0]).toMatchObject({ subject: keepNotes.subject, organisation_id: tenant.organisationId });
    await echo.query('delete from outbox');
  });

  test('can be inserted by a statement of the service', async () => {
    const row = outboxRow(keepNotes, { text: 'rides' }, tenant);
    const { rows } = await database.query(
      `with facts as (${outboxInsertSql(2)} returning id) select $1::int as given, id from facts`,
      [7, ...outboxArrays([row])],
    );
    expect(rows).toEqual([{ given: 7, id: row.id }]);
    expect(await echo.query('select id from outbox')).toEqual([{ id: row.id }]);
  });
});
