import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { type Login, LoginFile } from '../src/login/login-file.js';

const URL = 'http://127.0.0.1:7860';
const login: Login = { clientId: 'c', accessToken: 'ct-a', refreshToken: 'cr-a', expiresAtMs: 1 };
let folder: string;
let file: LoginFile;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'causeway-logins-')), 'causeway');
  file = new LoginFile(folder);
  const made = folder;
  onTestFinished(() => rmSync(join(made, '..'), { recursive: true, force: true }));
});

it('keeps logins by address, where only this user can read them', () => {
  expect(file.find(URL)).toBeUndefined();
  file.set(URL, login);
  file.set('https://other.example', { ...login, clientId: 'd' });
  expect(file.find(URL)).toEqual(login);
  expect(statSync(join(folder, 'logins.json')).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  file.set(URL, undefined);
  expect(file.find(URL)).toBeUndefined();
  expect(JSON.parse(readFileSync(join(folder, 'logins.json'), 'utf8'))).toMatchObject({
    'https://other.example': { clientId: 'd' },
  });
});

it('says which file cannot be read', () => {
  file.set(URL, login);
  writeFileSync(join(folder, 'logins.json'), '{');
  expect(() => file.find(URL)).toThrow(/logins\.json cannot be read: delete it and log in again/);
});

it('lets one command after another renew a login, also after one has failed', async () => {
  let inside = 0;
  const once = (fails: boolean) =>
    file.alone(async () => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside -= 1;
      if (fails) throw new Error('no');
    });
  const outcomes = await Promise.allSettled([once(false), once(true), once(false)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

it('does not wait for a command that was killed', async () => {
  const lock = join(folder, 'logins.json.lock');
  mkdirSync(lock, { recursive: true });
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(lock, longAgo, longAgo);
  expect(await file.alone(async () => 'mine')).toBe('mine');
});
