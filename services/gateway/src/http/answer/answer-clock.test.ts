import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import type { FastifyReply } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { timeAnswer } from './answer-clock.js';

const IDLE_MS = 400;

const server = createServer((_request, raw) => {
  timeAnswer({ raw } as FastifyReply, IDLE_MS);
  raw.end('answer');
});
afterEach(() => server.close());

/** A connection whose first requests were answered. */
async function connected(requests: number): Promise<Socket> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8');
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(requests));
  let text = '';
  while (text.split('answer').length <= requests) text += String((await once(socket, 'data'))[0]);
  return socket;
}

test.each([1, 2])(
  'an idle connection ends after its own time, also when both times are equal: %i requests',
  async (requests) => {
    // Node adds this time to the other, and sets the sum.
    Object.assign(server, { keepAliveTimeout: IDLE_MS - 100, keepAliveTimeoutBuffer: 100 });
    const socket = await connected(requests);
    await expect(once(socket, 'end')).resolves.toEqual([]);
    socket.destroy();
  },
);
