import { startCpuClock } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { promptVariables } from './prompt-template.js';

describe('single braces', () => {
  test.each<[string, readonly string[]]>([
    ['Hello {name}, {name} of {place}', ['name', 'place']],
    ['no variables', []],
    ['{{not_one}} but {one}', ['one']],
    ['{{{inner}}}', ['inner']],
    ['{"a"}', ['"a"']],
    ['{Überschrift_2}', ['Überschrift_2']],
    ['', []],
  ])('%s', (template, variables) => {
    const read = promptVariables(template, false);
    expect(read.variables).toEqual(variables);
  });

  test.each([
    ['{', 'A single { at character 1'],
    ['a }', 'A single } at character 3'],
    ['{}', 'names no variable'],
    ['{a b}', 'no variable name'],
    ['{a.b}', 'no variable name'],
    ['{1st}', 'a letter first'],
    ['{ "a": 1 }', 'for braces in the text write {{ and }}'],
    ['{template}', 'cannot be called template'],
    ['{code}', 'cannot be called code'],
  ])('%s is a problem', (template, problem) => {
    expect(promptVariables(template, false).problems.join()).toContain(problem);
  });

  test('a valid template has no problems', () => {
    expect(promptVariables('{{x}} {y}', false).problems).toEqual([]);
  });
});

describe('double brackets', () => {
  test('{{name}} is a variable, single braces are text', () => {
    expect(promptVariables('{"json": {{value}}} {not}', true)).toEqual({
      variables: ['value'],
      problems: [],
    });
  });

  test.each([
    '{{#section}}',
    '{{/section}}',
    '{{^not}}',
    '{{&raw}}',
    '{{>part}}',
    '{{!note}}',
    '{{{raw}}}',
    '{{.}}',
  ])('%s is more than a variable', (template) => {
    expect(promptVariables(template, true).problems.join()).toContain('more than a variable');
  });

  test('an invalid name is a problem', () => {
    expect(promptVariables('{{a b}}', true).problems.join()).toContain('no variable name');
    expect(promptVariables('{{}}', true).problems.join()).toContain('names no variable');
  });
});

test('names an invalid name and its position', () => {
  const [problem] = promptVariables('Answer as {"status": "ok"}', false).problems;
  expect(problem).toContain('{"status": "ok"} at character 11 is no variable name');
});

test.each(['{a ', '{ ', '{}', '} ', '{a b}'])(
  'many problems of %s become a few lines and a count',
  (piece) => {
    const { problems } = promptVariables(piece.repeat(100_000), false);
    expect(problems).toHaveLength(10);
    expect(problems.at(-1)).toMatch(/^There are \d+ more such places\.$/);
    expect(problems.join('').length).toBeLessThan(3_000);
  },
);

test('a template beyond the limit is not read', () => {
  const { variables, problems } = promptVariables('{a '.repeat(1_600_000), false);
  expect(variables).toEqual([]);
  expect(problems).toEqual([expect.stringContaining('has 4800000 characters; the limit is 500000')]);
  expect(promptVariables(`{a}${'x'.repeat(499_990)}`, false)).toEqual({ variables: ['a'], problems: [] });
});

test('reading takes linear time', () => {
  const cpuMs = startCpuClock();
  promptVariables('{'.repeat(200_000), false);
  promptVariables('{{'.repeat(100_000), true);
  promptVariables('{a'.repeat(100_000), false);
  expect(cpuMs()).toBeLessThan(10_000);
});
