import type { Json } from '@causeway/dag';
import { describe, expect, test } from 'vitest';
import { cleanText } from './clean-text.js';
import { convertToData, convertToMessage, convertToTable } from './convert.js';
import { fillFromData } from './fill-from-data.js';
import { fillTemplate } from './fill-template.js';
import { parseCsv } from './parse-csv.js';
import { pythonText } from './python-text.js';
import { toData, toDataList } from './to-data.js';
import { toDict } from './to-dict.js';
import { toDisplayText } from './to-display-text.js';
import { toMarkdown } from './to-markdown.js';
import { toMessage } from './to-message.js';
import { toDecimal, toFlag, toWhole } from './to-scalar.js';
import { toTable } from './to-table.js';
import { toText, toTexts } from './to-text.js';
import { dataOf, messageOf, tableOf } from './value.js';

const model = { kind: 'handle', type: 'LanguageModel', object: {} } as const;

describe('toText', () => {
  test.each<[string, Parameters<typeof toText>[0], string]>([
    ['text is itself', 'a', 'a'],
    ['a Message gives its text', messageOf('a'), 'a'],
    ['a Data gives its text member', dataOf({ text: 'a', b: 1 }), 'a'],
    ['a Data gives the member its text key names', { kind: 'data', data: { q: 'a' }, textKey: 'q' }, 'a'],
    ['a Data without text gives its default', { kind: 'data', data: {}, defaultValue: 'a' }, 'a'],
    ['a number is written as JSON does', 1.5, '1.5'],
    ['a Message written as JSON gives its text', { text: 'a', sender: 'User' }, 'a'],
    ['a plain value gives what it holds', { kind: 'plain', value: 'a' }, 'a'],
    ['a list of one gives that one', [messageOf('a')], 'a'],
    ['nothing is empty', undefined, ''],
  ])('%s', (_title, input, text) => {
    expect(toText(input)).toBe(text);
  });

  test('a Data without a text says which members it has', () => {
    expect(() => toText(dataOf({ q: 1, r: 2 }))).toThrow('members: q, r');
  });

  test.each([
    ['a Table', tableOf([])],
    ['a LanguageModel', model],
    ['a list', ['a', 'b'] as Json],
  ])('%s is refused by name', (name, input) => {
    expect(() => toText(input)).toThrow(`gets ${name}`);
  });
});

test('toTexts leaves empty texts out and takes one for a list', () => {
  expect(toTexts(['a', '', messageOf('b')])).toEqual(['a', 'b']);
  expect(toTexts('a')).toEqual(['a']);
  expect(toTexts({ kind: 'plain', value: [messageOf('a'), messageOf('b')] })).toEqual(['a', 'b']);
});

test('toMessage keeps a Message as it is and wraps the rest', () => {
  const message = messageOf('a', { sender: 'User' });
  expect(toMessage(message)).toBe(message);
  expect(toMessage('a')).toEqual(messageOf('a'));
});

describe('toDecimal, toWhole', () => {
  test.each<[Parameters<typeof toDecimal>[0], number | undefined]>([
    ['1.5', 1.5],
    [' 2 ', 2],
    ['1_000', 1000],
    ['1e3', 1000],
    [messageOf('7'), 7],
    [dataOf({ text: '7' }), 7],
    [true, 1],
    ['', undefined],
    [null, undefined],
  ])('%o is %o', (input, number) => {
    expect(toDecimal(input)).toBe(number);
  });

  test('a whole number is cut towards zero', () => {
    expect([toWhole('2.9'), toWhole(-2.9)]).toEqual([2, -2]);
  });

  test.each(['x', '1,5', '0x10', 'Infinity', '--1'])('%s is no number', (text) => {
    expect(() => toDecimal(text)).toThrow('needs a number');
  });
});

describe('toFlag', () => {
  test.each<[Parameters<typeof toFlag>[0], boolean | undefined]>([
    [true, true],
    ['True', true],
    ['yes', true],
    [1, true],
    ['false', false],
    ['0', false],
    [messageOf('no'), false],
    ['', undefined],
  ])('%o is %o', (input, flag) => {
    expect(toFlag(input)).toBe(flag);
  });

  test('another word is refused', () => {
    expect(() => toFlag('perhaps')).toThrow('needs true or false');
  });
});

describe('toData', () => {
  test('reads Langflow’s written form with its text key', () => {
    expect(toData({ data: { a: 1 }, text_key: 'a', default_value: '' })).toEqual({
      kind: 'data',
      data: { a: 1 },
      textKey: 'a',
      defaultValue: '',
    });
  });

  test('takes any other object as the members', () => {
    expect(toData({ data: { a: 1 } })).toEqual(dataOf({ data: { a: 1 } }));
  });

  test('gives the text of a Message and the rows of a table', () => {
    expect(toData(messageOf('a', { sender: 'User' }))).toEqual(dataOf({ text: 'a' }));
    expect(toData(tableOf([{ a: 1 }]))).toEqual(dataOf({ results: [{ a: 1 }] }));
  });

  test('a list is made of every input; a table gives one Data per row', () => {
    expect(toDataList([dataOf({ a: 1 }), tableOf([{ a: 2 }, { a: 3 }]), messageOf('x')])).toEqual([
      dataOf({ a: 1 }),
      dataOf({ a: 2 }),
      dataOf({ a: 3 }),
      dataOf({ text: 'x' }),
    ]);
    expect(toDataList('')).toEqual([]);
  });

  test('a live object is refused by name', () => {
    expect(() => toData(model)).toThrow('gets a LanguageModel');
  });
});

describe('toTable', () => {
  test('a Data whose only member is a list of objects gives these as rows', () => {
    expect(toTable(dataOf({ results: [{ a: 1 }, { a: 2 }] })).rows).toEqual([{ a: 1 }, { a: 2 }]);
    expect(toTable(dataOf({ results: [] })).rows).toEqual([]);
    expect(toTable(dataOf({ results: [{ a: 1 }], n: 1 })).rows).toEqual([{ results: [{ a: 1 }], n: 1 }]);
  });

  test('lists of objects and of Data give a row each', () => {
    expect(toTable([{ a: 1 }, dataOf({ a: 2 })]).rows).toEqual([{ a: 1 }, { a: 2 }]);
  });

  test('text has no rows', () => {
    expect(() => toTable('a')).toThrow('needs a Table');
  });
});

describe('toDict', () => {
  test('reads rows of key and value, objects, Data and JSON text', () => {
    const dict = { a: '1', b: 2 };
    const rows = [
      { key: 'a', value: '1' },
      { key: 'b', value: 2 },
      { key: '', value: 'x' },
    ];
    expect(toDict(rows)).toEqual(dict);
    expect(toDict(tableOf(rows))).toEqual(dict);
    expect(toDict(dict)).toEqual(dict);
    expect(toDict(dataOf(dict))).toEqual(dict);
    expect(toDict('{"a":"1","b":2}')).toEqual(dict);
    expect(toDict('')).toEqual({});
  });

  test('a key named __proto__ is a key', () => {
    const dict = toDict([{ key: '__proto__', value: 'x' }]);
    expect(Object.keys(dict)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(dict)).toBe(Object.prototype);
  });

  test('text that is no JSON object is refused', () => {
    expect(() => toDict('nope')).toThrow('no JSON');
    expect(() => toDict('3')).toThrow('gets a number');
  });
});

describe('pythonText', () => {
  test.each<[Json, string]>([
    ['it is text', 'it is text'],
    [null, 'None'],
    [true, 'True'],
    [{ a: [1, 'b', false], "c'": null }, `{'a': [1, 'b', False], "c'": None}`],
    [['a\nb', `'"`], `['a\\nb', '\\'"']`],
  ])('%o', (json, text) => {
    expect(pythonText(json)).toBe(text);
  });
});

describe('fillTemplate', () => {
  const values: Record<string, Json> = {
    name: 'Ada',
    price: 1234.5,
    tags: ['x', 'y'],
    inner: { key: 'v' },
    n: 7,
  };
  const fill = (template: string): string => fillTemplate(template, (name) => values[name] ?? '');

  test.each([
    ['{name}', 'Ada'],
    ['{{name}} {name}', '{name} Ada'],
    ['{inner[key]} {tags[1]}', 'v y'],
    ['{price:.2f}|{price:,.1f}|{n:03d}', '1234.50|1,234.5|007'],
    ['{name:>5}|{name:<5}|{name:^5}|{name:*^7}', '  Ada|Ada  | Ada |**Ada**'],
    ['{n:+d} {price:.0%}', '+7 123450%'],
    ['{tags}', "['x', 'y']"],
    ['{missing}', ''],
  ])('%s', (template, text) => {
    expect(fill(template)).toBe(text);
  });

  test.each([
    ['{', 'single {'],
    ['a } b', 'single }'],
    ['{}', 'names no key'],
    ['{name.__class__}', 'names no key'],
    ['{inner[nope]}', 'there is no nope'],
    ['{inner[__proto__]}', 'there is no __proto__'],
    ['{name:9999d}', 'layout'],
    ['{name:.2f}', 'no number'],
  ])('%s is refused', (template, problem) => {
    expect(() => fill(template)).toThrow(problem);
  });
});

test('fillFromData reaches inner data, all of it, and an error for a text', () => {
  expect(fillFromData('{a}-{b}', dataOf({ a: 1, data: { b: 2 } }))).toBe('1-2');
  expect(fillFromData('{data}', dataOf({ a: 1 }))).toBe("{'a': 1}");
  expect(fillFromData('{text}', dataOf({ error: 'broken' }))).toBe('broken');
  expect(fillFromData('{nothing}', dataOf({}))).toBe('');
});

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
