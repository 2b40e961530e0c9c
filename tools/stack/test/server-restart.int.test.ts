import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { openHome } from '../src/home.js';
import { type Server, startServer } from '../src/servers/server.js';
import { startServers } from '../src/servers/start-servers.js';

const home = openHome(mkdtempSync(join(tmpdir(), 'causeway-restart-')), true);
const silent = (): void => {};
afterAll(() => {
  for (const folder of [home.postgresFolder, home.folder]) rmSync(folder, { recursive: true, force: true });
});

/** Children of this process that work in one of the folders: Postgres, NATS and Redis do so in that of their data. */
function childrenIn(...folders: readonly string[]): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const place = readlinkSync(`/proc/${pid}/cwd`);
        const isOurs = Number(parent) === process.pid && state !== 'Z';
        return isOurs && folders.some((folder) => place.startsWith(folder));
      } catch {
        return false;
      }
    });
}

test.each([0, 450, 500, 505, 520, 560, 700])(
  'servers that are asked to stop %i ms after they died leave no process behind',
  async (afterMs) => {
    const died = new Map<string, PromiseWithResolvers<void>>(
      ['postgres', 'nats', 'redis'].map((name) => [name, Promise.withResolvers()]),
    );
    const say = (line: string): void => void died.get(line.split(' ')[0] ?? '')?.resolve();
    const servers = await startServers(home, silent, { say, changed: silent });
    const stopAfterDeath = async (server: Server): Promise<void> => {
      process.kill(server.process?.pid ?? 0, 'SIGKILL');
      await died.get(server.name)?.promise;
      // No condition to wait for: the moments around the new start are what is tried.
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await server.stop();
      expect(server.process).toBeUndefined();
    };
    await Promise.all([servers.postgres, servers.nats, servers.redis].map(stopAfterDeath));
    expect(childrenIn(home.folder, home.postgresFolder)).toEqual([]);
  },
);

test.each(['prepare', 'connect'] as const)(
  'a start that is asked to stop during its “%s” leaves no process behind, and the server can be started again',
  async (step) => {
    let isHeld = false;
    const reached = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const pass = async (at: 'prepare' | 'connect'): Promise<void> => {
      if (!isHeld || at !== step) return;
      reached.resolve();
      await release.promise;
    };
    const server = await startServer({
      name: 'sleeper',
      url: 'none:',
      command: 'sleep',
      args: ['60'],
      cwd: home.folder,
      logFile: join(home.logs, 'sleeper.log'),
      stopSignal: 'SIGTERM',
      prepare: () => pass('prepare'),
      connect: () => pass('connect'),
      watcher: { say: silent, changed: silent },
    });
    isHeld = true;
    process.kill(server.process?.pid ?? 0, 'SIGKILL');
    await reached.promise;
    const stopped = server.stop();
    release.resolve();
    await stopped;
    expect([server.process, childrenIn(home.folder)]).toEqual([undefined, []]);

    isHeld = false;
    await server.start();
    expect(childrenIn(home.folder)).toEqual([String(server.process?.pid)]);
    await server.kill();
    expect(childrenIn(home.folder)).toEqual([]);
  },
);

test('a server has its record as soon as it has a process, before it can be connected to', async () => {
  const records: unknown[] = [];
  const connected = Promise.withResolvers<void>();
  const starting = startServer({
    name: 'sleeper',
    url: 'none:',
    command: 'sleep',
    args: ['60'],
    cwd: home.folder,
    logFile: join(home.logs, 'sleeper.log'),
    stopSignal: 'SIGTERM',
    connect: () => connected.promise,
    watcher: { say: silent, changed: (server) => records.push(server.process) },
  });
  await vi.waitUntil(() => records.length === 1, { timeout: 60_000 });
  const [pid = ''] = childrenIn(home.folder);
  expect(records).toEqual([expect.objectContaining({ name: 'sleeper', pid: Number(pid) })]);
  connected.resolve();
  await (await starting).kill();
});
