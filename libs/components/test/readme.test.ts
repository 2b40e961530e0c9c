import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ComponentSpec } from '@causeway/dag';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { specs } from '../src/specs/catalogue.js';

const readme = fileURLToPath(new URL('../README.md', import.meta.url));

test('the README lists the components as they are', async () => {
  const text = readFileSync(readme, 'utf8');
  const begin = text.indexOf('<!-- components -->');
  const end = text.indexOf('<!-- /components -->');
  expect(begin).toBeGreaterThan(0);
  expect(end).toBeGreaterThan(begin);
  const table = `<!-- components -->\n\n${componentTable()}\n\n`;
  const current = await format(text.slice(0, begin) + table + text.slice(end), {
    parser: 'markdown',
    printWidth: 110,
  });
  await expect(current).toMatchFileSnapshot(readme);
});

function componentTable(): string {
  const head = ['| name | type | other names | outputs | effects |', '| --- | --- | --- | --- | --- |'];
  const rows = specs.toSorted((a, b) => (a.displayName < b.displayName ? -1 : 1)).map(row);
  return [...head, ...rows].join('\n');
}

function row({ displayName, type, aliases, outputs, effects }: ComponentSpec): string {
  const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');
  return `| ${[displayName, code([type]), code(aliases), code(outputs.map(({ name }) => name)), effects].join(' | ')} |`;
}
