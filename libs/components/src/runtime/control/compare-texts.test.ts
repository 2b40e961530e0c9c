import { describe, expect, test } from 'vitest';
import { compareTexts, maxPatternLength, maxPatternTextLength, maxPatternWork } from './compare-texts.js';

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

  test('an unknown operator is named', () => {
    expect(() => compareTexts('a', 'b', 'sounds like', true)).toThrow('sounds like');
  });

  test.each(['(?=a)a', '(?<!b)a', String.raw`(a)\1`])(
    '%s cannot be matched in linear time and is refused',
    (pattern) => {
      expect(() => compareTexts('aa', pattern, 'regex', true)).toThrow('look-around or back-references');
    },
  );

  test('patterns that make backtracking engines hang take no time', () => {
    const started = performance.now();
    for (const pattern of ['(a+)+$', '(a|aa)+$', '(.*)*x', '([a-z]+)*!']) {
      expect(compareTexts(`${'a'.repeat(50_000)}b`, pattern, 'regex', true)).toBe(false);
    }
    expect(performance.now() - started).toBeLessThan(15_000);
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
