import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseOrganisationFile, readOrganisationFile } from './read-file.js';

const parse = (...lines: string[]) => parseOrganisationFile(lines.join('\n'), 'org.yaml');

test('reads what the file says', () => {
  expect(
    parse(
      'version: 1',
      'teams: [Payments]',
      'groups:',
      '  - name: finance',
      '    roles:',
      '      - { role: editor, team: Payments }',
      '      - { role: viewer, organisation: true }',
    ),
  ).toEqual({
    version: 1,
    teams: ['Payments'],
    groups: [
      {
        name: 'finance',
        roles: [
          { role: 'editor', team: 'Payments' },
          { role: 'viewer', organisation: true },
        ],
      },
    ],
  });
});

test('reads the example of the README', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const example = /```yaml\n([^]*?)```/.exec(readme)?.[1] ?? '';
  const file = parseOrganisationFile(example, 'README.md');
  expect(Object.keys(file)).toHaveLength(8);
  expect(file.connections?.[0]).toMatchObject({ secret: '${env:ACME_SECRET}' });
});

test.each([
  [
    'an unknown member',
    ['version: 1', 'colour: red'],
    /org\.yaml:2 {2}colour: there is no such member here$/,
  ],
  [
    'a member that is written wrongly, with the one that was meant',
    ['version: 1', 'groups:', '  - name: g', '    role: []'],
    /org\.yaml:4 {2}groups\.0\.role: there is no such member here; did you mean roles\?/,
  ],
  [
    'a misspelt member of a connection',
    ['version: 1', 'connections:', '  - name: acme', '    issuer: https://a.example', '    clientID: c'],
    /org\.yaml:5 {2}connections\.0\.clientID: .*did you mean clientId\?/,
  ],
  [
    'a wrong value, with its line and path',
    ['version: 1', 'teams:', '  - Payments', '  - 7'],
    /org\.yaml:4 {2}teams\.1: /,
  ],
  [
    'a secret',
    [
      'version: 1',
      'connections:',
      '  - name: acme',
      '    issuer: https://a.example',
      '    clientId: c',
      '    secret: hunter2',
    ],
    /org\.yaml:6 {2}connections\.0\.secret: .*never in the file itself/,
  ],
  [
    'a role without a place',
    ['version: 1', 'groups:', '  - name: g', '    roles: [{ role: editor }]'],
    /org\.yaml:4 {2}groups\.0\.roles\.0: give either a team, or organisation: true/,
  ],
  [
    'members of a group of an identity provider',
    ['version: 1', 'groups:', '  - name: g', '    connection: acme', '    members: [ada]'],
    /org\.yaml:5 {2}groups\.0\.members: /,
  ],
  [
    'an unknown permission',
    ['version: 1', 'roles: [{ name: r, permissions: ["flow:fly"] }]'],
    /roles\.0\.permissions\.0/,
  ],
  [
    'a permission that is written wrongly, with the one that was meant',
    ['version: 1', 'roles: [{ name: r, permissions: ["flow:raed"] }]'],
    /roles\.0\.permissions\.0: .*did you mean flow:read\?/,
  ],
  ['another version', ['version: 2'], /org\.yaml:1 {2}version: .*write `version: 1`/],
  ['no version', ['teams: [A]'], /org\.yaml:1 {2}version: .*write `version: 1`/],
  ['a name twice', ['version: 1', 'teams: [A, B, A]'], /names A twice in teams/],
  ['a member twice', ['version: 1', 'version: 1'], /org\.yaml:2:1 is not YAML/],
  ['what is no YAML', ['version: 1', 'teams: [A'], /org\.yaml:\d+:\d+ is not YAML/],
  ['a tag', ['version: 1', 'teams: !!js/function "x"'], /org\.yaml:2:8 is not YAML/],
  ['several documents', ['version: 1', '---', 'version: 1'], /is not YAML/],
  ['nothing', [''], /org\.yaml is empty; .*`version: 1`/],
] as const)('refuses %s', (_what, lines, message) => {
  expect(() => parse(...lines)).toThrow(message);
});

test('refuses aliases that stand for millions of values', () => {
  const nine = (name: string) => `[${Array.from({ length: 9 }, () => `*${name}`).join(', ')}]`;
  const lines = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (const [from, to] of [...'abcdefgh'].map((one, at) => [one, 'bcdefghi'[at] ?? ''] as const))
    lines.push(`${to}: &${to} ${nine(from)}`);
  expect(() => parse('version: 1', ...lines)).toThrow(/cannot be read: .*alias/i);
});

test('refuses what is nested too deeply, and what is too large', () => {
  expect(() => parse('version: 1', `teams: ${'['.repeat(20_000)}`)).toThrow(/org\.yaml.* is not YAML/);
  const folder = mkdtempSync(join(tmpdir(), 'causeway-org-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'org.yaml');
  writeFileSync(path, `version: 1\n# ${'x'.repeat(1_048_576)}\n`);
  expect(() => readOrganisationFile(path)).toThrow(/at most 1048576 are read/);
});
