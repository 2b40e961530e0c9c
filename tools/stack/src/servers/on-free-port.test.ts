import { expect, test, vi } from 'vitest';
import { onFreePort } from './on-free-port.js';
import type { Server } from './server.js';

const server = {} as Server;
const taken = new Error('nats did not start; its log ends with:\nlisten tcp: bind: address already in use');

test('a port that another program took in between is replaced by another one, once', async () => {
  const start = vi.fn().mockRejectedValueOnce(taken).mockResolvedValueOnce(server);
  expect(await onFreePort(undefined, start)).toBe(server);
  const always = vi.fn().mockRejectedValue(taken);
  await expect(onFreePort(undefined, always)).rejects.toThrow(taken);
  expect(always).toHaveBeenCalledTimes(2);
});

test('any other failure, and one on a requested port, is reported at once', async () => {
  const broken = vi.fn().mockRejectedValue(new Error('no disk'));
  await expect(onFreePort(undefined, broken)).rejects.toThrow('no disk');
  const wished = vi.fn().mockRejectedValue(taken);
  await expect(onFreePort(1234, wished)).rejects.toThrow(taken);
  expect([broken.mock.calls, wished.mock.calls.length]).toEqual([[[expect.any(Number)]], 1]);
});
