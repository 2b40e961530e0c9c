import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Home, openHome } from './home.js';
import { isAlive, recordOf } from './processes.js';
import { AlreadyRunningError, claimHome, clearRunning, readRunning, writeRunning } from './running.js';

let home: Home;
beforeEach(() => {
  home = openHome(mkdtempSync(join(tmpdir(), 'causeway-running-')));
});
afterEach(() => rmSync(home.folder, { recursive: true }));

test('a home that a living process has claimed cannot be claimed again', async () => {
  await claimHome(home);
  writeRunning(home, { processes: [], url: 'http://127.0.0.1:1' });
  await expect(claimHome(home)).rejects.toThrow(AlreadyRunningError);
  await expect(claimHome(home)).rejects.toThrow('http://127.0.0.1:1');
});

test('of several claims at once one wins', async () => {
  const claims = await Promise.allSettled(Array.from({ length: 5 }, () => claimHome(home)));
  expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('processes that a crashed copy left are ended by the next claim', async () => {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const left = recordOf('nats', child.pid ?? 0);
  const crashed = { stack: { name: 'stack', pid: 1, started: 'another time' }, processes: [left] };
  writeFileSync(home.runningFile, JSON.stringify(crashed));
  expect(readRunning(home)).toBeUndefined();
  expect(await claimHome(home)).toEqual([left]);
  expect(isAlive(left)).toBe(false);
});

test('a process whose pid now belongs to another program is not ended', async () => {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const now = recordOf('nats', child.pid ?? 0);
  const crashed = {
    stack: { name: 'stack', pid: 1, started: 'x' },
    processes: [{ ...now, started: 'earlier' }],
  };
  writeFileSync(home.runningFile, JSON.stringify(crashed));
  expect(await claimHome(home)).toEqual([]);
  expect(isAlive(now)).toBe(true);
  child.kill('SIGKILL');
});

test('a cleared home can be claimed again', async () => {
  await claimHome(home);
  clearRunning(home);
  expect(existsSync(home.runningFile)).toBe(false);
  expect(await claimHome(home)).toEqual([]);
});

test('secrets are created once, and only their owner may read them', () => {
  const file = join(home.folder, 'secrets.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(openHome(home.folder).secrets).toEqual(home.secrets);
  expect(Buffer.from(home.secrets.masterKey, 'base64')).toHaveLength(32);
  expect(readFileSync(file, 'utf8')).toContain(home.secrets.apiKey);
});
