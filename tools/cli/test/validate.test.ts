import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { validate } from '../src/commands/validate.js';
import { Output } from '../src/output.js';
import { captureOutput } from './capture.js';

interface Flow {
  data: {
    nodes: {
      id: string;
      data: { type: string; node: { frozen?: boolean; template: Record<string, Record<string, unknown>> } };
    }[];
    edges: { target: string }[];
  };
}

const sample = new URL('../../stack/samples/hello.json', import.meta.url);
let folder: string;
let flow: Flow;
let shown: { out: string };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-validate-'));
  flow = JSON.parse(readFileSync(sample, 'utf8')) as Flow;
  shown = captureOutput();
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function check(): number {
  const file = join(folder, 'flow.json');
  writeFileSync(file, JSON.stringify(flow));
  return validate([file], new Output(false));
}

test('a flow with warnings runs, and the text says why', () => {
  flow.data.nodes = flow.data.nodes.filter(({ id }) => id !== 'ChatOutput-4');
  flow.data.edges = flow.data.edges.filter(({ target }) => target !== 'ChatOutput-4');
  expect(check()).toBe(0);
  expect(shown.out).toMatch(
    /^runs, with warnings {2}.*\n {2}NO_OUTPUT .*\n.*\n {2}The flow still runs: warnings say .* do not block it\.\n$/,
  );
});

test('the variables that a flow reads are listed', () => {
  for (const { data } of flow.data.nodes) {
    const field = data.node.template[data.type === 'Prompt' ? 'question' : 'api_key'];
    if (field) Object.assign(field, { load_from_db: true, value: `MY_${data.type.toUpperCase()}` });
  }
  expect(check()).toBe(0);
  // The prompt's field is filled by an edge.
  expect(shown.out).toContain(
    '\n  reads MY_LANGUAGEMODELCOMPONENT; set with: npx causeway vars set MY_LANGUAGEMODELCOMPONENT\n',
  );
});

test.each([true, undefined])(
  'a key where a variable should be named (load_from_db: %j) is not shown',
  (named) => {
    const key = 'sk-proj-NOTAREALKEY0000000000';
    for (const { data } of flow.data.nodes) {
      const field = data.node.template['api_key'];
      if (field) Object.assign(field, { password: true, load_from_db: named, value: key });
    }
    expect(check()).toBe(0);
    expect(shown.out).not.toContain('NOTAREALKEY');
  },
);
