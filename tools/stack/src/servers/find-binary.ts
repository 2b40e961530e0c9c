import { accessSync, constants, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Debian's folders for servers, which an ordinary user's PATH often lacks. */
const SERVER_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin'];

/** Full path of a program on PATH or in the usual folders for servers. */
export function findBinary(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), ...SERVER_FOLDERS];
  return folders
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** The folder with the machine's own `postgres` and `initdb`, the newest first. */
export function findPostgresFolder(): string | undefined {
  const base = '/usr/lib/postgresql';
  const versions = listFolder(base).toSorted((a, b) => Number(b) - Number(a));
  const folders = [
    ...(process.env['PATH'] ?? '').split(':'),
    ...versions.map((version) => join(base, version, 'bin')),
  ];
  return folders.find(
    (folder) => isExecutable(join(folder, 'postgres')) && isExecutable(join(folder, 'initdb')),
  );
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
