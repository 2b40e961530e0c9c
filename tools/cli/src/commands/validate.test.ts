import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '@causeway/stack';
import { afterAll, describe, expect, test } from 'vitest';
import { checkFile } from './validate.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-validate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A chat flow whose model takes its key from a variable. */
function flowWithKeyFrom(variable: string): string {
  const flow = JSON.parse(readFileSync(join(ROOT, 'tools/stack/samples/hello.json'), 'utf8')) as unknown;
  const text = JSON.stringify(flow, (name, value: unknown) =>
    name === 'api_key'
      ? { type: 'str', password: true, load_from_db: true, show: true, value: variable }
      : value,
  );
  const path = join(folder, 'flow.json');
  writeFileSync(path, text);
  return path;
}

describe('a secret field that is filled from a variable', () => {
  test('is listed by the name of its variable', () => {
    const [checked] = checkFile(flowWithKeyFrom('OPENAI_API_KEY'));
    expect(checked).toMatchObject({ runs: true, problems: [], variables: ['OPENAI_API_KEY'] });
  });

  test('is reported without its content when that could be a key', () => {
    for (const typed of ['sk-proj-NOTAREALKEY0000000000', 'hunter2', 'postgres://u:pw@host/db']) {
      const [checked] = checkFile(flowWithKeyFrom(typed));
      expect(checked).toMatchObject({
        runs: true,
        variables: [],
        problems: [{ code: 'VARIABLE_MISSING', severity: 'warning', field: 'api_key' }],
      });
      expect(JSON.stringify(checked)).not.toContain(typed);
    }
  });
});
