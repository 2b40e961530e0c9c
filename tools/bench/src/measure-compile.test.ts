import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@causeway/stack';
import { expect, test } from 'vitest';
import { measureCompile } from './measure-compile.js';

const sample = readFileSync(join(ROOT, 'tools/stack/samples/hello.json'), 'utf8');

test('chains of the requested sizes compile, each node wired to the previous one', () => {
  const results = measureCompile(sample, [1, 20]);
  expect(results.map(({ nodes, edges }) => [nodes, edges])).toEqual([
    [1, 0],
    [20, 19],
  ]);
  for (const { medianMs } of results) expect(medianMs).toBeGreaterThan(0);
});

test('a chain that does not compile is not measured', () => {
  expect(() => measureCompile('{}', [1])).toThrow('cannot be read');
});
