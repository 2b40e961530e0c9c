import type { Json } from '@causeway/dag';
import { startCpuClock } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { cleanText } from './text/clean-text.js';
import { convertToData, convertToMessage, convertToTable } from './convert.js';
import { parseCsv } from './text/parse-csv.js';
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

  test('rows by columns are limited, however short the text is', () => {
    const names = Array.from({ length: 2_000 }, (_item, index) => `c${index}`).join(',');
    const few = parseCsv(`${names}\n${'1\n'.repeat(10)}`);
    expect(few).toHaveLength(10);
    expect(few[9]).toMatchObject({ c0: 1, c1999: null });
    const message = 'has too many cells; the limit is 1,000,000';
    expect(() => parseCsv(`${names}\n${'1\n'.repeat(501)}`)).toThrow(message);
    expect(() => parseCsv(','.repeat(1_000_001))).toThrow(message);
    expect(() => convertToTable(messageOf(`${names}\n${'1\n'.repeat(501)}`), true)).toThrow(message);
  });

  test('a cell of many digits that is no number is read in linear time', () => {
    const cpuMs = startCpuClock();
    expect(parseCsv(`a\n${'1'.repeat(1_000_000)}x`)).toHaveLength(1);
    expect(cpuMs()).toBeLessThan(5_000);
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

  test('a long cell does not make the others as wide', () => {
    const long = 'x'.repeat(1_000_000);
    const rows = [{ a: long }, ...Array.from({ length: 600 }, () => ({ a: 'y' }))];
    const lines = toMarkdown(rows, true).split('\n');
    expect(lines[2]).toBe(`| ${long} |`);
    expect(lines[3]).toBe(`| y${' '.repeat(199)} |`);
  });

  test('many rows, each with a column of its own, are refused', () => {
    const rows = Array.from({ length: 1_001 }, (_item, index) => ({ [`c${index}`]: 1 }));
    expect(() => toMarkdown(rows, true)).toThrow('has too many cells; the limit is 1,000,000');
  });

  test('a text that is too long is refused', () => {
    const cell = 'x'.repeat(1_000_000);
    const rows = Array.from({ length: 21 }, () => ({ a: cell }));
    const message = 'makes a text that is too long; the limit is 20,000,000 characters';
    expect(() => toMarkdown(rows, true)).toThrow(message);
  });

  test('many rows and many line ends are written in linear time', () => {
    const cpuMs = startCpuClock();
    const rows = Array.from({ length: 200_000 }, () => ({ a: 1 }));
    expect(toMarkdown(rows, true).split('\n')).toHaveLength(200_002);
    expect(toMarkdown([{ a: `x${'\n'.repeat(300_000)}x` }], false)).toContain('<br/><br/>');
    expect(cpuMs()).toBeLessThan(10_000);
  });
});

describe('toDisplayText', () => {
  test('a Data is fenced JSON with two spaces', () => {
    expect(toDisplayText(dataOf({ a: 1 }), true)).toBe('```json\n{\n  "a": 1\n}\n```');
  });

  test('a deep Data is refused instead of making a long text', () => {
    const deep = JSON.parse(`${'['.repeat(3_000)}${'1,'.repeat(10_000)}1${']'.repeat(3_000)}`) as Json;
    expect(() => toDisplayText(dataOf({ deep }), true)).toThrow('makes a text that is too long');
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

test('cleanText removes spaces from blank lines and keeps one of several', () => {
  expect(cleanText('a\n  \n\t\n\n b\n')).toBe('a\n\n b\n');
});

describe('conversions of Type Convert', () => {
  test('to Message: text member, else all members, a table as markdown', () => {
    expect(convertToMessage(dataOf({ text: 'a', b: 1 })).text).toBe('a');
    expect(convertToMessage(dataOf({ b: true })).text).toBe("{'b': True}");
    expect(convertToMessage(tableOf([{ a: 1 }])).text).toBe('|   a |\n|----:|\n|   1 |');
    expect(convertToMessage([messageOf('first'), messageOf('second')]).text).toBe('first');
  });

  test('to Data: reads JSON and CSV from text when requested', () => {
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
