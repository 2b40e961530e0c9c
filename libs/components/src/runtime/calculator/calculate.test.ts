import { describe, expect, test } from 'vitest';
import { calculate, formatResult, maxExpressionDepth, maxExpressionLength } from './calculate.js';

const result = (expression: string): string => formatResult(calculate(expression));

describe('calculate', () => {
  test.each([
    ['1 + 2 * 3', '7'],
    ['(1 + 2) * 3', '9'],
    ['4*4*(33/22)+12-20', '16'],
    ['2 ** 3 ** 2', '512'],
    ['-2 ** 2', '-4'],
    ['2 ** -1', '0.5'],
    ['--3', '3'],
    ['+-+3', '-3'],
    ['10 - 4 - 3', '3'],
    ['100 / 10 / 2', '5'],
    ['7 % 3', '1'],
    ['-7 % 3', '2'],
    ['7 % -3', '-2'],
    ['.5 + 1.', '1.5'],
    ['1e3 + 1_000', '2000'],
    ['1/3', '0.333333'],
    ['2/3', '0.666667'],
    ['0.1 + 0.2', '0.3'],
    ['-0', '0'],
    ['1e21', '1000000000000000000000'],
    ['  (2)  ', '2'],
  ])('%s = %s', (expression, value) => {
    expect(result(expression)).toBe(value);
  });

  test.each([
    ['1/0', 'Error: Division by zero'],
    ['5 % 0', 'Error: Division by zero'],
    ['0 ** -1', 'Error: Division by zero'],
    ['', 'ends too early'],
    ['1 +', 'ends too early'],
    ['(1', 'not closed'],
    ['1)', 'unexpected )'],
    ['1 2', 'unexpected 2'],
    ['2 // 3', 'unexpected /'],
    ['x', 'unexpected x'],
    ['__import__("os")', 'unexpected _'],
    ['process.exit()', 'unexpected p'],
    ['1,000', 'unexpected ,'],
    ['2 ^ 3', 'unexpected ^'],
    ['(-8) ** 0.5', 'root of a negative'],
    ['9 ** 9 ** 9', 'out of range'],
    ['1e400', 'out of range'],
  ])('%s has no value', (expression, problem) => {
    expect(() => calculate(expression)).toThrow(problem);
  });

  test('length and depth have limits that the error names', () => {
    expect(() => calculate('1+'.repeat(maxExpressionLength))).toThrow(`the limit is ${maxExpressionLength}`);
    expect(() => calculate(`${'('.repeat(400)}1${')'.repeat(400)}`)).toThrow(
      `limit of ${maxExpressionDepth}`,
    );
    expect(() => calculate(`${'-'.repeat(900)}1`)).toThrow(`limit of ${maxExpressionDepth}`);
    expect(() => calculate(`${'2**'.repeat(300)}1`)).toThrow(`limit of ${maxExpressionDepth}`);
    expect(calculate(`${'('.repeat(40)}1${')'.repeat(40)}`)).toBe(1);
  });
});
