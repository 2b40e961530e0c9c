import { type DecodedText, Decoding } from './decoded-text.js';

/** The length in characters of the longest command that is split into words. */
export const maxCommandLength = 100_000;

/**
 * Words as a POSIX shell splits them: quotes, backslashes, `$'…'`, lines continued by a backslash.
 *
 * @returns  undefined for a command with a quote that is not closed, or one that is too long
 */
export function shellWords(command: string): readonly DecodedText[] | undefined {
  if (command.length > maxCommandLength) return undefined;
  const words: Decoding[] = [];
  const piece =
    /\\\r?\n|\\([\s\S])|(\$'(?:[^'\\]|\\[\s\S])*')|('[^']*')|("(?:[^"\\]|\\[\s\S])*")|(\s+)|([^\s\\'"]+)|([\s\S])/g;
  let word: Decoding | undefined;
  for (const match of command.matchAll(piece)) {
    const [whole, escaped, ansi, single, double, space, bare, stray] = match;
    const begin = match.index;
    const end = begin + whole.length;
    if (stray !== undefined) return undefined;
    if (space !== undefined) word = undefined;
    else if ((escaped ?? ansi ?? single ?? double ?? bare) !== undefined) {
      if (word === undefined) words.push((word = new Decoding()));
      if (escaped !== undefined) word.add(command, begin, end, () => ({ text: escaped, length: 2 }));
      else if (bare !== undefined) word.add(command, begin, end);
      else if (single !== undefined) word.add(command, begin + 1, end - 1);
      else if (double !== undefined) word.add(command, begin + 1, end - 1, (at) => inDouble(command, at));
      else word.add(command, begin + 2, end - 1, (at) => inAnsi(command, at));
    }
  }
  return words;
}

function inDouble(command: string, at: number): { text: string; length: number } | undefined {
  const [escape, sign] = /^\\(["\\$`]|\r?\n)/.exec(command.slice(at, at + 3)) ?? [];
  if (escape === undefined || sign === undefined) return undefined;
  return { text: sign.endsWith('\n') ? '' : sign, length: escape.length };
}

function inAnsi(command: string, at: number): { text: string; length: number } {
  const sign = command[at + 1] ?? '';
  return { text: { n: '\n', t: '\t', r: '\r' }[sign] ?? sign, length: 2 };
}
