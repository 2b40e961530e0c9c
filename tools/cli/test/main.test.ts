import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../bin/causeway.mjs', import.meta.url));

/** Runs the command against a server that is not there. */
function cli(args: readonly string[], input = '') {
  const env = {
    PATH: process.env['PATH'] ?? '',
    CAUSEWAY_URL: 'http://127.0.0.1:9',
    CAUSEWAY_API_KEY: 'cw-key',
  };
  return spawnSync(process.execPath, [program, ...args], { env, input, encoding: 'utf8' });
}

test.each([
  [['nonsense'], "error: unknown command 'nonsense'\nsee: npx causeway --help\n"],
  [['vars', 'set', 'X'], 'error no value for X: nothing came on stdin; write it there, or after the name\n'],
  [['run', './absent.json'], 'error there is no file ./absent.json\n'],
  [
    ['--url', 'localhost:1', 'runs'],
    'error "localhost:1" is no address of a server: write it as http://127.0.0.1:7860\n',
  ],
])('%j is one clear error', (args, told) => {
  const { status, stdout, stderr } = cli(args);
  expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: told });
});
