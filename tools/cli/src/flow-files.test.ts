import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { KEPT_ID, isPath, readNamedFile, withLastingIds } from './flow-files.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file that cannot be read is reported in plain words', () => {
  expect(() => readNamedFile(join(folder, 'absent.json'))).toThrow(/^there is no file .*absent\.json$/);
  expect(() => readNamedFile(folder)).toThrow(/is a folder: name one of its files$/);
});

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const withIds = (text: string): unknown =>
  JSON.parse(Buffer.from(withLastingIds(bytes(text))).toString('utf8'));

test('a flow without an id gets one that its content decides, and any other file stays as it is', () => {
  const idOf = (text: string) => (withIds(text) as { id: string }).id;
  const flow = '{"name": "My workflow", "data": {"nodes": []}}';
  expect(idOf(flow)).toMatch(KEPT_ID);
  expect(idOf(flow)).toBe(idOf(flow));
  expect(idOf(`${flow} `)).not.toBe(idOf(flow));
  const owned = `{"id": "${idOf(flow)}", "data": {"nodes": []}}`;
  const nodeRed = '[{"type": "tab", "id": "a"}, {"type": "group", "id": "b", "nodes": []}]';
  for (const text of [owned, `[${owned}]`, '[1]', '{"flows": []}', '{"hello": 1}', nodeRed, 'no JSON'])
    expect(withLastingIds(bytes(text))).toEqual(bytes(text));
});

test('each flow of a list or project without an id gets one of its own, and the others keep theirs', () => {
  const flow = { name: 'My workflow', data: { nodes: [] } };
  const owned = { ...flow, id: 'c4d2a2a8-3a77-4a30-9c1b-6d0d6f7a1e11' };
  const named = { ...flow, id: expect.stringMatching(KEPT_ID) as string };
  const list = JSON.stringify([flow, owned, flow, 1]);
  const found = withIds(list) as { id: string }[];
  expect(found).toEqual([named, owned, named, 1]);
  expect(found[0]?.id).not.toBe(found[2]?.id);
  expect(withIds(list)).toEqual(found);
  const project = { name: 'My project', flows: [flow] };
  expect(withIds(JSON.stringify(project))).toEqual({ ...project, flows: [named] });
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
