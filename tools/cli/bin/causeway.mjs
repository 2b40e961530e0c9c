#!/usr/bin/env node
// Runs on any Node that npm runs on: hands over to the pinned one beside it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const program = join(root, 'tools/cli/dist/main.js');
const node = join(root, 'node_modules/.bin/node');
if (!existsSync(program) || !existsSync(node)) {
  console.error('causeway: not built yet. Run once in the checkout: npm run build');
  process.exit(69);
}
const { status, signal } = spawnSync(node, ['--enable-source-maps', program, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(signal ? 130 : (status ?? 1));
