import { connect, type Socket } from 'node:net';
import { testNats, waitFor } from '@causeway/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { KEY, startNeighbours } from './neighbours.js';
import { startGateway } from './start-gateway.js';

const nats = await testNats();
const neighbours = await startNeighbours(nats.url);
const gateway = await startGateway(nats.url, {
  ...neighbours.environment,
  CAUSEWAY_MAX_BODIES_BYTES: '4000000',
  CAUSEWAY_MAX_FLOW_BYTES: '1000000',
});
afterAll(() => gateway.close());

/** A request of which this much of its body has arrived and no more will. */
function hang(path: string, headers: string, body: string): Socket {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\nx-api-key: ${KEY}\r\n${headers}\r\n\r\n${body}`);
  return socket;
}
const half = 'x'.repeat(200_000);
const headers = 'content-type: application/json\r\ncontent-length: 400000';

async function send(bytes: number): Promise<Response> {
  return fetch(`${gateway.url}/api/v1/webhook/a-flow`, {
    method: 'POST',
    headers: { 'x-api-key': KEY, 'content-type': 'text/plain' },
    body: 'x'.repeat(bytes),
  });
}

describe('bodies that hang', () => {
  it('have a sum for each key, and free it when they go', async () => {
    const hanging = [1, 2].map(() => hang('/api/v1/webhook/a-flow', headers, half));
    await waitFor(async () => (await send(400_000)).status === 429);
    const refused = await send(400_000);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(await refused.json()).toMatchObject({
      code: 'KEY_BODIES_FULL',
      detail: expect.stringContaining('CAUSEWAY_MAX_BODIES_BYTES'),
    });
    // What is small still comes in.
    expect((await send(1_000)).status).toBe(202);
    for (const socket of hanging) socket.destroy();
    await waitFor(async () => (await send(400_000)).status === 202);
  });

  it('are counted as they arrive, where nobody says how long they are', async () => {
    const chunk = `${half.length.toString(16)}\r\n${half}\r\n`;
    const answers: string[] = [];
    const hanging = Array.from({ length: 4 }, () =>
      hang(
        '/api/v1/webhook/a-flow',
        'content-type: application/json\r\ntransfer-encoding: chunked',
        chunk.repeat(2),
      ).on('data', (data) => answers.push(String(data))),
    );
    // Two of them fill the key's share: what comes then is refused, whichever it is.
    await waitFor(() => answers.length === 2);
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 429 [^]*KEY_BODIES_FULL/);
    for (const socket of hanging) socket.destroy();
    await waitFor(async () => (await send(400_000)).status === 202);
  });
});
