import { afterEach, expect, test, vi } from 'vitest';
import type { Causeway } from '../stack/create-causeway.js';
import { runUntilStopped } from './run-until-stopped.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
afterEach(() => {
  for (const signal of [...signals, 'SIGQUIT']) process.removeAllListeners(signal);
});

/** The part of a running copy that `runUntilStopped` uses. */
function aCauseway(): Causeway {
  return {
    stop: vi.fn(async () => {}),
    kill: vi.fn(async () => {}),
    stopWait: vi.fn(async () => undefined),
  } as unknown as Causeway;
}
const silent = (): void => {};

test.each(signals)('%s stops what runs', async (signal) => {
  const causeway = aCauseway();
  const code = runUntilStopped(
    async () => causeway,
    async () => void setImmediate(() => process.emit(signal)),
    silent,
  );
  expect(await code).toBe(0);
  expect(causeway.stop).toHaveBeenCalledOnce();
});

test('an interrupted start is given up', async () => {
  const begin = (signal: AbortSignal): Promise<Causeway> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
      setImmediate(() => process.emit('SIGINT'));
    });
  expect(await runUntilStopped(begin, async () => {}, silent)).toBe(130);
});

test('a copy that fails after its start is stopped, and the reason is printed', async () => {
  const causeway = aCauseway();
  const running = runUntilStopped(
    async () => causeway,
    () => Promise.reject(new Error('no sample')),
    silent,
  );
  await expect(running).rejects.toThrow('no sample');
  expect(causeway.stop).toHaveBeenCalledOnce();
});

test('a second Ctrl-C ends at once what the first one is still stopping', async () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as never);
  const causeway = aCauseway();
  let finish = silent;
  vi.mocked(causeway.stop).mockImplementation(() => new Promise((resolve) => (finish = resolve)));
  const code = runUntilStopped(
    async () => causeway,
    async () => void setImmediate(() => process.emit('SIGINT')),
    silent,
  );
  await vi.waitUntil(() => vi.mocked(causeway.stop).mock.calls.length === 1, { timeout: 60_000 });
  process.emit('SIGINT');
  await vi.waitUntil(() => exit.mock.calls.length === 1, { timeout: 60_000 });
  expect(causeway.kill).toHaveBeenCalledOnce();
  expect(exit).toHaveBeenCalledWith(130);
  finish();
  await code;
  exit.mockRestore();
});

test('a stop prints what it waits for before it begins', async () => {
  const causeway = aCauseway();
  const order: string[] = [];
  vi.mocked(causeway.stopWait).mockResolvedValue('waiting for 2 runs, at most 60 s');
  vi.mocked(causeway.stop).mockImplementation(async () => void order.push('stop'));
  await runUntilStopped(
    async () => causeway,
    async () => void setImmediate(() => process.emit('SIGINT')),
    (line) => order.push(line),
  );
  expect(order).toEqual([
    'Stopping …',
    'waiting for 2 runs, at most 60 s; to stop at once, press Ctrl-C again',
    'stop',
  ]);
});

test('SIGQUIT ends everything at once', async () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as never);
  const causeway = aCauseway();
  let given: AbortSignal | undefined;
  void runUntilStopped(
    async () => causeway,
    async (_, signal) => {
      given = signal;
      setImmediate(() => process.emit('SIGQUIT'));
    },
    silent,
  );
  await vi.waitUntil(() => exit.mock.calls.length === 1, { timeout: 60_000 });
  expect(given?.aborted).toBe(true);
  expect([vi.mocked(causeway.kill).mock.calls.length, vi.mocked(causeway.stop).mock.calls.length]).toEqual([
    1, 0,
  ]);
  exit.mockRestore();
});
