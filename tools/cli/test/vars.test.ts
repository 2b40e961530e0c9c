import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { setVar } from '../src/commands/vars.js';
import { Output } from '../src/output.js';
import { captureOutput } from './capture.js';
import { type Site, openSite } from './site.js';

const known = { id: 'v-1', name: 'KEY', type: 'Credential', value: null, allowed_hosts: [] };
const bodies: unknown[] = [];
let site: Site;
beforeEach(() => void captureOutput());
afterEach(() => {
  vi.restoreAllMocks();
  bodies.length = 0;
  site.close();
});

async function set(value: string | undefined, allowHost: readonly string[]): Promise<unknown> {
  site = await openSite({
    'GET /api/v1/variables/': (response) => response.end(JSON.stringify([known])),
    'PATCH /api/v1/variables/v-1': async (response, request) => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      bodies.push(JSON.parse(body));
      response.end(JSON.stringify(known));
    },
  });
  await setVar(site.api, 'KEY', value, { allowHost }, new Output(false));
  return bodies[0];
}

test('setting only hosts keeps the value of a variable', async () => {
  expect(await set(undefined, ['a.test', 'b.test'])).toEqual({ allowed_hosts: ['a.test', 'b.test'] });
});

test('a value and hosts are set together, and "" is not a host', async () => {
  expect(await set('new', [''])).toEqual({ value: 'new', allowed_hosts: [] });
});
