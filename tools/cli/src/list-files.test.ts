import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listFiles } from './list-files.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'causeway-folder-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function put(...names: string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), name);
  }
}
const inside = (...names: string[]): string[] => names.map((name) => join(folder, name));

test('a folder means the flow files in it and in the folders below, in the order of their names', () => {
  put('b.json', 'a.json', 'c.zip', 'notes.txt', 'b/deep/er.json', 'B.json');
  expect(listFiles([folder], ['.json'])).toEqual(inside('B.json', 'a.json', 'b/deep/er.json', 'b.json'));
  expect(listFiles(['x.json', folder], ['.json', '.zip'])).toEqual([
    'x.json',
    ...inside('B.json', 'a.json', 'b/deep/er.json', 'b.json', 'c.zip'),
  ]);
});

test('a file that is named twice is listed once', () => {
  put('a.json', 'b/c.json');
  const named = [join(folder, 'b'), folder, `${folder}/./a.json`];
  expect(listFiles(named, ['.json'])).toEqual(inside('b/c.json', 'a.json'));
});

test('hidden files and folders and node_modules are skipped', () => {
  put('.git/a.json', 'node_modules/b/package.json', 'd/node_modules/e.json', '._f.json', 'g.json');
  expect(listFiles([folder], ['.json'])).toEqual(inside('g.json'));
});

test('symbolic links are reported and not followed, neither out of the folder nor in a circle', () => {
  put('in/a.json', 'out/b.json');
  symlinkSync(join(folder, 'out'), join(folder, 'in/away'));
  symlinkSync(join(folder, 'out/b.json'), join(folder, 'in/b.json'));
  symlinkSync('..', join(folder, 'in/circle'));
  const told: string[] = [];
  expect(listFiles(inside('in'), ['.json'], (text) => told.push(text))).toEqual(inside('in/a.json'));
  expect(told).toEqual([
    `symbolic links are not followed; name the file or folder itself: ${inside('in/away', 'in/b.json', 'in/circle').join(', ')}`,
  ]);
  // A link that the user names is followed.
  expect(listFiles(inside('in/away'), ['.json'])).toEqual(inside('in/away/b.json'));
});

test('a folder without a flow file, or with too much in it, is named', () => {
  put('one.txt', 'a/b/c.json', 'a/d.json');
  const limits = { files: 10, entries: 10, depth: 10 };
  const list = (changed: object) => (): unknown =>
    listFiles([folder], ['.json'], undefined, { ...limits, ...changed });
  expect(() => listFiles([folder], ['.zip'])).toThrow(/^the folder .* contain no \.zip file$/);
  expect(list({})()).toEqual(inside('a/b/c.json', 'a/d.json'));
  expect(list({ files: 1 })).toThrow(
    /contains more than 1 \.json files: name a smaller folder, or the files$/,
  );
  expect(list({ entries: 3 })).toThrow(/contains more than 3 files and folders: name/);
  expect(list({ depth: 2 })).toThrow(/contains folders nested more than 2 deep, such as .*b: name/);
});
