import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isAlive } from '../src/processes.js';
import { ServiceProcess } from '../src/stack/service-process.js';

const READY = `require('node:http').createServer((_, answer) => answer.end()).listen(Number(process.env.CAUSEWAY_INTERNAL_PORT));
console.log('started'); process.on('SIGTERM', () => { console.log('drained'); process.exit(0); });`;

let folder: string;
let said: string[];
let service: ServiceProcess;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-service-'));
  said = [];
});
afterEach(async () => {
  await service.kill();
  rmSync(folder, { recursive: true });
});

function aService(source: string): ServiceProcess {
  const program = join(folder, 'main.cjs');
  writeFileSync(program, source);
  return new ServiceProcess({
    name: 'echo',
    service: 'echo',
    program,
    environment: { PATH: process.env['PATH'] ?? '' },
    logFile: join(folder, 'echo.log'),
    changed: () => {},
    say: (line) => said.push(line),
  });
}
const log = (): string => readFileSync(join(folder, 'echo.log'), 'utf8');

test('is started when it is ready, and stopped when it has drained', async () => {
  service = aService(READY);
  await service.start();
  const running = service.process;
  expect(running && isAlive(running)).toBe(true);
  await service.stop();
  expect(running && isAlive(running)).toBe(false);
  expect(log()).toBe('started\ndrained\n');
  expect(said).toEqual([]);
});

test('is started again when it dies, and a line has its name and last log lines', async () => {
  service = aService(READY);
  await service.start();
  const first = service.process?.pid;
  process.kill(first ?? 0, 'SIGKILL');
  await vi.waitUntil(async () => service.process?.pid !== first && (await service.isReady()), {
    timeout: 60_000,
  });
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^echo ended \(SIGKILL\); starting it again in 0\.5 s;.*\nstarted$/);
});

test('stays stopped once it was asked to stop', async () => {
  service = aService(READY);
  await service.start();
  await service.kill();
  expect(service.process).toBeUndefined();
  expect(await service.isReady()).toBe(false);
  await service.start();
  expect(await service.isReady()).toBe(true);
});

test('one that ends while it starts is an error with its last lines', async () => {
  service = aService(`console.log('no such table'); process.exit(3);`);
  await expect(service.start()).rejects.toThrow(
    /^echo ended while it started \(code 3\);.*\nno such table$/s,
  );
  expect(service.process).toBeUndefined();
});

test('the error of a failed start has only the lines of that start, formatted for a person', async () => {
  writeFileSync(join(folder, 'echo.log'), '{"message":"of an earlier start"}\n');
  const line = {
    'log.level': 'fatal',
    message: 'start failed',
    'error.message': 'no bus',
    'service.name': 'x',
  };
  service = aService(`console.log(${JSON.stringify(JSON.stringify(line))}); process.exit(1);`);
  await expect(service.start()).rejects.toThrow(/^echo ended [^\n]*ends with:\nfatal start failed: no bus$/);
});

test('the error of a start with wrong settings has only the problems of the settings', async () => {
  service = aService(`console.error('echo does not start. The settings are not usable'); process.exit(78);`);
  await expect(service.start()).rejects.toThrow(/^echo does not start\. The settings are not usable$/);
});

test('a port that another program took meanwhile is replaced by another one', async () => {
  const first = join(folder, 'first');
  service = aService(`const { existsSync, writeFileSync } = require('node:fs');
    if (!existsSync('${first}')) {
      writeFileSync('${first}', '');
      require('node:net').createServer().listen(Number(process.env.CAUSEWAY_INTERNAL_PORT), '127.0.0.1');
    }
    ${READY.replace('))', "), '127.0.0.1')")}`);
  await service.start();
  expect(await service.isReady()).toBe(true);
  expect(log()).toMatch(/EADDRINUSE[^]*\nstarted\n$/);
});

test('one whose settings are wrong is not started again', async () => {
  service = aService(`${READY} setTimeout(() => process.exit(78), 300);`);
  await service.start();
  await vi.waitUntil(() => said.length > 0, { timeout: 60_000 });
  expect(said[0]).toMatch(/^echo ended \(code 78\) and is not started again/);
});

test('a start can be stopped', async () => {
  service = aService('setInterval(() => {}, 1000);');
  const giving = new AbortController();
  const starting = service.start(giving.signal);
  giving.abort(new Error('interrupted'));
  await expect(starting).rejects.toThrow('interrupted');
  expect(service.process).toBeUndefined();
});

test('a service that is asked to stop while it starts leaves no process running, and can be started again', async () => {
  service = aService(READY);
  const early = service.start();
  await service.stop();
  await expect(early).rejects.toThrow('echo was asked to stop');
  expect([service.process, existsSync(join(folder, 'echo.log'))]).toEqual([undefined, false]);

  const late = service.start();
  await vi.waitUntil(() => service.process !== undefined, { timeout: 60_000 });
  const started = service.process;
  await Promise.all([service.kill(), expect(late).rejects.toThrow('echo was asked to stop')]);
  expect(started && isAlive(started)).toBe(false);

  await service.start();
  expect(await service.isReady()).toBe(true);
});

test('a start whose signal is aborted makes no process', async () => {
  service = aService(READY);
  await expect(service.start(AbortSignal.abort(new Error('interrupted')))).rejects.toThrow('interrupted');
  expect([service.process, existsSync(join(folder, 'echo.log'))]).toEqual([undefined, false]);
});
