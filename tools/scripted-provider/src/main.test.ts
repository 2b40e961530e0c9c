import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'scripted-provider-'));
const started: ChildProcess[] = [];

beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing; build tools/scripted-provider first`);
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

async function firstLine(child: ChildProcess): Promise<string> {
  const [line] = await once(child.stdout!, 'data');
  return String(line);
}

test('it prints its address, plays its script and stops on SIGTERM even during a call', async () => {
  const script = join(folder, 'script.json');
  await writeFile(script, '[{"when":{"nth":1},"reply":{"text":"scripted"}},{"reply":{"hang":true}}]');
  const child = start('--script', script, '--log', join(folder, 'calls.ndjson'));
  const line = await firstLine(child);
  expect(line).toMatch(/^scripted provider at http:\/\/127\.0\.0\.1:\d+\n$/);
  const url = `${line.trim().split(' ').at(-1)}/v1/chat/completions`;
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] });
  const ask = () => fetch(url, { method: 'POST', body });
  expect(await (await ask()).json()).toMatchObject({ choices: [{ message: { content: 'scripted' } }] });
  const hanging = ask().catch(() => 'failed');
  const log = new URL('/_scripted/calls?since=1', url);
  await expect
    .poll(async () => ((await (await fetch(log)).json()) as { calls: unknown[] }).calls.length)
    .toBe(1);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(await hanging).toBe('failed');
});

test('it continues after the end of its standard input, unless an option says otherwise', async () => {
  const [outlives, follows] = [start(), start('--exit-with-stdin')];
  const url = (await firstLine(outlives)).trim().split(' ').at(-1);
  await firstLine(follows);
  outlives.stdin?.end();
  follows.stdin?.end();
  expect(await once(follows, 'exit')).toEqual([0, null]);
  expect((await fetch(`${url}/_scripted/health`)).status).toBe(200);
});

test.each([
  [['--port', 'x'], /--port must be a number/],
  [['--script', join(folder, 'absent.json')], /absent\.json: ENOENT/],
  [['--prot', '1'], /--prot/],
])('%j stops the start with a clear line', async (flags, message) => {
  const child = start(...flags);
  const [[text], [code]] = await Promise.all([once(child.stderr!, 'data'), once(child, 'exit')]);
  expect(code).toBe(1);
  expect(String(text)).toMatch(message);
});
