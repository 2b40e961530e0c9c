import { chownSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { openHome } from '../src/home.js';
import { type ProcessRecord, isAlive } from '../src/processes.js';
import { startServers } from '../src/servers/start-servers.js';

const home = openHome(mkdtempSync(join(tmpdir(), 'causeway-servers-')), true);
const silent = (): void => {};
afterEach(() => vi.unstubAllEnvs());
afterAll(() => {
  for (const folder of [home.postgresFolder, home.folder]) rmSync(folder, { recursive: true, force: true });
});

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', silent);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('servers keep their data from one start to the next, also after a crash', async () => {
  const first = await startServers(home, silent);
  await ask(first.postgres.url, 'create table kept (id int)');
  for (const server of [first.postgres, first.nats, first.redis]) await server.kill();

  // The pid may now belong to any other program; here, to this test.
  const pidFile = join(home.postgresFolder, 'data/postmaster.pid');
  expect(existsSync(pidFile)).toBe(true);
  writeFileSync(pidFile, `${process.pid}\n${join(home.postgresFolder, 'data')}\n1\n5432\n`);
  const second = await startServers(home, silent);
  expect(await ask(second.postgres.url, 'select * from kept')).toEqual([]);
  const records = [second.postgres, second.nats, second.redis].map((server) => server.process);
  await second.stop();
  expect(records.filter((record) => record && isAlive(record))).toEqual([]);
});

test('a server that dies is started again with its data, and the log says so', async () => {
  const said: string[] = [];
  let changes = 0;
  const servers = await startServers(home, silent, {
    say: (line) => said.push(line),
    changed: () => (changes += 1),
  });
  const all = [servers.postgres, servers.nats, servers.redis];
  await ask(servers.postgres.url, 'create table if not exists survives (id int)');
  const before = all.map((server) => server.process?.pid ?? 0);
  rmSync(home.natsFolder, { recursive: true });
  for (const pid of before) process.kill(pid, 'SIGKILL');
  await vi.waitUntil(() => said.filter((line) => line.endsWith('is running again')).length === 3, {
    timeout: 60_000,
  });
  for (const { name } of all)
    expect(said).toContainEqual(
      expect.stringMatching(
        `^${name} ended \\(SIGKILL\\); starting it again in 0.5 s; .*${name}.log ends with:`,
      ),
    );
  expect(all.map((server) => server.process?.pid)).not.toEqual(before);
  expect(changes).toBe(9);
  expect(await ask(servers.postgres.url, 'select * from survives')).toEqual([]);

  // A server that is asked to stop, or is killed with `kill`, stays down.
  await Promise.all([servers.nats.kill(), servers.redis.kill()]);
  await servers.stop();
  expect(said).toHaveLength(6);
  expect(all.map((server) => server.process)).toEqual([undefined, undefined, undefined]);
});

test.runIf(process.getuid?.() === 0)(
  'as root, Postgres has a system user of its own, also for older data',
  async () => {
    const data = join(home.postgresFolder, 'data');
    const ownerOf = (file: string): number => statSync(join(data, file)).uid;
    const first = await startServers(home, silent);
    const uid = ownerOf('PG_VERSION');
    await first.stop();
    expect([0, 65_534]).not.toContain(uid);
    for (const file of ['.', 'PG_VERSION', 'base']) chownSync(join(data, file), 65_534, 65_534);
    const second = await startServers(home, silent);
    expect(['.', 'PG_VERSION', 'base'].map(ownerOf)).toEqual([uid, uid, uid]);
    await second.stop();
  },
);

test('Postgres accepts no login without its password, and is durable', async () => {
  const servers = await startServers(home, silent);
  const open = new URL(servers.postgres.url);
  open.password = 'guess';
  await expect(ask(open.href, 'select 1')).rejects.toThrow(/password authentication failed/);
  expect(await ask(servers.postgres.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
  await servers.stop();
});

test('a server that the environment names is used, and not stopped', async () => {
  const own = await startServers(home, silent);
  vi.stubEnv('CAUSEWAY_POSTGRES_URL', own.postgres.url);
  vi.stubEnv('CAUSEWAY_NATS_URL', own.nats.url);
  vi.stubEnv('CAUSEWAY_REDIS_URL', own.redis.url);
  const named = await startServers(home, silent);
  expect([named.postgres.url, named.nats.url, named.redis.url]).toEqual([
    own.postgres.url,
    own.nats.url,
    own.redis.url,
  ]);
  await named.stop();
  expect(await ask(own.postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await own.stop();
});

test.each([
  ['CAUSEWAY_POSTGRES_URL', 'postgres://nobody:x@127.0.0.1:1/postgres'],
  ['CAUSEWAY_NATS_URL', 'nats://127.0.0.1:1'],
  ['CAUSEWAY_REDIS_URL', 'redis://127.0.0.1:1'],
])(
  '%s of an unreachable server is an error that names it, and leaves nothing running',
  async (variable, url) => {
    vi.stubEnv(variable, url);
    const started: (ProcessRecord | undefined)[] = [];
    const starting = startServers(home, silent, {
      say: silent,
      changed: (server) => started.push(server.process),
    });
    await expect(starting).rejects.toThrow(new RegExp(`${variable} is set, but .* cannot be reached`));
    expect(started.filter((record) => record && isAlive(record))).toEqual([]);
  },
);
