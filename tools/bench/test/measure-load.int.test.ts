import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
// The built file is used, because a worker thread runs JavaScript.
import { measureLoad } from '../dist/measure-load.js';

let [asked, most, open] = [0, 0, 0];
const server = createServer((request, response) => {
  open += 1;
  most = Math.max(most, open);
  request.resume().once('end', () =>
    setTimeout(() => {
      open -= 1;
      asked += 1;
      response.writeHead(asked % 5 === 0 ? 503 : 200).end('answer');
    }, 5),
  );
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
afterAll(() => server.close());

test('so many callers send requests at once, failures are counted separately, and times are measured by the callers', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const result = await measureLoad({ url, path: '/', headers: {}, callers: 4, forMs: 500 });
  expect(most).toBe(4);
  expect(result.runs + result.failed).toBe(asked);
  expect(result.failed).toBe(Math.floor(asked / 5));
  expect(result.failure).toBe('503 answer');
  expect(result.p50Ms).toBeGreaterThanOrEqual(5);
  expect(result.p99Ms).toBeGreaterThanOrEqual(result.p50Ms);
});
