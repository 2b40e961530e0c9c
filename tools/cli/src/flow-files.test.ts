import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isPath, listFiles, readNamedFile } from './flow-files.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-files-'));
beforeAll(() => {
  for (const name of ['b.json', 'a.json', 'c.zip', 'notes.txt']) writeFileSync(join(folder, name), name);
  mkdirSync(join(folder, 'empty'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a folder stands for the flow files in it', () => {
  const inside = (...names: string[]): string[] => names.map((name) => join(folder, name));
  expect(listFiles([folder], ['.json'])).toEqual(inside('a.json', 'b.json'));
  expect(listFiles(['x.json', folder], ['.json', '.zip'])).toEqual([
    'x.json',
    ...inside('a.json', 'b.json', 'c.zip'),
  ]);
  expect(() => listFiles(inside('empty'), ['.json'])).toThrow(/^the folder .*empty has no \.json file$/);
});

test('what cannot be read is told in plain words', () => {
  expect(() => readNamedFile(join(folder, 'absent.json'))).toThrow(/^there is no file .*absent\.json$/);
  expect(() => readNamedFile(folder)).toThrow(/is a folder: name one of its files$/);
});

test.each([
  ['./flow', true],
  ['../flow', true],
  ['/flow', true],
  ['flow.json', true],
  ['flow.ZIP', true],
  ['Questions/Answers', false],
  ['my-flow', false],
])('%s can be nothing but a file: %j', (name, expected) => {
  expect(isPath(name)).toBe(expected);
});
