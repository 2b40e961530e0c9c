import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isPath, readNamedFile } from './flow-files.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file that cannot be read is reported in plain words', () => {
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
])('%s must be a file: %j', (name, expected) => {
  expect(isPath(name)).toBe(expected);
});
