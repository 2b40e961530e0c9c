import { styleText } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { captureOutput } from './capture.js';
import { Output, showable, table } from '../src/output.js';

afterEach(() => vi.restoreAllMocks());

test.each([
  ['clears the screen', '\u001b[2J', '\\u{1b}[2J'],
  ['hides what follows', '\u001b[8m', '\\u{1b}[8m'],
  ['sets the title', '\u001b]0;x\u0007', '\\u{1b}]0;x\\u{7}'],
  ['says the same in one character', '\u009b2J', '\\u{9b}2J'],
  ['writes over the line', 'a\rb', 'a\\u{d}b'],
  ['turns the line around', '\u202etxt', '\\u{202e}txt'],
])('what %s is shown and does nothing', (_what, text, expected) => {
  expect(showable(`name ${text}.`)).toBe(`name ${expected}.`);
});

test('lines, tabs and our own colours stay', () => {
  const painted = (['red', 'dim', 'bold', 'green', 'yellow'] as const).map((style) =>
    styleText(style, 'wrong', { validateStream: false }),
  );
  for (const text of ['one\ntwo\r\nthree\tfour', ...painted, 'Équipe 支払い 👩‍💻'])
    expect(showable(text)).toBe(text);
});

test('a name with a line break makes no further row', () => {
  expect(table(['name', 'id'], [['a\nforged  0', '1']])).toMatch(/^.*\na\\u\{a\}forged {2}0 {2}1$/);
});

test('a result, progress and a failure are shown so, and JSON is left to its own rules', () => {
  const shown = captureOutput();
  new Output(false).result({}, () => 'x\u001b[2J');
  new Output(false).progress('y\u001b[2J');
  new Output(false).failure({ message: 'z\u001b[2J' });
  expect(shown.out + shown.err).not.toContain('\u001b[2J');
  new Output(true).result({ name: 'x\u001b' }, () => '');
  expect(shown.out).toContain('{"name":"x\\u001b"}');
});
