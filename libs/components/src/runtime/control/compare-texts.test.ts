import { startCpuClock } from '@causeway/testing';
import { RE2JS } from 're2js';
import { describe, expect, test, vi } from 'vitest';
import { maxPatternLength } from '../../coerce/limits.js';
import { compareTexts, keptPatterns, maxPatternTextLength, maxPatternWork } from './compare-texts.js';

describe('compareTexts', () => {
  test.each<[string, string, string, boolean, boolean]>([
    ['a', 'equals', 'a', true, true],
    ['A', 'equals', 'a', true, false],
    ['A', 'equals', 'a', false, true],
    ['a', 'not equals', 'b', true, true],
    ['A', 'not equals', 'a', false, false],
    ['hello world', 'contains', 'o w', true, true],
    ['hello', 'contains', 'O', true, false],
    ['hello', 'starts with', 'he', true, true],
    ['hello', 'ends with', 'LO', false, true],
    ['hello', 'ends with', 'he', true, false],
    ['1.5', 'less than', '2', true, true],
    ['2', 'less than', '2', true, false],
    ['2', 'less than or equal', '2.0', true, true],
    ['10', 'greater than', '9', true, true],
    ['9', 'greater than or equal', '10', true, false],
    ['ten', 'greater than', '9', true, false],
    ['', 'less than or equal', '1', true, false],
    ['abc123', 'regex', '[a-c]+', true, true],
    ['xabc', 'regex', 'abc', true, false],
    ['ABC', 'regex', 'abc', false, false],
    ['ABC', 'regex', '(?i)abc', true, true],
    ['line\nnext', 'regex', 'line$', true, false],
    ['a', 'regex', '(', true, false],
    ['a', 'regex', '[z-a]', true, false],
  ])('%o %s %o, case sensitive: %o → %o', (text, operator, match, caseSensitive, is) => {
    expect(compareTexts(text, match, operator, caseSensitive)).toBe(is);
  });

  // The results of Python's re.match.
  test.each<[string, string, boolean]>([
    [String.raw`^\w+$`, 'Zoë', true],
    [String.raw`\w+`, 'été', true],
    [String.raw`\w+$`, 'a-b', false],
    [String.raw`\w`, '\u0301', false],
    [String.raw`\W`, 'é', false],
    [String.raw`\d+$`, '١٢', true],
    [String.raw`\D`, '١', false],
    [String.raw`\sx`, '\u00a0x', true],
    [String.raw`\S`, '\u00a0', false],
    [String.raw`[\w-]+$`, 'é-x', true],
    [String.raw`[^\W\d]+$`, 'été', true],
    [String.raw`[^\W\d]+$`, '_', true],
    [String.raw`[^\W\d]+$`, 'a1', false],
    [String.raw`[\Wa]+$`, 'a-\u0378', true],
    [String.raw`[\Wa]+$`, '_', false],
    [String.raw`[\S]+$`, 'a\u0378', true],
    [String.raw`(?a)\w+$`, 'été', false],
    [String.raw`\w+\b.`, 'été!', true],
    [String.raw`.*\bworld\b`, 'héllo world', true],
    [String.raw`.*\bworld\b`, 'éworld', false],
    [String.raw`caf\b`, 'café', false],
    [String.raw`\bcafé\b`, 'café', true],
    [String.raw`(?:\b\w+\b ?)+$`, 'un été', true],
    [String.raw`(?s)\b[^x]\b.\W$`, 'é\n ', true],
    ['^yes$', 'yes\n', true],
    ['^yes$', 'yes\n\n', false],
    ['(?m)^yes$', 'yes\nno', true],
    [String.raw`yes\Z`, 'yes\n', false],
    [String.raw`\d+\Z`, '12', true],
    ['(?P<a>x)$', 'x', true],
    ['(?#note)x', 'x', true],
    ['a{,3}b', 'aab', true],
    ['{x', '{x', true],
    [String.raw`\u00e9\x41\101`, 'éAA', true],
    ['[[:alpha:]]+', ':]', true],
    ['[]a]+$', ']a', true],
    [String.raw`[\b]`, '\b', true],
    [String.raw`[\w-z]`, 'a', false],
    [String.raw`\pL`, 'a', false],
    [String.raw`x\z`, 'x', false],
    [String.raw`\Qa\E`, 'a', false],
    ['(?<a>x)', 'x', false],
    ['(?U)a', 'a', false],
    ['a)', 'a', false],
  ])('the pattern %o on %o → %o, as in Python', (pattern, text, is) => {
    expect(compareTexts(text, pattern, 'regex', true)).toBe(is);
  });

  test('an unknown operator is named', () => {
    expect(() => compareTexts('a', 'b', 'sounds like', true)).toThrow('sounds like');
  });

  test.each([
    '(?=a)a',
    '(?<!b)a',
    String.raw`(a)\1`,
    '(?P<a>x)(?P=a)',
    '(?x) a',
    '(?>a)',
    'a*+',
    '(a)?(?(1)b)',
    String.raw`\N{BULLET}`,
    'a{2000}',
  ])('%s cannot be matched in linear time and is refused', (pattern) => {
    expect(() => compareTexts('aa', pattern, 'regex', true)).toThrow('look-around or back-references');
  });

  test('a boundary that cannot be distinguished from the letters of a text is refused', () => {
    expect(compareTexts('ab', String.raw`a\Bb`, 'regex', true)).toBe(true);
    expect(() => compareTexts('éa', String.raw`é\Ba`, 'regex', true)).toThrow(String.raw`\B`);
  });

  test('patterns that make backtracking engines hang are matched in linear time', () => {
    const cpuMs = startCpuClock();
    for (const pattern of ['(a+)+$', '(a|aa)+$', '(.*)*x', '([a-z]+)*!']) {
      expect(compareTexts(`${'a'.repeat(50_000)}b`, pattern, 'regex', true)).toBe(false);
    }
    expect(cpuMs()).toBeLessThan(15_000);
  });

  test('a pattern is compiled once, however often its node is visited', () => {
    const costly = String.raw`(?i)(?:[\w\s]{1,30}[a-z]{1,30}){20}!`;
    const compile = vi.spyOn(RE2JS, 'compile');
    compareTexts('a', costly, 'regex', true);
    const compiled = compile.mock.calls.length;
    expect(compiled).toBeGreaterThan(0);
    for (let visit = 0; visit < 20; visit += 1) compareTexts('a', costly, 'regex', true);
    expect(compile).toHaveBeenCalledTimes(compiled);
    compile.mockRestore();
  });

  test('the number of kept patterns is limited, and a refused pattern is refused again', () => {
    for (let number = 0; number < 300; number += 1) compareTexts('a', `a{${number}}`, 'regex', true);
    expect(keptPatterns().count).toBeLessThanOrEqual(100);
    for (let number = 700; number < 720; number += 1)
      compareTexts('a', String.raw`\w{${number}}`, 'regex', true);
    expect(keptPatterns().instructions).toBeLessThanOrEqual(500_000);
    for (const _visit of [1, 2])
      expect(() => compareTexts('aa', '(?=a)', 'regex', true)).toThrow('look-around');
    for (const _visit of [1, 2]) expect(compareTexts('aa', '(', 'regex', true)).toBe(false);
  });

  test('pattern and text have limits that the error names', () => {
    expect(() => compareTexts('a', 'a'.repeat(maxPatternLength + 1), 'regex', true)).toThrow(
      `${maxPatternLength}`,
    );
    expect(() => compareTexts('a'.repeat(maxPatternTextLength + 1), 'a', 'regex', true)).toThrow(
      `${maxPatternTextLength}`,
    );
    expect(compareTexts('a'.repeat(10), 'a{1000}{1000}', 'regex', true)).toBe(false);
    const costly = '(?i)(?:[a-z]*[0-9]?){100}!';
    expect(() => compareTexts('a'.repeat(90_000), costly, 'regex', true)).toThrow(
      `the limit is ${maxPatternWork}`,
    );
    expect(compareTexts('a'.repeat(900), costly, 'regex', true)).toBe(false);
  });
});
