import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { KEPT_ID, isPath, readNamedFile, withLastingId } from './flow-files.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file that cannot be read is reported in plain words', () => {
  expect(() => readNamedFile(join(folder, 'absent.json'))).toThrow(/^there is no file .*absent\.json$/);
  expect(() => readNamedFile(folder)).toThrow(/is a folder: name one of its files$/);
});

test('a flow without an id gets one that its content decides, and any other file stays as it is', () => {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text));
  const idOf = (text: string) =>
    (JSON.parse(Buffer.from(withLastingId(bytes(text))).toString('utf8')) as { id: string }).id;
  const flow = '{"name": "My workflow", "data": {"nodes": []}}';
  expect(idOf(flow)).toMatch(KEPT_ID);
  expect(idOf(flow)).toBe(idOf(flow));
  expect(idOf(`${flow} `)).not.toBe(idOf(flow));
  const owned = `{"id": "${idOf(flow)}", "data": {"nodes": []}}`;
  for (const text of [owned, '[1]', '{"flows": []}', '{"hello": 1}', 'no JSON'])
    expect(withLastingId(bytes(text))).toEqual(bytes(text));
});

test.each([
  ['./flow', true],
  ['../flow', true],
  ['/flow', true],
  ['flow.json', true],
  ['flow.ZIP', true],
  ['Questions/Answers', false],
  ['my-flow', false],
])('%s must be a file: %j', (name, expected) => {
  expect(isPath(name)).toBe(expected);
});
