import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { importFiles } from '../src/commands/import.js';
import { Output } from '../src/output.js';
import { captureOutput } from './capture.js';
import { type Site, openSite } from './site.js';

const file = fileURLToPath(new URL('../../stack/samples/hello.json', import.meta.url));
const flow = (id: string, updated: string) => ({ id, name: `Flow ${id}`, updated_at: updated, problems: [] });

let site: Site;
let shown: { out: string };
beforeEach(() => void (shown = captureOutput()));
afterEach(() => {
  vi.restoreAllMocks();
  site.close();
});

function server(here: object[], made: object[]): Promise<Site> {
  return openSite({
    'GET /api/v1/flows/': (response) => response.end(JSON.stringify(here)),
    'POST /api/v1/flows/upload/': (response) => response.end(JSON.stringify(made)),
  });
}

test('an import reports the change of each flow', async () => {
  site = await server(
    [flow('b', 'old'), flow('c', 'old')],
    [flow('a', 'new'), flow('b', 'new'), flow('c', 'old')],
  );
  expect(await importFiles(site.api, [file], new Output(false))).toBe(0);
  expect(shown.out).toBe(
    'imported  a  Flow a\nchanged  b  Flow b\nunchanged  c  Flow c\n3 flows imported, 0 refused\n',
  );
});

test('a flow that two files contain is counted once', async () => {
  site = await server([], [flow('a', 'new')]);
  const other = fileURLToPath(new URL('./site.ts', import.meta.url));
  await importFiles(site.api, [file, other], new Output(false));
  expect(shown.out).toMatch(/^imported {2}a.*\nunchanged {2}a.*\n1 flow imported, 0 refused\n$/);
});

test('changes of an import are shown below their flow, and other notes are not shown', async () => {
  const problem = (code: string, severity: string) => ({
    code,
    severity,
    message: 'Is so.',
    remedy: 'Do so.',
  });
  const codes = ['NAME_CHANGED', 'ENDPOINT_CHANGED', 'SETTING_CHANGED', 'FLOW_ID_SHARED'];
  const problems = [
    ...codes.map((code) => problem(code, 'warning')),
    problem('COMPONENT_DIFFERS', 'warning'),
    problem('CYCLE', 'blocking'),
  ];
  site = await server([], [{ ...flow('a', 'new'), problems }]);
  expect(await importFiles(site.api, [file], new Output(false))).toBe(0);
  expect(shown.out).toBe(
    `imported  a  Flow a  cannot run yet\n${['CYCLE', ...codes].map((code) => `  ${code} Is so. Do so.\n`).join('')}1 flow imported, 0 refused\n`,
  );
});

test('variables that flows read and that do not exist here are listed, each once', async () => {
  const missing = {
    code: 'VARIABLE_MISSING',
    severity: 'warning',
    message: 'It takes its key from "MY_KEY", which does not exist.',
    remedy: 'Set it.',
    variable: 'MY_KEY',
  };
  site = await server([], [{ ...flow('a', 'new'), problems: [missing, missing] }]);
  await importFiles(site.api, [file], new Output(false));
  expect(shown.out).toContain('variables without a value:\n  npx causeway vars set MY_KEY\n1 flow imported');
});
