import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Site, openSite } from './site.js';

const program = fileURLToPath(new URL('../bin/causeway.mjs', import.meta.url));
const made = { id: 'v-1', name: 'KEY', type: 'Credential' };

let site: Site;
let bodies: unknown[];
beforeEach(async () => {
  bodies = [];
  site = await openSite({
    'GET /api/v1/variables/': (response) => response.end('[]'),
    'POST /api/v1/variables/': async (response, request) => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      bodies.push(JSON.parse(body));
      response.end(JSON.stringify(made));
    },
  });
});
afterEach(() => site.close());

/** Runs `vars set KEY` on a terminal and types `keys` once it asks. @returns all that the terminal shows, and the exit code */
async function typed(keys: string): Promise<{ shown: string; code: number | null }> {
  const command = `'${process.execPath}' '${program}' vars set KEY`;
  const env = { PATH: process.env['PATH'], CAUSEWAY_URL: site.url, CAUSEWAY_API_KEY: 'cw-key' };
  const terminal = spawn('script', ['-qec', command, '/dev/null'], { env: { ...env, TERM: 'xterm' } });
  let shown = '';
  let isAsked = false;
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    if (isAsked || !shown.includes('Value of KEY')) return;
    isAsked = true;
    terminal.stdin.write(keys);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    terminal.once('error', (error) =>
      reject(new Error('this test needs the command "script" of util-linux', { cause: error })),
    );
    terminal.once('close', resolve);
  });
  return { shown, code };
}

test('a secret is asked for on a terminal, which does not show it', async () => {
  const { shown, code } = await typed('sk-wrong\u0015sk-secretx\u007f\r');
  expect(bodies).toEqual([{ name: 'KEY', value: 'sk-secret', type: 'Credential' }]);
  expect(shown).toBe('Value of KEY (it is not shown): \r\nKEY is set\r\n');
  expect(code).toBe(0);
});

test.each([
  ['Ctrl-C', '\u0003', 'nothing was changed: no value for KEY'],
  ['Ctrl-D', '\u0004', 'nothing was changed: no value for KEY'],
  ['an empty line', '\r', 'no value for KEY: nothing was typed'],
])('%s sets nothing', async (_what, keys, told) => {
  const { shown, code } = await typed(keys);
  expect(shown).toContain(told);
  expect(code).toBe(1);
  expect(bodies).toEqual([]);
});
