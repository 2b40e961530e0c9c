import { type Socket, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { testNats, waitFor } from '@causeway/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { KEY, LATE_KEY, startNeighbours } from './neighbours.js';
import { startRegistry } from './stand-in-registry.js';
import { countedBytes, startGateway } from './start-gateway.js';

const nats = await testNats();
const neighbours = await startNeighbours(nats.url);
await startRegistry(neighbours.environment);
const gateway = await startGateway(nats.url, {
  ...neighbours.environment,
  CAUSEWAY_MAX_BODIES_BYTES: '4000000',
  CAUSEWAY_MAX_FLOW_BYTES: '1000000',
});
afterAll(() => gateway.close());

/** Sends a request with the beginning of its body, and never sends the rest. */
function hang(path: string, headers: string, body: string | Buffer, key = KEY): Socket {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\nx-api-key: ${key}\r\n${headers}\r\n\r\n`);
  socket.write(body);
  return socket;
}
const WEBHOOK = '/api/v1/webhook/a-flow';
const half = 'x'.repeat(200_000);
const headers = 'content-type: application/json\r\ncontent-length: 400000';

async function send(bytes: number, key = KEY): Promise<Response> {
  return fetch(gateway.url + WEBHOOK, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'text/plain' },
    body: 'x'.repeat(bytes),
  });
}
/** Waits until nothing is counted any more: then a body that fills the key's share is accepted. */
async function expectFree(): Promise<void> {
  await expect.poll(() => countedBytes(gateway)).toEqual({ bodies: 0, answers: 0 });
  // On a busy machine the gateway may read a request of a caller who has left only now.
  await expect.poll(async () => (await send(1_000_000)).status).toBe(202);
}

describe('bodies that hang', () => {
  it('have a limit for each key, and free their memory when they end', async () => {
    const hanging = [1, 2].map(() => hang(WEBHOOK, headers, half));
    // A further body that arrives before the second one would take its place.
    await waitFor(async () => (await countedBytes(gateway)).bodies === 800_000);
    await waitFor(async () => (await send(400_000)).status === 429);
    expect((await countedBytes(gateway)).bodies).toBeGreaterThanOrEqual(800_000);
    const refused = await send(400_000);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(await refused.json()).toMatchObject({
      code: 'KEY_BODIES_FULL',
      detail: expect.stringContaining('CAUSEWAY_MAX_BODIES_BYTES'),
    });
    // Small bodies are still accepted.
    expect((await send(1_000)).status).toBe(202);
    for (const socket of hanging) socket.destroy();
    await expectFree();
  });

  it('are counted as they arrive when their length is not declared', async () => {
    const chunk = `${half.length.toString(16)}\r\n${half}\r\n`;
    const answers: string[] = [];
    const hanging = Array.from({ length: 4 }, () =>
      hang(WEBHOOK, 'content-type: application/json\r\ntransfer-encoding: chunked', chunk.repeat(2)).on(
        'data',
        (data) => answers.push(String(data)),
      ),
    );
    // Two of them fill the key's share: every further one is refused.
    await waitFor(() => answers.length === 2);
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 429 [^]*KEY_BODIES_FULL/);
    for (const socket of hanging) socket.destroy();
    await expectFree();
  });
});

describe('files that are kept in memory', () => {
  const UPLOAD = '/api/v1/flows/upload';
  const part = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.json"\r\n\r\n';

  it.each([
    ['their declared length', 'content-length: 500000', part + half],
    [
      'their pieces as they arrive',
      'transfer-encoding: chunked',
      `${part.length.toString(16)}\r\n${part}\r\n${`${half.length.toString(16)}\r\n${half}\r\n`.repeat(2)}`,
    ],
  ])('count as bodies by %s', async (_name, length, body) => {
    const type = 'content-type: multipart/form-data; boundary=b';
    const answers: string[] = [];
    const hanging = Array.from({ length: 4 }, () =>
      hang(UPLOAD, `${type}\r\n${length}`, body).on('data', (data) => answers.push(String(data))),
    );
    await waitFor(() => answers.length === 2);
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 429 [^]*KEY_BODIES_FULL/);
    expect((await send(400_000)).status).toBe(429);
    for (const socket of hanging) socket.destroy();
    await expectFree();
  });

  it('free their memory once they are answered', async () => {
    for (let n = 0; n < 4; n++) {
      const form = new FormData();
      form.set('file', new Blob([`{"a":"${'x'.repeat(900_000)}"}`]), 'a.json');
      const answer = await fetch(gateway.url + UPLOAD, {
        method: 'POST',
        headers: { 'x-api-key': KEY },
        body: form,
      });
      expect([answer.status, (await answer.text()).length > 900_000]).toEqual([201, true]);
    }
    await expectFree();
  });
});

describe('a caller who leaves', () => {
  /** Settles when the gateway has read what arrived on connections that ended before. */
  async function settle(): Promise<void> {
    for (let n = 0; n < 3; n++) await (await fetch(`${gateway.url}/health`)).text();
  }

  it('while the key is verified has nothing counted', async () => {
    const before = neighbours.asked.length;
    // No byte of the bodies is sent: the end of a connection is not noticed while it has unread bytes.
    const leaving = [1, 2].map(() => hang(WEBHOOK, headers, '', LATE_KEY));
    await waitFor(() => neighbours.asked.length > before);
    await settle();
    for (const socket of leaving) socket.destroy();
    await settle();
    // This request waits for the same answer of auth, and is handled after them.
    const last = send(1_000, LATE_KEY);
    await settle();
    neighbours.verifyLate();
    expect((await last).status).toBe(202);
    await expectFree();
  });

  it('while waiting for a run does not keep the run’s input', async () => {
    const body = JSON.stringify({ input_value: 'x'.repeat(900_000) });
    const type = `content-type: application/json\r\ncontent-length: ${body.length}`;
    const sockets: Socket[] = [];
    await waitFor(async () => {
      sockets.push(hang('/api/v1/run/a-flow', type, body));
      return (await send(400_000)).status === 429;
    });
    for (const socket of sockets) socket.destroy();
    await expectFree();
  });

  it('while the body is decompressed has nothing counted', async () => {
    const packed = gzipSync('x'.repeat(900_000));
    const type = `content-type: text/plain\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}`;
    for (let n = 0; n < 40; n++) {
      const socket = hang(WEBHOOK, type, packed);
      socket.end();
      // The answer is sent after the decompression; this caller leaves before.
      socket.resetAndDestroy();
    }
    await settle();
    await expectFree();
  });
});
