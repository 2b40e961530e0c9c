import type { Json } from '@causeway/dag';
import { describe, expect, test } from 'vitest';
import { toData, toDataList } from './to-data.js';
import { toDict } from './to-dict.js';
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
    ['a plain value gives its content', { kind: 'plain', value: 'a' }, 'a'],
    ['a list of one item gives that item', [messageOf('a')], 'a'],
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

test('toTexts leaves out empty texts and treats one text as a list', () => {
  expect(toTexts(['a', '', messageOf('b')])).toEqual(['a', 'b']);
  expect(toTexts('a')).toEqual(['a']);
  expect(toTexts({ kind: 'plain', value: [messageOf('a'), messageOf('b')] })).toEqual(['a', 'b']);
});

test('toMessage keeps a Message as it is and makes one of any other value', () => {
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

  test('a number is cut to a whole one towards zero', () => {
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
