import { type Socket, connect } from 'node:net';
import { listMessages } from '@causeway/contracts';
import type { ReplyOf } from '@causeway/contracts';
import { Handles, runService } from '@causeway/platform';
import { testNats } from '@causeway/testing';
import { Controller, Module } from '@nestjs/common';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { KEY, startNeighbours } from './neighbours.js';
import { startRegistry } from './stand-in-registry.js';
import { countedBytes, startGateway } from './start-gateway.js';

/** More than the sockets' own buffers hold. */
const LARGE = 'x'.repeat(12_000_000);
const ID = '00000000-0000-4000-8000-000000000000';

@Controller()
class Executor {
  @Handles(listMessages)
  list(): ReplyOf<typeof listMessages> {
    const texts = { sender: 'User', senderName: 'User', sessionId: 's', contextId: '', category: 'message' };
    const rest = { files: [], properties: {}, contentBlocks: [], edit: false, error: false };
    const message = { id: ID, flowId: ID, runId: null, at: '2026-01-01T00:00:00.000Z' };
    return { items: [{ ...message, ...texts, ...rest, text: LARGE }] };
  }
}

@Module({ controllers: [Executor] })
class ExecutorModule {}

const nats = await testNats();
const neighbours = await startNeighbours(nats.url);
await startRegistry(neighbours.environment);
const executor = await runService({
  settings: {},
  embedded: true,
  version: '0',
  name: 'executor',
  environment: { ...neighbours.environment, CAUSEWAY_LOG_LEVEL: 'silent' },
  module: async () => ExecutorModule,
});
/** Each key has room for two large answers, and all together have no more. */
const room = { CAUSEWAY_MAX_ANSWERS_BYTES: '40000000' };
const [gateway, impatient] = await Promise.all([
  startGateway(nats.url, { ...neighbours.environment, ...room }),
  startGateway(nats.url, { ...neighbours.environment, ...room, CAUSEWAY_ANSWER_IDLE_MS: '10000' }),
]);
afterAll(async () => {
  await Promise.all([gateway.close(), impatient.close()]);
  await executor.drain('test is over');
});

let readers: Socket[] = [];
afterEach(() => {
  for (const reader of readers) reader.destroy();
  readers = [];
});

/** Asks, and reads the beginning of the answer but nothing more. @returns the first piece of it */
function glance(url: string, path: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  readers.push(socket);
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nx-api-key: ${KEY}\r\n\r\n`);
  return new Promise((resolve) => {
    socket.once('data', (piece) => {
      socket.pause();
      resolve(String(piece));
    });
  });
}

async function read(url: string, path: string): Promise<[status: number, length: number]> {
  const response = await fetch(url + path, { headers: { 'x-api-key': KEY } });
  return [response.status, (await response.text()).length];
}

const created = await fetch(`${gateway.url}/api/v1/flows`, {
  method: 'POST',
  headers: { 'x-api-key': KEY, 'content-type': 'application/json' },
  body: JSON.stringify({ name: 'large', data: { nodes: [], edges: [], x: LARGE } }),
});
// The answer contains the flow, and counts until it is read.
await created.text();

describe.each(['/api/v1/monitor/messages', `/api/v1/flows/${ID}`, '/api/v1/flows'])(
  'answers of %s that nobody reads',
  (path) => {
    it('have a sum, and free it when their readers go', async () => {
      expect(created.status).toBe(201);
      const answers = await Promise.all(Array.from({ length: 6 }, () => glance(gateway.url, path)));
      const refused = answers.filter((answer) => answer.startsWith('HTTP/1.1 429'));
      // The answer before may still be counted for a moment.
      expect([4, 5]).toContain(refused.length);
      for (const answer of refused)
        expect(answer).toMatch(/share of CAUSEWAY_MAX_ANSWERS_BYTES.*KEY_ANSWERS_FULL/s);
      expect((await countedBytes(gateway)).answers).toBeGreaterThan(LARGE.length);
      for (const reader of readers) reader.destroy();
      await expect.poll(() => countedBytes(gateway)).toEqual({ bodies: 0, answers: 0 });
      await expect.poll(async () => (await read(gateway.url, path))[0]).toBe(200);
    });
  },
);

it('a caller who takes nothing of an answer for a while loses the connection, and frees what waited', async () => {
  const path = '/api/v1/monitor/messages';
  await Promise.all([glance(impatient.url, path), glance(impatient.url, path)]);
  expect((await read(impatient.url, path))[0]).toBe(429);
  await expect.poll(async () => (await read(impatient.url, path))[0]).toBe(200);
  const [status, length] = await read(impatient.url, path);
  expect([status, length > LARGE.length]).toEqual([200, true]);
});
