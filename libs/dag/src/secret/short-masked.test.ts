import { expect, test } from 'vitest';
import { SECRET_MASK } from './key-shapes.js';
import { shortMasked, shortUnmasked } from './short-masked.js';

const KEY = 'sk-notarealkey0123456789abcdef';
const TOKEN = `eyJhbGciOiJIUzI1NiJ9.${'aB3'.repeat(300)}.xyz`;

test.each([KEY, TOKEN, `https://me:${'notareal'.repeat(5)}@a.example`])(
  'no part of a key remains, wherever the text is cut: %s',
  (key) => {
    for (let before = 100; before < 210; before++) {
      const text = `${'word '.repeat(before)}${key} ${'y'.repeat(9_000)}`;
      const shown = shortMasked(text, 800);
      expect(shown.length).toBeLessThanOrEqual(800);
      expect(shown).not.toMatch(/notareal|aB3/);
    }
  },
);

test('keys that are masked do not bring the unsearched part of the text into view', () => {
  const text = `${`${TOKEN} `.repeat(40)}${KEY}`;
  for (let more = 0; more < 2_000; more += 13)
    expect(shortMasked(`${'x'.repeat(more)} ${text}`, 1_000)).not.toMatch(/notareal|aB3/);
});

test('the word at the cut is left out: it may be a part of a secret that is not known here', () => {
  const text = `{"password":"my-own-odd-secret",${'"a":1,'.repeat(100)}`;
  expect(shortMasked(text, 50)).toBe('{"password":"… (619 more characters)');
});

test('a word that is most of the text is cut, so that a long address can be recognised', () => {
  const text = `https://a.example/${'x'.repeat(500)}`;
  expect(shortMasked(text, 100)).toBe(`${text.slice(0, 68)}… (450 more characters)`);
});

test('a short text is masked, except where it is masked later', () => {
  expect(shortMasked(`with ${KEY}`, 100)).toBe(`with ${SECRET_MASK}`);
  expect(shortUnmasked(`with ${KEY}`, 100)).toBe(`with ${KEY}`);
});

test('only the beginning of a long text is searched', () => {
  const searched: number[] = [];
  const mask = (text: string): string => {
    searched.push(text.length);
    return text;
  };
  shortMasked('x '.repeat(5_000_000), 1_000, mask);
  expect(searched).toEqual([3_000]);
});
