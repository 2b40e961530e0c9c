import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countWords, splitWords } from './tokens.js';

test('joined words are the text, and their number is the count', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'é', ' ', '\n', '\t', '😀', '\u0000') }), (text) => {
      const words = splitWords(text);
      expect(words.join('')).toBe(text);
      expect(words).toHaveLength(countWords(text));
    }),
  );
});

test('each word carries the blanks before it, the last also those after it', () => {
  expect(splitWords(' one  two\nthree ')).toEqual([' one', '  two', '\nthree ']);
});

test('a megabyte of blanks is split at once', () => {
  const began = process.threadCpuUsage();
  expect(splitWords(' '.repeat(1_000_000))).toHaveLength(1);
  expect(process.threadCpuUsage(began).user / 1_000).toBeLessThan(500);
});
