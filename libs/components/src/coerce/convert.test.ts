import { describe, expect, test } from 'vitest';
import { cleanText } from './clean-text.js';
import { convertToData, convertToMessage, convertToTable } from './convert.js';
import { parseCsv } from './parse-csv.js';
import { toDisplayText } from './to-display-text.js';
import { toMarkdown } from './to-markdown.js';
import { dataOf, messageOf, tableOf } from './value.js';

const model = { kind: 'handle', type: 'LanguageModel', object: {} } as const;

describe('parseCsv', () => {
  test('types whole columns and leaves empty cells null', () => {
    expect(parseCsv('name,n,ok,code\nAda,1,true,007x\nBob,,false,1\n')).toEqual([
      { name: 'Ada', n: 1, ok: true, code: '007x' },
      { name: 'Bob', n: null, ok: false, code: '1' },
    ]);
  });

  test('reads quotes, line ends in cells and a byte order mark', () => {
    expect(parseCsv('\uFEFFa,b\r\n"x, ""y""","1\n2"\r\n')).toEqual([{ a: 'x, "y"', b: '1\n2' }]);
  });

  test('a header named __proto__ is a column', () => {
    const [row] = parseCsv('__proto__,a\nx,1');
    expect(Object.keys(row ?? {})).toEqual(['__proto__', 'a']);
  });

  test('an open quote is refused', () => {
    expect(() => parseCsv('a\n"x')).toThrow('cannot be read as CSV');
  });
});

describe('toMarkdown', () => {
  test('aligns, escapes and keeps a row on one line', () => {
    const rows = [
      { name: 'a|b', n: 1 },
      { name: 'two\nlines', n: 20 },
    ];
    expect(toMarkdown(rows, true).split('\n')).toEqual([
      '| name          |   n |',
      '|:--------------|----:|',
      '| a\\|b          |   1 |',
      '| two<br/>lines |  20 |',
    ]);
  });

  test('leaves out rows without content when cleaning', () => {
    const rows = [{ a: 1 }, { a: null }];
    expect(toMarkdown(rows, true).split('\n')).toHaveLength(3);
    expect(toMarkdown(rows, false).split('\n')).toHaveLength(4);
  });
});

describe('toDisplayText', () => {
  test('a Data is fenced JSON with two spaces', () => {
    expect(toDisplayText(dataOf({ a: 1 }), true)).toBe('```json\n{\n  "a": 1\n}\n```');
  });

  test('a list is shown line by line', () => {
    expect(toDisplayText([messageOf('a'), 'b', dataOf({})], true)).toBe('a\nb\n```json\n{}\n```');
  });

  test('a Message is its text, untouched', () => {
    expect(toDisplayText(messageOf('a\n\n\n\nb'), true)).toBe('a\n\n\n\nb');
  });

  test('nothing and live objects are refused', () => {
    expect(() => toDisplayText(undefined, true)).toThrow('gets nothing');
    expect(() => toDisplayText(model, true)).toThrow('gets a LanguageModel');
  });
});

test('cleanText empties blank lines and cuts runs of them to one', () => {
  expect(cleanText('a\n  \n\t\n\n b\n')).toBe('a\n\n b\n');
});

describe('conversions of Type Convert', () => {
  test('to Message: text member, else all members, a table as markdown', () => {
    expect(convertToMessage(dataOf({ text: 'a', b: 1 })).text).toBe('a');
    expect(convertToMessage(dataOf({ b: true })).text).toBe("{'b': True}");
    expect(convertToMessage(tableOf([{ a: 1 }])).text).toBe('|   a |\n|----:|\n|   1 |');
    expect(convertToMessage([messageOf('first'), messageOf('second')]).text).toBe('first');
  });

  test('to Data: reads JSON and CSV out of text when asked to', () => {
    expect(convertToData(messageOf('{"a":1}'), false)).toEqual(dataOf({ text: '{"a":1}' }));
    expect(convertToData(messageOf('{"a":1}'), true)).toEqual(dataOf({ a: 1 }));
    expect(convertToData(messageOf('[{"a":1}]'), true)).toEqual(dataOf({ records: [{ a: 1 }] }));
    expect(convertToData(messageOf('a,b\n1,2'), true)).toEqual(dataOf({ records: [{ a: 1, b: 2 }] }));
    expect(convertToData(messageOf('Dear Sir, or Madam'), true)).toEqual(
      dataOf({ text: 'Dear Sir, or Madam' }),
    );
    expect(convertToData(tableOf([{ a: 1 }]), false)).toEqual(dataOf({ results: [{ a: 1 }] }));
  });

  test('to Table: rows of Data, of parsed text, one row of a Message', () => {
    expect(convertToTable(dataOf({ results: [{ a: 1 }] }), false).rows).toEqual([{ a: 1 }]);
    expect(convertToTable(messageOf('a,b\n1,2'), true).rows).toEqual([{ a: 1, b: 2 }]);
    expect(convertToTable(messageOf('x'), false).rows).toEqual([{ text: 'x' }]);
    expect(convertToTable([dataOf({ a: 1 }), dataOf({ a: 2 })], false).rows).toEqual([{ a: 1 }, { a: 2 }]);
  });
});
