import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findJsonError, lineAndColumn, textDepth, utf8Length, valueDepth } from './json-text.js';

describe('findJsonError', () => {
  test.each([
    ['{"a":1}', undefined],
    [' [1, -0.5e+3, "\\u00e9", null, true, {}] ', undefined],
    ['', 0],
    ['{"a" 1}', 5],
    ['{"a":1,}', 7],
    ['[1 2]', 3],
    ['{"a":1}}', 7],
    ['[1,2', 4],
    ['{"a":tru}', 5],
    ['{"a":01}', 5],
    ['["a\nb"]', 1],
    ['[1}', 2],
    ['{a:1}', 1],
  ])('%j fails at %s', (text, offset) => {
    expect(findJsonError(text)).toBe(offset);
  });

  test('agrees with JSON.parse on which texts are JSON', () => {
    const damaged = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', '"', '{', ']', ',', ':', '\\', '0', 'e', '.', ' ', '\n', 'null'),
      )
      .map(([text, at, sign]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + sign + text.slice(place + (at % 2));
      });
    fc.assert(
      fc.property(damaged, (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        expect(findJsonError(text) === undefined).toBe(valid);
      }),
      { numRuns: 2_000 },
    );
  });
});

test('a place in a text counts lines and columns from 1, whatever ends its lines', () => {
  expect(lineAndColumn('ab\r\ncd\nef', 7)).toEqual({ line: 3, column: 1 });
  expect(lineAndColumn('ab', 0)).toEqual({ line: 1, column: 1 });
});

test('bytes are those of UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
    }),
  );
  expect(utf8Length('\ud800')).toBe(3);
});

describe('depth', () => {
  test('brackets inside texts do not nest', () => {
    expect(textDepth('{"a":["[[[","\\"[["]}', 10)).toBe(2);
  });

  test('is the same in a text and in its value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(valueDepth(value, 100)).toBe(textDepth(JSON.stringify(value), 100));
      }),
    );
  });

  test('10,000 levels are counted without recursion, and only up to the limit', () => {
    expect(textDepth('['.repeat(10_000), 200)).toBe(201);
    let deep: unknown = 1;
    for (let level = 0; level < 10_000; level++) deep = [deep];
    expect(valueDepth(deep, 200)).toBeGreaterThan(200);
  });

  test('a circular object counts as too deep', () => {
    const ring: Record<string, unknown> = {};
    ring['self'] = ring;
    expect(valueDepth(ring, 200)).toBeGreaterThan(200);
  });
});
