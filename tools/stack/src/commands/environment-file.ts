import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnvFile } from 'node:process';
import { ROOT } from '../places.js';

/** Adds what `.env` in the checkout sets and the environment does not. */
export function loadEnvironmentFile(): void {
  const file = join(ROOT, '.env');
  if (existsSync(file)) loadEnvFile(file);
}
