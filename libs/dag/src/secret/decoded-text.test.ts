import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeLeaf } from './json-leaves.js';
import { shellWords } from './shell-words.js';

test('each character of a text in JSON stands where its own part of the JSON does', () => {
  const piece = fc.constantFrom('a', ' ', '"', '\\', '\n', '\u0001', 'é');
  fc.assert(
    fc.property(fc.array(piece), fc.array(piece), (before, pieces) => {
      const head = JSON.stringify(before.join('')).slice(0, -1);
      const source = head + JSON.stringify(pieces.join('')).slice(1);
      const decoded = decodeLeaf(source, { begin: head.length, end: source.length - 1 });
      expect(decoded.text).toBe(pieces.join(''));
      let place = head.length;
      for (const [index, sign] of pieces.entries()) {
        expect(decoded.beginOf(index)).toBe(place);
        place = decoded.endOf(index);
        expect(JSON.parse(`"${source.slice(decoded.beginOf(index), place)}"`)).toBe(sign);
      }
      expect(place).toBe(source.length - 1);
    }),
  );
});

test('a character at the end of a piece of a word ends before the quotes and the continued line behind it', () => {
  const command = `x 'a'"b\\"\\\nc"\\d$'\\n'e`;
  const word = shellWords(command)?.[1];
  const parts = [...(word?.text ?? '')].map((_, index) =>
    command.slice(word?.beginOf(index), word?.endOf(index)),
  );
  expect(word?.text).toBe('ab"cd\ne');
  expect(parts).toEqual(['a', 'b', '\\"', 'c', '\\d', '\\n', 'e']);
});
