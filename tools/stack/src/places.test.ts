import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ensureFolder, isRoot, placeFor } from './places.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-places-'));
const elsewhere: string[] = [];
afterAll(() => {
  for (const each of [folder, ...elsewhere]) rmSync(each, { recursive: true });
});

test('a folder that others may pass through is used unchanged', () => {
  const open = join(folder, 'open');
  mkdirSync(open);
  chmodSync(folder, 0o711);
  expect(placeFor(join(open, 'data'))).toBe(join(open, 'data'));
});

test.runIf(isRoot)('below a closed folder root gets another folder, always the same', () => {
  const closed = join(folder, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  const place = placeFor(join(closed, 'data'));
  expect(place).toMatch(/^\/var\/tmp\/causeway-\w+\/data$/);
  expect(placeFor(join(closed, 'data'))).toBe(place);
  const other = placeFor(join(closed, 'other'));
  expect(other).not.toBe(place);
  elsewhere.push(dirname(place), dirname(other));
});

test.skipIf(isRoot)('an ordinary user always gets the requested folder', () => {
  const closed = join(folder, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  expect(placeFor(join(closed, 'data'))).toBe(join(closed, 'data'));
});

test('a folder is created with its parents, and a second call does no harm', () => {
  const deep = join(folder, 'x/y/z');
  ensureFolder(deep);
  ensureFolder(deep);
  expect(statSync(deep).isDirectory()).toBe(true);
});

test('a folder that cannot be created is an error', () => {
  writeFileSync(join(folder, 'file'), '');
  for (const place of [join(folder, 'file'), join(folder, 'file/x'), '/proc/nowhere/x'])
    expect(() => ensureFolder(place)).toThrow();
});
