import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { submitSignIn, Visitor } from '../src/index.js';
import { AFTER_LOGOUT, ann, CLIENT_ID, CLIENT_SECRET, exchange, prepare, REDIRECT } from './relying-party.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'identity-provider-'));
const people = join(folder, 'people.json');
const started: ChildProcess[] = [];

beforeAll(async () => {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing; build tools/identity-provider first`);
  await writeFile(people, JSON.stringify([ann]));
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rm(folder, { recursive: true }));

function start(...flags: string[]): ChildProcess {
  const child = spawn(process.execPath, [MAIN, ...flags], { stdio: ['pipe', 'pipe', 'pipe'] });
  started.push(child);
  return child;
}

test('it prints its issuer and nothing else, signs people in, and stops on SIGTERM', async () => {
  const flags = ['--people', people, '--groups-in', 'both', '--groups-claim', 'a.b'];
  for (const address of ['http://127.0.0.1:9/other', REDIRECT])
    flags.push('--client', `${CLIENT_ID}:${CLIENT_SECRET}:${address}`);
  const child = start(...flags, '--after-logout', `${CLIENT_ID}:${AFTER_LOGOUT}`);
  let said = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (piece: Buffer) => (said += piece.toString()));
  await once(child.stdout!, 'data');
  expect(said).toMatch(/^identity provider at http:\/\/127\.0\.0\.1:\d+\n$/);
  const issuer = said.trim().split(' ').at(-1) ?? '';
  const attempt = await prepare({ issuer });
  const visitor = new Visitor();
  const page = await submitSignIn(visitor, await visitor.get(attempt.url), ann.email, ann.password);
  expect((await exchange(attempt, page)).claims()?.['a']).toEqual({ b: ann.groups });
  expect(said.trim().split('\n')).toHaveLength(1);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('it ends with its standard input when told to', async () => {
  const client = `${CLIENT_ID}:${CLIENT_SECRET}:${REDIRECT}`;
  const child = start('--people', people, '--client', client, '--exit-with-stdin');
  await once(child.stdout!, 'data');
  child.stdin?.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a mistake stops the start with a clear line', async () => {
  const child = start('--people', people, '--client', `a:b:${REDIRECT}`, '--host', '0.0.0.0');
  const [[text], [code]] = await Promise.all([once(child.stderr!, 'data'), once(child, 'exit')]);
  expect(code).toBe(1);
  expect(String(text)).toMatch(/^The identity provider listens only on this machine [^\n]*\n$/);
});
