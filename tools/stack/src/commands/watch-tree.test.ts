import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { watchTree } from './watch-tree.js';

const root = mkdtempSync(join(tmpdir(), 'causeway-watch-'));
mkdirSync(join(root, 'src/inner'), { recursive: true });
mkdirSync(join(root, 'node_modules'));
const file = join(root, 'src/inner/a.ts');
writeFileSync(file, '0');

const seen = new Set<string>();
const watching = watchTree(
  root,
  (name) => name !== 'node_modules',
  (path) => seen.add(relative(root, path)),
);
afterEach(() => seen.clear());

/** Saves as editors do: a new file replaces the old one. */
function save(path: string, text: string): void {
  writeFileSync(`${path}~`, text);
  renameSync(`${path}~`, path);
}

const sees = (path: string): Promise<void> =>
  vi.waitFor(() => expect([...seen]).toContain(path), { timeout: 60_000 });
const seesA = (): Promise<void> => sees('src/inner/a.ts');

test('a file that is saved by renaming is reported each time', async () => {
  for (const text of ['1', '2', '3']) {
    save(file, text);
    await seesA();
    seen.clear();
  }
  writeFileSync(file, '4');
  await seesA();
});

test('files of new folders are reported, also after a folder was replaced', async () => {
  for (let round = 0; round < 2; round++) {
    mkdirSync(join(root, 'src/new/deep'), { recursive: true });
    writeFileSync(join(root, 'src/new/deep/b.ts'), 'x');
    await sees('src/new/deep/b.ts');
    rmSync(join(root, 'src/new'), { recursive: true });
    await sees('src/new');
    seen.clear();
  }
});

test('excluded folders are not watched, and nothing is reported after closing', async () => {
  writeFileSync(join(root, 'node_modules/c.ts'), 'x');
  save(file, '5');
  await seesA();
  expect(seen.has('node_modules/c.ts')).toBe(false);
  watching.close();
  seen.clear();
  save(file, '6');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect([...seen]).toEqual([]);
  rmSync(root, { recursive: true });
});
