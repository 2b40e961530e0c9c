import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_SMALL_DISK, mountSmallDisk, waitFor } from '@causeway/testing';
import { type Running, openHome, startServers } from '@causeway/stack';
import { afterAll, expect, test, vi } from 'vitest';
import { echoFlow } from './support/flows.js';
import { startStack } from './support/stack.js';

const disk = mountSmallDisk();
const said: string[] = [];
const stack = disk && (await startOn(disk.folder));
afterAll(() => disk?.unmount());

/** Starts everything with its private folder there, except Postgres and NATS, which need more room than a small disk has. */
async function startOn(folder: string) {
  const others = openHome(mkdtempSync(join(tmpdir(), 'causeway-e2e-servers-')), true);
  const { postgres, nats, redis, stop } = await startServers(others, () => {});
  await redis.stop();
  vi.stubEnv('CAUSEWAY_POSTGRES_URL', postgres.url);
  vi.stubEnv('CAUSEWAY_NATS_URL', nats.url);
  afterAll(async () => {
    await stop();
    for (const each of [others.postgresFolder, others.folder]) rmSync(each, { recursive: true, force: true });
  });
  return startStack({ home: folder, say: (line) => said.push(line) });
}

test('on a disk without a free byte, processes that die are started again, and the process list is right when there is room', async (context) => {
  if (!disk || !stack) return context.skip(NO_SMALL_DISK);
  const { causeway, api } = stack;
  const { redis } = causeway.servers;
  const flow = await api.importFlow(echoFlow());
  const noted = (): number | undefined => {
    const { processes } = JSON.parse(readFileSync(join(disk.folder, 'running.json'), 'utf8')) as Running;
    return processes.find(({ name }) => name === 'redis')?.pid;
  };
  const killRedis = async (): Promise<void> => {
    const pid = redis.process?.pid ?? 0;
    const before = said.length;
    process.kill(pid, 'SIGKILL');
    await waitFor(() => said.slice(before).includes('redis is running again'), { what: 'another Redis' });
    expect(redis.process?.pid).not.toBe(pid);
  };
  const first = noted();
  expect(first).toBe(redis.process?.pid);

  disk.fillUp('filler');
  await killRedis();
  const audit = causeway.services.get('audit');
  process.kill(audit?.process?.pid ?? 0, 'SIGKILL');
  await waitFor(() => said.some((line) => line.startsWith('audit ended (SIGKILL)')), {
    what: 'the end of a service',
  });
  await waitFor(() => audit?.isReady(), { what: 'another process of the service' });
  expect(said).toContainEqual(
    expect.stringMatching(`^The process list in ${disk.folder} cannot be written: ENOSPC`),
  );
  expect(noted()).toBe(first);
  await waitFor(async () => (await api.run(flow.id, { input_value: 'x' })).status === 503, {
    what: 'a run to be refused',
  });

  disk.free('filler');
  await killRedis();
  expect(noted()).toBe(redis.process?.pid);
  await waitFor(async () => (await api.run(flow.id, { input_value: 'again' })).status === 200, {
    what: 'a run',
  });
}, 90_000);
