import { type AddressInfo, type Server, createServer } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findPortProblem } from '../servers/free-port.js';
import { chooseHttpPort } from './choose-http-port.js';

const HOST = '127.0.0.1';
let other: Server;
let taken: number;
beforeEach(async () => {
  other = createServer();
  await new Promise<void>((resolve) => other.listen(0, HOST, resolve));
  taken = (other.address() as AddressInfo).port;
});
afterEach(() => void other.close());

test('the port that the user names is used', async () => {
  const say = vi.fn();
  other.close();
  await vi.waitUntil(async () => (await findPortProblem(taken, HOST)) === undefined, { timeout: 60_000 });
  expect(await chooseHttpPort(String(taken), HOST, say)).toBe(taken);
  expect(say).not.toHaveBeenCalled();
});

test('a named port that another program uses is an error, and no other port is used', async () => {
  await expect(chooseHttpPort(String(taken), HOST, vi.fn())).rejects.toThrow(
    `CAUSEWAY_HTTP_PORT is ${taken}, and that port is taken by another program: choose another, or unset it`,
  );
});

test.each(['abc', '70000', '-1', '78.5', ' '])(
  '%j is not a port, and the error names the variable',
  async (wanted) => {
    await expect(chooseHttpPort(wanted, HOST, vi.fn())).rejects.toThrow(
      `CAUSEWAY_HTTP_PORT is "${wanted}": set it to a port`,
    );
  },
);

test('when the usual port is taken, another one is used, and a line says so', async () => {
  const say = vi.fn();
  const usual = createServer();
  // If the port is already in use, that is another program as well.
  await new Promise<void>((resolve) => usual.once('error', () => resolve()).listen(7860, HOST, resolve));
  const port = await chooseHttpPort(undefined, HOST, say);
  usual.close();
  expect(port).not.toBe(7860);
  expect(say).toHaveBeenCalledExactlyOnceWith(
    `Port 7860 is taken by another program, so port ${port} is used; to choose another one, set CAUSEWAY_HTTP_PORT`,
  );
});

test('the port of the last start is used again, before the usual one', async () => {
  const say = vi.fn();
  other.close();
  await vi.waitUntil(async () => (await findPortProblem(taken, HOST)) === undefined, { timeout: 60_000 });
  expect(await chooseHttpPort(undefined, HOST, say, taken)).toBe(taken);
  expect(say).not.toHaveBeenCalled();
});
