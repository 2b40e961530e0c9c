import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Home, openHome } from '../home.js';
import { claimHome, writeRunning } from '../running.js';
import { findUnhealthy } from '../stack/find-unhealthy.js';
import { start } from './start.js';

let home: Home;
let shown: string;
beforeEach(async () => {
  home = openHome(mkdtempSync(join(tmpdir(), 'causeway-start-')));
  vi.stubEnv('CAUSEWAY_HOME', home.folder);
  await claimHome(home);
  writeRunning(home, { processes: [], url: 'http://127.0.0.1:1' });
  shown = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((shown += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.removeAllListeners(signal);
  rmSync(home.folder, { recursive: true });
});

test('a running copy is not reset', async () => {
  await expect(start(['--reset'])).rejects.toThrow(
    /running at .* nothing was reset: stop it first with CAUSEWAY_HOME=\S+ npm stop/,
  );
  expect(existsSync(join(home.folder, 'secrets.json'))).toBe(true);
});

describe('a second start', () => {
  let answers: number[];
  let url: string;
  let gateway: Server;
  beforeEach(async () => {
    gateway = createServer((_request, response) => {
      const status = answers.length > 1 ? answers.shift() : answers[0];
      response.writeHead(status ?? 200).end(JSON.stringify({ detail: 'Postgres does not answer now.' }));
    });
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
    writeRunning(home, { processes: [], url });
  });
  afterEach(() => void gateway.close());

  test.each([[[]], [['--detach']]])('%j prints where the first copy runs', async (args) => {
    answers = [503, 200];
    expect(await start(args)).toBe(0);
    expect(shown).toBe(`URL   ${url}\nKey   ${home.secrets.apiKey}\nHome  ${home.folder}\n`);
  });

  test('fails with the reason when the first copy does not work', async () => {
    answers = [503];
    expect(await findUnhealthy(url, 10)).toBe('Postgres does not answer now');
    gateway.close();
    gateway.closeAllConnections();
    expect(await findUnhealthy(url, 10)).toMatch(/^its gateway at http.* does not answer/);
  });
});

test('the error for an unknown option names the help', async () => {
  await expect(start(['--foo'])).rejects.toThrow(/^Unknown option '--foo'; see: npm start -- --help$/);
});

test('--help lists the options and starts nothing', async () => {
  expect(await start(['--help'])).toBe(0);
  for (const option of ['--detach', '--json', '--reset']) expect(shown).toContain(option);
});
