import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isAlive } from '../src/processes.js';
import { freePort } from '../src/servers/free-port.js';
import { type HttpPort, ServiceProcess } from '../src/stack/service-process.js';

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

function aService(source: string, http?: HttpPort): ServiceProcess {
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
    ...(http && { http }),
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

/** A service whose port in this variable another program takes, unless the file `first` is there. */
const losing = (variable: string): string => `const { existsSync, writeFileSync } = require('node:fs');
    const { createServer } = require('node:net');
    if (!existsSync('${join(folder, 'first')}')) {
      writeFileSync('${join(folder, 'first')}', '');
      createServer().listen(Number(process.env.${variable}), '127.0.0.1');
    }
    if (process.env.CAUSEWAY_HTTP_PORT) createServer().listen(Number(process.env.CAUSEWAY_HTTP_PORT), '127.0.0.1');
    ${READY.replace('))', "), '127.0.0.1')")}`;

test('a port that another program took meanwhile is replaced by another one', async () => {
  service = aService(losing('CAUSEWAY_INTERNAL_PORT'));
  await service.start();
  expect(await service.isReady()).toBe(true);
  expect(log()).toMatch(/EADDRINUSE[^]*\nstarted\n$/);
});

describe('the port of an API that another program took since it was chosen', () => {
  test('is replaced by another one, which its address has, and a line says so', async () => {
    const port = await freePort();
    service = aService(losing('CAUSEWAY_HTTP_PORT'), { host: '127.0.0.1', port, isFixed: false });
    await service.start();
    expect(await service.isReady()).toBe(true);
    const used = Number(new URL(service.url ?? '').port);
    expect(used).not.toBe(port);
    expect(said).toEqual([`echo: port ${port} is taken by another program, so port ${used} is used`]);
  });

  test('is not replaced when it is the only one that may be used', async () => {
    const port = await freePort();
    service = aService(losing('CAUSEWAY_HTTP_PORT'), { host: '127.0.0.1', port, isFixed: true });
    await expect(service.start()).rejects.toThrow(
      `echo cannot start: port ${port} (CAUSEWAY_HTTP_PORT) is taken by another program`,
    );
    expect([said, service.process]).toEqual([[], undefined]);
  });

  test('is not replaced once the service was ready, because its clients know it', async () => {
    const port = await freePort();
    writeFileSync(join(folder, 'first'), '');
    service = aService(losing('CAUSEWAY_HTTP_PORT'), { host: '127.0.0.1', port, isFixed: false });
    await service.start();
    await service.stop();
    rmSync(join(folder, 'first'));
    await expect(service.start()).rejects.toThrow(`echo cannot start: port ${port} (CAUSEWAY_HTTP_PORT)`);
    await service.start();
    expect(service.url).toBe(`http://127.0.0.1:${port}`);
  });
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
