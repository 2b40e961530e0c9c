import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { testNats, testPostgres, waitFor } from '@causeway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bus, newId, type RunningService } from '#platform';
import { type Door, openDoor } from './door.js';
import { noteText, sayText } from './echo/contracts.js';
import { type EchoDatabase, createEchoDatabase } from './echo-database.js';
import { startBus } from './embedded-bus.js';
import { type Program, buildPrograms, startProgram } from './programs.js';

const nats = await testNats();
const postgresUrl = await testPostgres();
const tenant = { organisationId: newId(), teamId: newId() };

let database: EchoDatabase;
let door: Door;
let service: RunningService;
let bus: Bus;
const programs: Program[] = [];

function start(program: string, more: Record<string, string> = {}): Program {
  const started = startProgram(program, {
    CAUSEWAY_NATS_URL: nats.url,
    CAUSEWAY_DATABASE_URL: door.url,
    CAUSEWAY_ECHO_NAME: 'echo',
    ...more,
  });
  programs.push(started);
  return started;
}

async function startEcho(more: Record<string, string> = {}): Promise<Program> {
  const echo = start('echo/main', more);
  await echo.ready();
  return echo;
}

beforeAll(async () => {
  buildPrograms();
  database = await createEchoDatabase(postgresUrl);
  door = await openDoor(database.url);
  ({ bus, service } = await startBus(nats.url));
});

afterAll(async () => {
  for (const program of programs) program.child.kill('SIGKILL');
  await service.drain('the test is over');
  await door.close();
  await database.drop();
});

describe('settings', () => {
  test('that are wrong end the start with 78 and list every problem at once, without secrets', async () => {
    const program = start('echo/main', {
      CAUSEWAY_ECHO_LIMIT: '1000',
      CAUSEWAY_ECHO_NAME: '',
      CAUSEWAY_DATABASE_URL: 'mysql://root:topsecret@host/db',
      CAUSEWAY_SIGNING_KEY: 'c2hvcnQ=',
      CAUSEWAY_LOG_LEVEL: 'loud',
    });
    expect(await program.exited).toBe(78);
    const text = program.stderr();
    for (const name of ['ECHO_LIMIT', 'ECHO_NAME', 'DATABASE_URL', 'SIGNING_KEY', 'LOG_LEVEL']) {
      expect(text).toContain(`CAUSEWAY_${name}:`);
    }
    expect(text).toContain('(is "1000")');
    expect(text).not.toContain('topsecret');
    expect(program.lines).toEqual([]);
  });

  test('that a service needs must be set', async () => {
    const program = start('echo/main', { CAUSEWAY_DATABASE_URL: '' });
    expect(await program.exited).toBe(78);
    expect(program.stderr()).toContain('CAUSEWAY_DATABASE_URL: is not set, and this service needs it');
  });
});

describe('the internal port', () => {
  test('answers for health, readiness, metrics and the log level', async () => {
    const token = 'a-token-of-the-internal-port';
    const echo = await startEcho({ CAUSEWAY_INTERNAL_TOKEN: token });
    expect(await echo.internal('/health')).toEqual({ status: 200, text: '{"status":"ok"}\n' });
    const ready = await echo.internal('/ready');
    expect(ready.status).toBe(200);
    expect(JSON.parse(ready.text)).toEqual({
      ready: true,
      checks: { started: 'ok', draining: 'ok', bus: 'ok', database: 'ok' },
    });
    const { text } = await echo.internal('/metrics');
    for (const name of [
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
      'causeway_outbox_rows',
    ]) {
      expect(text).toMatch(new RegExp(`^${name}\\{service="echo"\\} [\\d.e-]+$`, 'm'));
    }
    const put = (body: string, headers: Record<string, string>) =>
      echo.internal('/log-level', { method: 'PUT', body, headers });
    expect((await put('debug', {})).status).toBe(403);
    expect((await put('debug', { authorization: 'Bearer another' })).status).toBe(403);
    const authorization = `Bearer ${token}`;
    expect((await put('shout', { authorization })).status).toBe(400);
    expect((await put('error', { authorization })).status).toBe(200);
    await bus.request(sayText, { text: 'x', mode: 'refuse' }).catch(() => {});
    expect(echo.lines.filter((line) => line.message === 'request refused')).toEqual([]);
    expect((await echo.internal('/nothing')).status).toBe(404);
    expect(await echo.stop()).toBe(0);
  });
});

describe('a process that is asked to stop', () => {
  test('answers requests under way, takes no new ones, and exits with 0', async () => {
    const echo = await startEcho();
    const text = newId();
    await bus.ring(noteText, { ...tenant, text, waitMs: 3_500 }, { messageId: text });
    await echo.line('note taken');
    const begun = bus.request(sayText, { text: 'begun', mode: 'wait', waitMs: 3_000 });
    await waitFor(async () => /in_flight\{service="echo"\} 2/.test((await echo.internal('/metrics')).text));
    echo.child.kill('SIGTERM');
    await echo.line('drain started');
    expect((await echo.internal('/ready')).status).toBe(503);
    await expect(bus.request(sayText, { text: 'new' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await begun).text).toBe('begun');
    expect(await echo.exited).toBe(0);
    expect(echo.lines.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['echo drains', 'drain done']),
    );
    expect(await database.query('select text from note where text = $1', [text])).toEqual([{ text }]);
    await database.query('delete from outbox');
  });

  test('waits no longer than its limit', async () => {
    const echo = await startEcho({ CAUSEWAY_DRAIN_TIMEOUT_MS: '300' });
    void bus.request(sayText, { text: '', mode: 'wait', waitMs: 60_000 }).catch(() => {});
    await waitFor(async () => /in_flight\{service="echo"\} 1/.test((await echo.internal('/metrics')).text));
    const startedMs = performance.now();
    expect(await echo.stop()).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(30_000);
    expect((await echo.line('work left behind'))['labels']).toMatchObject({ left: ['messages'] });
  });

  test('a second time by its parent or its group continues its work', async () => {
    const echo = await startEcho();
    const begun = bus.request(sayText, { text: 'begun', mode: 'wait', waitMs: 3_000 });
    await waitFor(async () => /in_flight\{service="echo"\} 1/.test((await echo.internal('/metrics')).text));
    echo.child.kill('SIGTERM');
    await echo.line('drain started');
    echo.child.kill('SIGTERM');
    echo.child.disconnect();
    expect((await begun).text).toBe('begun');
    expect(await echo.exited).toBe(0);
  });

  test('a second time by Ctrl-C ends at once with 1', async () => {
    const echo = await startEcho();
    void bus.request(sayText, { text: '', mode: 'wait', waitMs: 60_000 }).catch(() => {});
    await waitFor(async () => /in_flight\{service="echo"\} 1/.test((await echo.internal('/metrics')).text));
    echo.child.kill('SIGTERM');
    await echo.line('drain started');
    echo.child.kill('SIGINT');
    expect(await echo.exited).toBe(1);
  });

  test('by the end of its parent drains too', async () => {
    const echo = await startEcho();
    echo.child.disconnect();
    expect(await echo.exited).toBe(0);
    expect((await echo.line('drain started'))['labels']).toMatchObject({ reason: 'parent ended' });
  });
});

test('a process with an uncaught error logs it and exits with 1', async () => {
  const echo = await startEcho();
  await bus.request(sayText, { text: '', mode: 'die' });
  expect(await echo.exited).toBe(1);
  expect(await echo.line('unhandled rejection')).toMatchObject({
    'log.level': 'fatal',
    'error.message': 'nobody waits for this',
  });
});

describe('when Postgres is unreachable', () => {
  test.each(['refuse', 'silent'] as const)(
    '(%s) requests fail long before their time-out, readiness reports it, and it recovers',
    async (state) => {
      const echo = await startEcho();
      await bus.request(sayText, { text: 'x', mode: 'select' });
      await door.set(state);
      // A connection that was in use when the server stopped answering waits for its own limit; new ones do not.
      if (state === 'silent') await door.set('refuse').then(() => door.set('silent'));
      const startedMs = performance.now();
      await expect(bus.request(sayText, { text: 'x', mode: 'select' })).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        details: { service: 'Postgres' },
      });
      const ready = await echo.internal('/ready');
      expect(performance.now() - startedMs).toBeLessThan(20_000);
      expect(ready.status).toBe(503);
      expect(JSON.parse(ready.text).checks.database).not.toBe('ok');
      expect((await echo.internal('/health')).status).toBe(200);
      await door.set('open');
      await waitFor(async () => (await echo.internal('/ready')).status === 200);
      await bus.request(sayText, { text: 'x', mode: 'select' });
      expect(await echo.stop()).toBe(0);
    },
  );
});

describe('the outbox', () => {
  test('keeps its rows while the consumer is down, and delivers each of them when it is up', async () => {
    const echo = await startEcho();
    const texts = Array.from({ length: 30 }, () => newId());
    await Promise.all(texts.map((text) => bus.ring(noteText, { ...tenant, text }, { messageId: text })));
    await waitFor(async () => (await rowsInOutbox()) === texts.length);
    await echo.line('outbox consumer unreachable');
    const keeper = start('echo/keeper');
    await keeper.ready();
    await waitFor(async () => (await rowsInOutbox()) === 0 && keptBy(keeper).length >= texts.length);
    // A slow doorbell may have stored its note twice.
    expect(new Set(keptBy(keeper))).toEqual(new Set(texts));

    // A row is sent at once. If it waited for the next poll, each of these would take a quarter of a second after the one before it.
    const times: number[] = [];
    for (let n = 0; n < 10; n++) {
      const text = newId();
      const startedMs = performance.now();
      await bus.ring(noteText, { ...tenant, text }, { messageId: text });
      await waitFor(() => keptBy(keeper).includes(text), { everyMs: 2 });
      times.push(performance.now() - startedMs);
    }
    expect(Math.min(...times.slice(1))).toBeLessThan(200);

    await bus.ring(noteText, { ...tenant, text: 'unconfirmed' }, { messageId: newId() });
    await waitFor(() => keptBy(keeper).filter((kept) => kept === 'unconfirmed').length > 1);
    expect(await rowsInOutbox()).toBe(1);
    await database.query('delete from outbox');
    expect(await echo.stop()).toBe(0);
    expect(await keeper.stop()).toBe(0);
  });

  test('sends the other rows when its consumer refuses one', async () => {
    const echo = await startEcho();
    const keeper = start('echo/keeper');
    await keeper.ready();
    const rows = Array.from({ length: 9 }, (_each, index) => [
      newId(),
      index === 4 ? '{"text":4}' : '{"text":"good"}',
    ]);
    await database.query(
      `insert into outbox (id, subject, payload, organisation_id, team_id)
       select id, 'req.keeper.note.keep.v1', payload, $3, $3 from unnest($1::uuid[], $2::text[]) as r (id, payload)`,
      [rows.map(([id]) => id), rows.map(([, payload]) => payload), tenant.teamId],
    );
    await waitFor(async () => (await rowsInOutbox()) === 1);
    const refused = await echo.line('outbox row refused');
    expect(refused).toMatchObject({ 'error.code': 'REQUEST_INVALID', labels: { outboxId: rows[4]?.[0] } });
    const { text: metrics } = await echo.internal('/metrics');
    expect(metrics).toMatch(/causeway_outbox_refused_rows\{.*\} 1\n/);
    expect(metrics).toMatch(/causeway_outbox_oldest_refused_seconds\{.*\} \d*\.\d+\n/);
    // What the line says to do removes that row.
    const { remedy = '' } = (refused as { labels: { remedy?: string } }).labels;
    await database.query(/DELETE .*$/.exec(remedy)?.[0] ?? expect.fail('no statement'));
    expect(await rowsInOutbox()).toBe(0);
    await Promise.all([echo.stop(), keeper.stop()]);
  });

  test('leaves a row that was just written to its writer, and sends it when it stays', async () => {
    const echo = await startEcho();
    const keeper = start('echo/keeper');
    await keeper.ready();
    const write = async (): Promise<string> => {
      const id = newId();
      await database.query(
        `insert into outbox (id, subject, payload, organisation_id, team_id)
         values ($1, 'req.keeper.note.keep.v1', $2, $3, $3)`,
        [id, JSON.stringify({ text: id }), tenant.teamId],
      );
      return id;
    };
    const forgotten = await write();
    await waitFor(() => keptBy(keeper).includes(forgotten));
    // As another instance does it: each row is gone before it is old.
    const sent: string[] = [];
    let slowAtMs = -Infinity;
    for (let n = 0; n < 20; n++) {
      const startedMs = performance.now();
      const id = await write();
      await sleep(100);
      await database.query('delete from outbox where id = $1', [id]);
      // On a busy machine a row may be there for so long that it is forgotten; those that come then are sent with it.
      const nowMs = performance.now();
      if (nowMs - startedMs >= 400) slowAtMs = nowMs;
      if (nowMs - slowAtMs > 1_000 && keptBy(keeper).includes(id)) sent.push(id);
    }
    expect(sent).toEqual([]);
    await Promise.all([echo.stop(), keeper.stop()]);
  });

  test('is emptied by several instances without sending anything twice', async () => {
    const instances = await Promise.all([startEcho(), startEcho()]);
    const keeper = start('echo/keeper');
    await keeper.ready();
    const ids = Array.from({ length: 3_000 }, () => newId());
    await database.query(
      `insert into outbox (id, subject, payload, organisation_id, team_id)
       select id, 'req.keeper.note.keep.v1', '{"text":"' || id || '"}', $2, $2 from unnest($1::uuid[]) as r (id)`,
      [ids, tenant.teamId],
    );
    await waitFor(async () => (await rowsInOutbox()) === 0 && keptBy(keeper).length >= ids.length);
    expect(keptBy(keeper).toSorted()).toEqual(ids.toSorted());
    await Promise.all([...instances, keeper].map((program) => program.stop()));
  });
});

test('a service is ready once its migrations are applied', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-migrations-'));
  for (const name of ['1_first', '2_second']) mkdirSync(join(folder, name));
  await database.query(`create table echo._prisma_migrations
    (migration_name text, finished_at timestamptz, rolled_back_at timestamptz)`);
  await database.query(
    `insert into echo._prisma_migrations values ('1_first', now(), null), ('0_gone', null, now())`,
  );
  const program = start('echo/migrated', { MIGRATIONS: folder });
  const migrations = async (): Promise<string> =>
    JSON.parse((await program.internal('/ready')).text).checks.migrations;
  // A check that takes too long on a busy machine says that Postgres does not answer.
  await expect.poll(migrations).toBe('not applied: 2_second; run: npm run migrate');
  await database.query(`insert into echo._prisma_migrations values ('2_second', null, null)`);
  await expect.poll(migrations).toMatch(/^not finished: 2_second; /);
  await database.query(
    `update echo._prisma_migrations set finished_at = now() where migration_name = '2_second'`,
  );
  await expect.poll(migrations).toBe('ok');
  await expect.poll(async () => (await program.internal('/ready')).status).toBe(200);
  expect(await program.stop()).toBe(0);
  rmSync(folder, { recursive: true });
});

test('every log line has its ECS fields', () => {
  const lines = programs.flatMap((program) => program.lines);
  expect(lines.length).toBeGreaterThan(100);
  for (const line of lines) {
    expect(line).toMatchObject({
      '@timestamp': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      'log.level': expect.stringMatching(/^(trace|debug|info|warn|error|fatal)$/),
      'ecs.version': '9.0.0',
      'service.name': expect.stringMatching(/^(echo|keeper)$/),
      'event.action': expect.stringMatching(/^[a-z][a-z0-9.]*$/),
      message: expect.any(String),
      labels: expect.any(Object),
    });
  }
});

async function rowsInOutbox(): Promise<number> {
  const [row] = await database.query('select count(*)::int as rows from outbox');
  return row?.['rows'] as number;
}

function keptBy(keeper: Program): string[] {
  return keeper.lines
    .filter((line) => line.message === 'note kept')
    .map((line) => (line['labels'] as { text: string }).text);
}
