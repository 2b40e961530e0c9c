import { describe, expect, test } from 'vitest';
import { dataOf, messageOf, tableOf } from '../../coerce/value.js';
import type { MessageValue } from '../../specs/values.js';
import { testComponent } from '../test-context.js';
import type { TestOptions } from '../test-options.js';
import { maxFileBytes } from './read-text-file.js';

const files = {
  't/note.txt': 'a note',
  't/data.csv': 'name,n\nAda,1\nBob,\n',
  't/data.tsv': 'a\tb\n1\t2\n',
  't/obj.json': '{"a": {"b": 1}}',
  't/list.json': '[{"a":1},2]',
  't/lines.jsonl': '{"a":1}\n{"a":2}\n',
  't/conf.yaml': 'a: 1\nwhen: 2026-01-31\n',
  't/page.html': '<p>hi</p>',
  't/bad.json': '{"a":',
  't/bad.yaml': 'a: [1',
  't/paper.pdf': '%PDF-1.7',
  't/book.XLSX': 'PK',
  't/raw.bin': new Uint8Array([1, 0, 2]),
  't/utf16.txt': new Uint8Array([0xff, 0xfe, 0x68, 0, 0x69, 0]),
  't/odd.log': 'line',
  't/LICENSE': 'free',
};

const read = (path: string | readonly string[], rest: TestOptions = {}) =>
  testComponent('File', { files, fields: { path: [path].flat() }, outputs: ['message'], ...rest });
const textOf = async (path: string | readonly string[], rest: TestOptions = {}): Promise<string> =>
  ((await read(path, rest)).outputs['message'] as MessageValue).text;

describe('Read File', () => {
  test.each([
    ['t/note.txt', 'a note'],
    ['t/page.html', '<p>hi</p>'],
    ['t/odd.log', 'line'],
    ['t/LICENSE', 'free'],
    ['t/utf16.txt', 'hi'],
    ['t/obj.json', '{"a": {"b": 1}}'],
  ])('%s is given as its text', async (path, text) => {
    expect(await textOf(path)).toBe(text);
  });

  test.each(['cp1252', 'latin-1', 'Windows-1252', 'iso8859-1'])(
    'a text in the encoding %s is read',
    async (encoding) => {
      const run = read('t/old.txt', {
        files: { 't/old.txt': new Uint8Array([0x63, 0x61, 0x66, 0xe9]) },
        fields: { path: ['t/old.txt'], text_encoding: encoding },
      });
      expect(((await run).outputs['message'] as MessageValue).text).toBe('café');
    },
  );

  test('an unknown encoding is refused by name', async () => {
    const run = read('t/note.txt', { fields: { path: ['t/note.txt'], text_encoding: 'klingon' } });
    await expect(run).rejects.toThrow('cannot be read in the encoding klingon');
  });

  test('several files are joined by the separator, with the name of the first', async () => {
    const run = await read(['t/note.txt', 't/odd.log']);
    expect(run.outputs['message']).toEqual(
      messageOf('a note\n\nline', { data: { filename: 'note.txt', file_size: 6 } }),
    );
  });

  test('CSV, TSV, JSON lines and lists give rows', async () => {
    const rows = async (path: string) =>
      (await read(path, { outputs: ['dataframe'], node: { outputs: [structured] } })).outputs['dataframe'];
    const structured = {
      name: 'dataframe',
      displayName: '',
      method: 'load_files_structured',
      types: [],
      kind: 'value',
      toolMode: true,
    } as const;
    expect(await rows('t/data.csv')).toEqual(
      tableOf([
        { name: 'Ada', n: 1 },
        { name: 'Bob', n: null },
      ]),
    );
    expect(await rows('t/data.tsv')).toEqual(tableOf([{ a: 1, b: 2 }]));
    expect(await rows('t/lines.jsonl')).toEqual(tableOf([{ a: 1 }, { a: 2 }]));
    expect(await rows('t/list.json')).toEqual(tableOf([{ a: 1 }, { value: 2 }]));
    expect(await rows('t/note.txt')).toEqual(tableOf([{ file_path: 't/note.txt', text: 'a note' }]));
  });

  test('otherwise a table has a row per file', async () => {
    const run = await read(['t/note.txt', 't/data.csv'], { outputs: ['dataframe', 'path', 'data'] });
    expect(run.outputs['dataframe']).toMatchObject({
      rows: [{ file_path: 't/note.txt', text: 'a note' }, { file_path: 't/data.csv' }],
    });
    expect(run.outputs['path']).toEqual(messageOf('t/note.txt\nt/data.csv'));
    expect(run.outputs['data']).toMatchObject({
      kind: 'plain',
      value: [dataOf({ file_path: 't/note.txt', text: 'a note' }), {}],
    });
  });

  test('JSON and YAML are given as Data', async () => {
    const data = async (path: string) => (await read(path, { outputs: ['json'] })).outputs['json'];
    expect(await data('t/obj.json')).toEqual(dataOf({ a: { b: 1 } }));
    expect(await data('t/list.json')).toEqual(dataOf({ records: [{ a: 1 }, 2] }));
    expect(await data('t/conf.yaml')).toEqual(dataOf({ a: 1, when: '2026-01-31' }));
    expect(await data('t/note.txt')).toEqual(dataOf({ value: 'a note' }));
  });

  test.each([
    ['t/paper.pdf', 'paper.pdf is a PDF document (.pdf)'],
    ['t/book.XLSX', 'book.XLSX is an Excel workbook (.xlsx)'],
    ['t/raw.bin', 'raw.bin is a binary file'],
    ['t/bad.json', 'bad.json cannot be read as JSON'],
  ])('%s is refused by kind', async (path, problem) => {
    await expect(textOf(path)).rejects.toThrow(problem);
  });

  test('broken YAML is named when its content is requested', async () => {
    await expect(read('t/bad.yaml', { outputs: ['json'] })).rejects.toThrow(
      'bad.yaml cannot be read as YAML',
    );
  });

  test('YAML whose aliases expand too far is refused', async () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'
        .split('')
        .map((key, n) => `${key}: &${key} [${Array(10).fill(`*${'abcdefghi'[n]}`).join()}]`),
    ].join('\n');
    const run = testComponent('File', {
      files: { 't/b.yaml': bomb },
      fields: { path: ['t/b.yaml'] },
      outputs: ['json'],
    });
    await expect(run).rejects.toThrow('b.yaml cannot be read as YAML');
  });

  test('a file beyond the limit is refused by its size', async () => {
    const large = { 't/large.txt': new Uint8Array(maxFileBytes + 1).fill(97) };
    const run = testComponent('File', { files: large, fields: { path: ['t/large.txt'] } });
    await expect(run).rejects.toThrow(`${maxFileBytes + 1} bytes; the limit is ${maxFileBytes}`);
  });

  test('with silent errors a file that cannot be read is skipped, but not every file', async () => {
    const fields = { silent_errors: true };
    const options = (path: string[]): TestOptions => ({ fields: { path, ...fields } });
    expect(await textOf([], options(['t/paper.pdf', 't/note.txt']))).toBe('a note');
    await expect(textOf([], options(['t/paper.pdf']))).rejects.toThrow('no file could be read');
  });

  test('uploads are found at the paths of an export; a connected value is used first', async () => {
    const planFields = { path: { filePath: ['t/odd.log'] } };
    const fields = { path: 'shown name.log', file_path_str: 't/LICENSE' };
    expect(await textOf([], { fields, planFields })).toBe('line');
    expect(
      await textOf([], { fields, planFields, inputs: { file_path: dataOf({ file_path: 't/note.txt' }) } }),
    ).toBe('a note');
    expect(await textOf([], { fields, planFields, inputs: { file_path: [messageOf('t/note.txt')] } })).toBe(
      'a note',
    );
    expect(await textOf([], { fields: { path: [], file_path_str: 't/LICENSE' } })).toBe('free');
    expect(await textOf([], { fields: { path: [{ path: 't/LICENSE', name: 'x' }] } })).toBe('free');
    await expect(textOf([], { inputs: { file_path: dataOf({}) } })).rejects.toThrow('without file_path');
  });

  test.each([
    [{ advanced_mode: true }, 'Advanced Parser'],
    [{ storage_location: [{ name: 'AWS' }] }, 'its files are stored in AWS'],
    [{ path: [] }, 'no file could be read'],
    [{ path: Array.from({ length: 101 }, () => 't/note.txt') }, 'the limit is 100'],
  ])('%o is refused', async (fields, problem) => {
    await expect(textOf([], { fields: { path: ['t/note.txt'], ...fields } })).rejects.toThrow(problem);
  });

  test('storage on this server is accepted', async () => {
    expect(
      await textOf('t/note.txt', { fields: { path: ['t/note.txt'], storage_location: [{ name: 'Local' }] } }),
    ).toBe('a note');
  });
});
