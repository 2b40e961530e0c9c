import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { checkFile, validate } from '../src/commands/validate.js';
import { Output, paint } from '../src/output.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-validate-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const unknown = { id: 'X-1', data: { id: 'X-1', type: 'NoSuchThing', node: { template: {} } } };

/** A chat flow with more nodes, which no edge connects. */
function chatWith(nodes: readonly object[]): object {
  const sample = fileURLToPath(new URL('../../stack/samples/hello.json', import.meta.url));
  const flow = JSON.parse(readFileSync(sample, 'utf8')) as { data: { nodes: object[] } };
  flow.data.nodes.push(...nodes);
  return flow;
}

function told(...files: string[]): { code: number; text: string } {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const code = validate(files, new Output(false));
  return { code, text: write.mock.calls.map(([text]) => String(text)).join('') };
}

describe('causeway validate', () => {
  test.each([
    ['a list of no flows', []],
    ['a project without flows', { flows: [] }],
  ])('of %s says that there is no flow', (_name, content) => {
    const { code, text } = told(file('empty.json', content));
    expect(code).toBe(1);
    expect(text).toMatch(/cannot run .*empty\.json\n.*NOT_A_FLOW/);
  });

  test('counts the flows that run, shows few problems of one other file, and names a node once', () => {
    const { code, text } = told(
      file('runs.json', chatWith([])),
      file('odd.json', { name: 'Odd', data: { nodes: [unknown], edges: [] } }),
      file('numbers.json', Array(64).fill(1)),
    );
    expect(code).toBe(1);
    expect(text).toMatch(/COMPONENT_UNKNOWN "[^"]*" \(X-1\) is of type/);
    expect(text.match(/NOT_A_FLOW/g)).toHaveLength(5);
    expect(text).toContain('\n  … and 59 more\n');
    expect(text).toMatch(/\n3 flows: 1 can run, 0 can run once a value or file is given, 2 cannot run\n$/);
  });

  test('refuses files with one id and different content, as an import does', () => {
    const id = '00000000-0000-4000-8000-000000000001';
    const files = ['one', 'two', 'three'].map((name) => file(`${name}.json`, { ...chatWith([]), id, name }));
    const { code, text } = told(...files);
    expect(code).toBe(1);
    expect(text).toMatch(
      /cannot run .*one\.json, .*two\.json, .*three\.json\n.*FLOW_FILES_CONFLICT .*the same flow/,
    );
    expect(text).toMatch(/\n3 flows: 3 can run, /);
    const [first = ''] = files;
    expect(told(first, file('same.json', { ...chatWith([]), id, name: 'one' })).code).toBe(0);
  });

  test('calls the problem of a node that no run reaches a warning, as an import does', () => {
    const [checked] = checkFile(file('aside.json', chatWith([unknown])));
    expect(checked).toMatchObject({
      runs: true,
      problems: [{ code: 'COMPONENT_UNKNOWN', severity: 'warning', nodes: ['X-1'] }],
    });
  });

  test('reports on every file, also when one does not exist', () => {
    const { code, text } = told(join(folder, 'missing.json'), file('other.json', { flows: [] }), folder);
    expect(code).toBe(1);
    expect(text).toMatch(/missing\.json\n.*FILE_UNREADABLE.*there is no file/);
    expect(text).toMatch(/other\.json\n.*NOT_A_FLOW/);
    expect(text).toMatch(/FILE_UNREADABLE.*is a folder/);
  });
});

describe('colours', () => {
  const terminals = (out: boolean, err: boolean): void => {
    for (const name of ['NO_COLOR', 'FORCE_COLOR', 'NODE_DISABLE_COLORS']) vi.stubEnv(name, undefined);
    vi.stubEnv('TERM', 'xterm');
    for (const [stream, isTTY] of [
      [process.stdout, out],
      [process.stderr, err],
    ] as const) {
      Object.defineProperty(stream, 'isTTY', { value: isTTY, configurable: true });
      Object.defineProperty(stream, 'getColorDepth', { value: () => 8, configurable: true });
    }
  };

  test('depend on the stream to which a text is written', () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const failure = (): string => {
      new Output(false).failure({ message: 'no' });
      return String(write.mock.lastCall?.[0]);
    };
    terminals(true, false);
    expect([failure(), paint('red', 'x')]).toEqual(['error no\n', '\u001b[31mx\u001b[39m']);
    terminals(false, true);
    expect([failure(), paint('red', 'x')]).toEqual(['\u001b[31merror\u001b[39m no\n', 'x']);
  });
});
