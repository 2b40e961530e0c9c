import { mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FolderStore } from './folder-store.js';
import { Passing } from './passing.js';

const root = mkdtempSync(join(tmpdir(), 'causeway-passing-'));
const folder = join(root, 'passing');
const objects = new FolderStore(root);
const passing = new Passing(objects);
const nameOf = (ticket: string): string => ticket.split(':')[0] as string;
const text = `the secret \ud83c\udf0a ${'x'.repeat(700_000)}`;
afterAll(() => rmSync(root, { recursive: true }));

test('a text can be read until it is removed, and the same text twice is stored twice', async () => {
  const [name, other] = [await passing.leave([text], 'The text'), await passing.leave([text], 'The text')];
  expect(await passing.load(name)).toEqual([text]);
  await passing.remove(name);
  await passing.remove(name);
  await expect(passing.load(name)).rejects.toMatchObject({ code: 'PAYLOAD_MISSING' });
  expect(await passing.load(other)).toEqual([text]);
});

test('several texts are read in their order, empty ones too', async () => {
  const texts = ['', text, '\n', '7 8\n', '', 'é'.repeat(70_000)];
  expect(await passing.load(await passing.leave(texts, 'The texts'))).toEqual(texts);
  await expect(passing.leave([text, 'x'.repeat(64 * 1024 ** 2)], 'The texts')).rejects.toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
  });
});

test('the folder shows nothing, and without the key of the ticket nothing opens', async () => {
  const ticket = await passing.leave([text], 'The text');
  expect(readFileSync(join(folder, nameOf(ticket))).includes('the secret')).toBe(false);
  const [, otherKey] = (await passing.leave([text], 'The text')).split(':');
  await expect(passing.load(`${nameOf(ticket)}:${otherKey}`)).rejects.toMatchObject({
    code: 'SEALED_UNREADABLE',
  });
  expect(await passing.load(ticket)).toEqual([text]);
});

test('a name that leads elsewhere is PAYLOAD_MISSING', async () => {
  for (const name of ['../objects', '', '..', `${'-'.repeat(36)}/x`])
    await expect(passing.load(name)).rejects.toMatchObject({ code: 'PAYLOAD_MISSING' });
});

test('a text that is not read is removed after an hour', async () => {
  const [old, young] = [
    nameOf(await passing.leave([text], 'The text')),
    nameOf(await passing.leave([text], 'The text')),
  ];
  const now = Date.now();
  utimesSync(join(folder, old), new Date(now), new Date(now - 3_601_000));
  await Promise.all([objects.sweep(now), objects.sweep(now)]);
  expect(readdirSync(folder)).not.toContain(old);
  expect(readdirSync(folder)).toContain(young);
  await new FolderStore(join(root, 'nothing here')).sweep(now);
});
