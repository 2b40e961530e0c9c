import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The package that contains a program, with its version and its migrations. */
export interface OwnPackage {
  readonly folder: string;
  readonly version: string;
}

/** Finds the nearest package above a started program. */
export function findPackage(program: string | undefined): OwnPackage | undefined {
  for (let folder = dirname(program ?? '.'); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const { version = '0.0.0' } = JSON.parse(readFileSync(file, 'utf8')) as { version?: string };
    return { folder, version };
  }
  return undefined;
}
