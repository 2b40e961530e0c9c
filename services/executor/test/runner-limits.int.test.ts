import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { waitFor } from '@causeway/testing';
import { expect, test } from 'vitest';
import { surroundings } from './surroundings.js';

const world = await surroundings();

test('a runner over its memory limit is ended, and the log names the limit', async () => {
  // The limit is below what a runner needs to start, so it may die before the executor takes runs, or after.
  void world
    .startExecutor({ CAUSEWAY_MEMORY_LIMIT_MB: '64', CAUSEWAY_LOG_LEVEL: 'info' })
    .catch(() => undefined);
  const line = await waitFor(
    () => world.output.text.split('\n').find((text) => text.includes('runner over its memory limit')),
    { timeoutMs: 60_000 },
  );
  expect(JSON.parse(line)).toMatchObject({ labels: { limitName: 'CAUSEWAY_MEMORY_LIMIT_MB', limitMb: 64 } });
  expect(world.output.text).toContain('effective memory limit of a runner');
});

test('a process whose main loop does not respond for 10 s is ended, and logs what it executed', async () => {
  const worker = new URL('../dist/runner/life/heartbeat.worker.js', import.meta.url).href;
  const workerData = {
    databaseUrl: world.databaseUrl,
    runner: { id: randomUUID(), kind: 'shared', engineVersion: 1, host: 'test', pid: 1 },
  };
  const program = `
    import { Worker } from 'node:worker_threads';
    const worker = new Worker(new URL('${worker}'), {
      execArgv: [],
      workerData: { ...${JSON.stringify(workerData)}, ticks: new SharedArrayBuffer(4) },
    });
    worker.postMessage([{ runId: 'a-run', paths: ['Busy-1'] }]);
    worker.on('message', () => { for (;;); });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const signal = await new Promise((resolve) => child.on('exit', (_code, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');
  expect(JSON.parse(output)).toMatchObject({
    message: 'main loop does not respond',
    labels: { running: [{ runId: 'a-run', paths: ['Busy-1'] }] },
  });
});
