import { expect, test } from 'vitest';
import { isOneLine } from './one-line.js';

test.each(['Payments', 'Équipe n° 2', '支払い', 'שלום', '👩‍💻 team'])('%s can be shown in a line', (text) => {
  expect(isOneLine(text)).toBe(true);
});

test.each([
  ['a line break', 'a\nb'],
  ['a return', 'a\rb'],
  ['NUL', 'a\u0000b'],
  ['the beginning of a command to a terminal', 'a\u001b[2Jb'],
  ['the same in one character', 'a\u009b2Jb'],
  ['a line separator', 'a\u2028b'],
  ['writing from the other side', 'a\u202eb'],
  ['an isolate', 'a\u2067b'],
  ['half of a character', 'a\ud800b'],
])('a text with %s cannot', (_what, text) => {
  expect(isOneLine(text)).toBe(false);
});
