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
    'imported  a  Flow a\nchanged  b  Flow b\nunchanged  c  Flow c\n1 imported, 1 changed, 1 unchanged, 0 refused\n',
  );
});

test('a flow that two files contain is counted once', async () => {
  site = await server([], [flow('a', 'new')]);
  const other = fileURLToPath(new URL('./site.ts', import.meta.url));
  await importFiles(site.api, [file, other], new Output(false));
  expect(shown.out).toMatch(
    /^imported {2}a.*\nunchanged {2}a.*\n1 imported, 0 changed, 0 unchanged, 0 refused\n$/,
  );
});

test('an import counts each flow by its change, and those that cannot run', async () => {
  const blocked = [{ code: 'FLOW_FOREIGN', severity: 'blocking', message: 'Is n8n.', remedy: 'Draw it.' }];
  site = await server([flow('c', 'old')], [{ ...flow('c', 'old'), problems: blocked }]);
  expect(await importFiles(site.api, [file], new Output(true))).toBe(0);
  expect(JSON.parse(shown.out)).toMatchObject({
    counts: { imported: 0, changed: 0, unchanged: 1, refused: 0, cannotRun: 1 },
  });
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
    `imported  a  Flow a  cannot run yet\n${['CYCLE', ...codes].map((code) => `  ${code} Is so. Do so.\n`).join('')}1 imported, 0 changed, 0 unchanged, 0 refused\n1 flow cannot run yet; what to change is written above\n`,
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
  expect(shown.out).toContain('variables without a value:\n  npx causeway vars set MY_KEY\n1 imported');
});
