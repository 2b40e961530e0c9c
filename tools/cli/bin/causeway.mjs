#!/usr/bin/env node
// Runs on any Node that npm runs on, and starts the pinned Node with the program.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const program = join(root, 'tools/cli/dist/main.js');
const node = join(root, 'node_modules/.bin/node');
if (!existsSync(program) || !existsSync(node)) {
  console.error('causeway: it is not built yet. Run this once in the checkout: npm run build');
  process.exit(69);
}
const child = spawn(node, ['--enable-source-maps', program, ...process.argv.slice(2)], { stdio: 'inherit' });
// A terminal sends Ctrl-C to the child as well. The child may still print something, so it ends first.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`causeway: cannot run ${node}: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
