import { expect, it } from 'vitest';
import { checkBounds, findKinds } from './bounds.js';

const schema = 'model Run {\n  id String\n}\nmodel Lane {\n}\n';
const path = 'services/scheduler/prisma/schema.prisma';
const check = (bounds: string | undefined): string[] =>
  checkBounds([{ path, schema, bounds }], new Set(['runs'])).map(({ message }) => message);

it('requires a line for each table', () => {
  expect(check(undefined)).toEqual([expect.stringContaining('bounds.ts is missing')]);
  expect(check("export const bounds = {\n  Run: { leavesWith: 'runs' },\n}")).toEqual([
    'Lane: say what bounds the size of this table',
  ]);
});

it('requires a kind of data that a service removes, or a reason', () => {
  const list = (run: string): string =>
    `export const bounds = {\n  Run: { ${run} },\n  Lane: { because: 'few' },\n}`;
  expect(check(list("leavesWith: 'runs'"))).toEqual([]);
  expect(check(list("leavesWith: 'old runs'"))).toEqual(['Run: no service removes "old runs"']);
  expect(check(list("because: ''"))).toEqual(['Run: say what bounds the size of this table']);
});

it('finds the kinds where they are declared', () => {
  const text = "const a: RetainedKind = { kind: 'runs' }; this.simple('deleted projects', 'project');";
  const files = [
    { path: 'services/a/src/operations/retaining.ts', text },
    { path: 'services/a/src/operations/other.ts', text: "kind: 'user'" },
  ];
  expect(findKinds(files)).toEqual(new Set(['runs', 'deleted projects']));
});
