import { expect, test } from 'vitest';
import { findMisnamed, findNamedTests, securityPage } from './security-page.js';

const file = 'tools/e2e/test/stories/a.ts';
const found = findNamedTests(
  new Map([
    [
      file,
      [
        `describe('a caller', () => {`,
        `  test('N1: gets nothing', run);`,
        `  test.each([1])('N1, N2: is “refused” %i times', run);`,
        '  test(`N3: with ${many} of them`, run);',
        `  test('does N4: what it should', run);`,
      ].join('\n'),
    ],
  ]),
);

test('tests are found by the numbers in front of their titles', () => {
  expect(found).toEqual([
    { names: ['N1'], title: 'gets nothing', file },
    { names: ['N1', 'N2'], title: 'is “refused” %i times', file },
    { names: ['N3'], title: 'with ${many} of them', file },
  ]);
});

test('titles that are named for attacks in another way are found', () => {
  const text = `test('N4-XSW: x', run); test('N5: y', run); test('N6, N7: z', run); test('Node 24', run);`;
  expect(findMisnamed(new Map([['a.ts', text]]))).toEqual(['a.ts: N4-XSW: x… must begin as “N7: …”']);
});

const attack = (name: string, untested?: string) => ({
  name,
  what: `attack ${name}`,
  ...(untested && { untested }),
});

test('a page has each attack with its tests, or with the reason why there are none', () => {
  const { page, problems } = securityPage(
    [attack('N1'), attack('N2', 'not yet'), attack('N3'), attack('N5', 'never')],
    found,
  );
  expect(problems).toEqual([]);
  expect(page.text).toContain(`| N1 | attack N1 | [${file}](${file}): gets nothing; is “refused” %i times |`);
  expect(page.text).toContain(`| N2 | attack N2 | [${file}](${file}): is “refused” %i times |`);
  expect(page.text).toContain('| N5 | attack N5 | _Not applicable._ never |');
});

test('an attack without test and reason is a problem, and so is a test of an attack that nobody has described', () => {
  const { problems } = securityPage([attack('N1'), attack('N2'), attack('N9')], found);
  expect(problems).toEqual([
    `${file}: “with \${many} of them” is named for N3, which negative-tests.ts does not describe`,
    'N9 has neither a test whose title begins with “N9: ” nor a reason in negative-tests.ts',
  ]);
});
