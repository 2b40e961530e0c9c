import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** The file from which auth reads its master keys. */
export interface MasterKeyFile {
  /** The environment of auth. */
  readonly environment: Readonly<Record<string, string>>;
  /** The newest one, as base64. */
  newest(): string;
  /** Every one that there ever was. */
  readonly all: readonly string[];
  /** Adds a newer one; the others still open. */
  add(): void;
  /** Removes all but the newest one. */
  removeOlder(): void;
}

/** Call it at a file's top level. */
export function masterKeyFile(): MasterKeyFile {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-master-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'keys');
  const all: string[] = [];
  let given: string[] = [];
  const write = (keys: string[]): void => {
    given = keys;
    writeFileSync(path, keys.map((key) => `${key}\n`).join(''));
  };
  const add = (): void => {
    const key = randomBytes(32).toString('base64');
    all.push(key);
    write([key, ...given]);
  };
  add();
  return {
    environment: { CAUSEWAY_MASTER_KEY: '', CAUSEWAY_MASTER_KEY_FILE: path },
    newest: () => given[0] ?? '',
    all,
    add,
    removeOlder: () => write(given.slice(0, 1)),
  };
}
