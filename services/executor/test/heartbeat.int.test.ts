import { randomUUID } from 'node:crypto';
import { type AddressInfo, type Socket, connect as connectTo, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { testDatabase, waitFor } from '@causeway/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HeartbeatNews, HeartbeatWork } from '../src/runner/life/heartbeat.worker.js';
import { connect } from './connection.js';

const database = await testDatabase({ services: ['executor'] });
const url = new URL(database.urls['executor'] as string);
const observer = await connect(database.adminUrl);

/** A network that can lose data without an error on either side. */
class Network {
  private readonly sockets: Socket[] = [];
  private readonly server = createServer((socket) => this.accept(socket));
  acceptsNew = true;

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  /** From now on the open connections carry no data. */
  cut(): void {
    for (const socket of this.sockets) socket.removeAllListeners('data').pause();
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private accept(socket: Socket): void {
    socket.on('error', () => {});
    if (!this.acceptsNew) return;
    const there = connectTo(Number(url.port), url.hostname);
    there.on('error', () => {});
    socket.on('data', (bytes) => there.write(bytes));
    there.on('data', (bytes) => socket.write(bytes));
    this.sockets.push(socket, there);
  }
}

const network = new Network();
const runner = {
  id: randomUUID(),
  kind: 'shared',
  engineVersion: 1,
  host: 'test',
  pid: process.pid,
} as const;
const ticks = new SharedArrayBuffer(4);
const news: HeartbeatNews[] = [];
const ticking = setInterval(() => Atomics.add(new Int32Array(ticks), 0, 1), 500);
let worker: Worker;
afterAll(async () => {
  clearInterval(ticking);
  await worker.terminate();
  network.close();
});

beforeAll(async () => {
  const through = new URL(url);
  through.port = String(await network.listen());
  const workerData: HeartbeatWork = { databaseUrl: through.href, runner, ticks };
  worker = new Worker(new URL('../dist/runner/life/heartbeat.worker.js', import.meta.url), { workerData });
  worker.on('message', (message: HeartbeatNews) => news.push(message));
  await waitFor(() => news.length > 0);
  expect(news).toEqual([{ kind: 'held' }]);
});

const kinds = (): string[] => news.map(({ kind }) => kind);

async function beatAgeS(): Promise<number> {
  const { rows } = await observer.query<{ age: number }>(
    'SELECT extract(epoch FROM clock_timestamp() - heartbeat_at)::float8 AS age FROM executor.executor WHERE id = $1',
    [runner.id],
  );
  return rows[0]?.age ?? Number.NaN;
}

const openSql = `SELECT count(*)::int AS open FROM pg_stat_activity WHERE application_name = 'executor shared heartbeat'`;

test('a dead connection that Postgres still treats as alive delays the lock for a moment, and no later heartbeat', async () => {
  network.cut();
  await waitFor(() => kinds().includes('lost'));
  await waitFor(() => kinds().at(-1) === 'held');
  expect(await beatAgeS()).toBeLessThan(3);
  // Postgres lists a connection that it has ended until its process is gone.
  await expect.poll(async () => (await observer.query(openSql)).rows).toEqual([{ open: 1 }]);
  expect(kinds()).toEqual(['held', 'lost', 'held']);
});

test('when Postgres is unreachable, the lease ends before other runners may take the runs', async () => {
  network.acceptsNew = false;
  network.cut();
  await waitFor(() => kinds().includes('expired'));
  expect(await beatAgeS()).toBeLessThan(15);
  network.acceptsNew = true;
  await waitFor(() => kinds().at(-1) === 'held');
  expect(await beatAgeS()).toBeLessThan(3);
});
