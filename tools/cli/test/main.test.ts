import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../bin/causeway.mjs', import.meta.url));

/** Runs the command against a server that is not running. */
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
  [['vars', 'set', 'X'], 'error no value for X: stdin is empty; write the value there, or after the name\n'],
  [['vars', 'set', 'X', ''], 'error no value for X: to delete it: npx causeway vars delete X\n'],
  [
    ['vars', 'set', ' X', 'x'],
    'error " X" cannot be the name of a variable: write it without spaces at its ends and without line breaks\n',
  ],
  [
    ['flows', 'nosuch'],
    "error: unknown command 'nosuch'; the commands are list, allow-hosts, versions, publish, share, unshare, move, shares\nsee: npx causeway flows --help\n",
  ],
  [
    ['runs', '--limt', '3'],
    "error: unknown option '--limt'\n(Did you mean --limit?)\nsee: npx causeway runs --help\n",
  ],
  [
    ['runs'],
    'error http://127.0.0.1:9 cannot be reached: bad port. Is Causeway running at this address (--url or CAUSEWAY_URL)?\n',
  ],
  [
    ['import', '--from', 'http://127.0.0.1:1'],
    /^reading .*\nerror http:\/\/127.0.0.1:1 cannot be reached: .*\. Is Langflow running at this address \(--from\)\?\n$/,
  ],
  [['export'], 'error nothing to export: name a flow, or a folder for all of them with --to\n'],
  [['run', './absent.json'], 'error there is no file ./absent.json\n'],
  [
    ['--url', 'localhost:1', 'runs'],
    'error "localhost:1" is not the address of a server: write it as http://127.0.0.1:7860\n',
  ],
])('%j is one clear error', (args, told) => {
  const { status, stdout, stderr } = cli(args);
  const expected = typeof told === 'string' ? told : expect.stringMatching(told);
  expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: expected });
});

test('--version prints the version of the platform', () => {
  expect(cli(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('a name with a space inside is accepted, because Langflow has such variables', () => {
  expect(cli(['vars', 'set', 'OpenAI key', 'x']).stderr).toContain('cannot be reached');
});

test.each([['retention'], ['retention', '--plan']])('%s %s asks the server for the plan', (...args) => {
  expect(cli(args).stderr).toContain('cannot be reached');
});

const commands =
  'validate, import, export, flows list, flows allow-hosts, run, runs, trace, cancel, retention, audit query, audit export, audit verify, audit keys, audit stream, ' +
  'vars list, vars set, vars delete, keys list, keys create, keys delete';

test.each(commands.split(', '))('the help of %s describes the JSON of --json', (command) => {
  const { status, stdout } = cli([...command.split(' '), '--help']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/\nWith --json:\n {2}[[{]/);
  expect(stdout).toContain('on failure: {error: {code, message, runId?}}');
});
