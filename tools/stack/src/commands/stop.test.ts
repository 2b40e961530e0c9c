import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Home, openHome } from '../home.js';
import { recordOf } from '../processes.js';
import { stop } from './stop.js';

/** A program that ends with a different code for each signal. */
const STACK = `process.on('SIGTERM', () => process.exit(1)); process.on('SIGQUIT', () => process.exit(2));
console.log('there'); setInterval(() => {}, 1000);`;

let home: Home;
let stack: ChildProcess;
let gateway: Server;
let underWay: number;
let told: string;
beforeEach(async () => {
  home = openHome(mkdtempSync(join(tmpdir(), 'causeway-stop-')));
  vi.stubEnv('CAUSEWAY_HOME', home.folder);
  stack = spawn(process.execPath, ['-e', STACK], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(stack.stdout ?? stack, 'data');
  gateway = createServer(({ url, headers }, response) => {
    const isAsked = url?.includes('status=running') && headers['x-api-key'] === home.secrets.apiKey;
    response.end(JSON.stringify({ items: isAsked ? Array.from({ length: underWay }) : [] }));
  });
  await once(gateway.listen(0, '127.0.0.1'), 'listening');
  const { port } = gateway.address() as AddressInfo;
  const running = {
    stack: recordOf('stack', stack.pid ?? 0),
    processes: [],
    url: `http://127.0.0.1:${port}`,
  };
  writeFileSync(home.runningFile, JSON.stringify(running));
  told = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((told += String(text)), true));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  stack.kill('SIGKILL');
  gateway.close();
  gateway.closeAllConnections();
  rmSync(home.folder, { recursive: true });
});

test.each([
  [0, ''],
  [1, 'waiting for 1 run, at most 60 s; to stop at once: CAUSEWAY_HOME=HERE npm stop -- --now\n'],
  [3, 'waiting for 3 runs, at most 60 s; to stop at once: CAUSEWAY_HOME=HERE npm stop -- --now\n'],
])('with %i runs under way says what it waits for', async (runs, line) => {
  underWay = runs;
  const ended = once(stack, 'exit');
  expect(await stop([])).toBe(0);
  expect(told.replace(home.folder, 'HERE')).toBe(line);
  expect((await ended)[0]).toBe(1);
});

test('--help stops nothing', async () => {
  let shown = '';
  vi.mocked(process.stdout.write).mockImplementation((text) => ((shown += String(text)), true));
  expect(await stop(['--help'])).toBe(0);
  expect(shown).toContain('--now');
  expect(stack.exitCode).toBeNull();
});

test('--now waits for nothing', async () => {
  underWay = 3;
  const ended = once(stack, 'exit');
  expect(await stop(['--now'])).toBe(0);
  expect(told).toBe('');
  expect((await ended)[0]).toBe(2);
});
