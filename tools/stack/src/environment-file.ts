import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnvFile } from 'node:process';
import { parseEnv } from 'node:util';
import { ROOT } from './places.js';

const FILE = join(ROOT, '.env');

/** Adds what `.env` in the checkout sets and the environment does not. */
export function loadEnvironmentFile(): void {
  if (existsSync(FILE)) loadEnvFile(FILE);
}

/** What `.env` in the checkout sets. */
export function readEnvironmentFile(): NodeJS.Dict<string> {
  return existsSync(FILE) ? parseEnv(readFileSync(FILE, 'utf8')) : {};
}
