import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll } from 'vitest';
import { FolderStore } from '#platform';
import { describeObjectStore } from './object-store-conformance.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-folder-store-'));
afterAll(() => rmSync(folder, { recursive: true }));

describeObjectStore('an object store in a folder', async () => ({
  store: new FolderStore(folder),
  overwrite: async (path, content) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  },
  paths: async () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
      .toSorted(),
}));
