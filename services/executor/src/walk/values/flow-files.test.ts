import type { RunInput } from '@causeway/contracts';
import { describe, expect, test } from 'vitest';
import { FlowFiles } from './flow-files.js';

const FLOW = '00000000-0000-4000-8000-00000000f10f';
const FILE = `${FLOW}/what we pay.txt`;
const OTHER = '00000000-0000-4000-8000-0000000000aa/what they earn.txt';
const escaped = (text: string): string => text.replace(/[^a-z]/g, inHex);
const inHex = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
const percent = (text: string): string => encodeURIComponent(text);

/** What reading a file gives to a run with this request. */
async function read(
  request: Partial<RunInput>,
  run: { isShared?: boolean; isPublic?: boolean; ownFilesOnly?: boolean },
  path = FILE,
): Promise<string> {
  const files = new FlowFiles(
    { file: async () => ({ path }) } as never,
    { read: async () => Buffer.from('read') } as never,
  );
  const input: RunInput = { inputType: 'chat', outputType: 'chat', stream: false, ...request };
  const envelope = { organisationId: 'o', teamId: 't', flowId: FLOW, ...run };
  return files
    .of(envelope, input)
    .read(path)
    .then(
      ({ bytes }) => Buffer.from(bytes).toString(),
      ({ code }: { code: string }) => code,
    );
}

/** Spellings from which a flow can make the path: as JSON, as JSON in JSON, as part of an address. */
const spellings: [string, (path: string) => string][] = [
  ['as it is', (path) => path],
  ['inside of other text', (path) => `Read ${path}, please.`],
  ['as JSON', (path) => JSON.stringify({ file_path: path })],
  ['as JSON with \\/', (path) => JSON.stringify({ path }).replaceAll('/', '\\/')],
  ['as JSON with \\u002f', (path) => `{"path": "${path.replaceAll('/', '\\u002f')}"}`],
  ['as JSON with \\u002F', (path) => `{"path": "${path.replaceAll('/', '\\u002F')}"}`],
  ['as JSON with every character escaped', (path) => `["${escaped(path)}"]`],
  ['as JSON in JSON in JSON', (path) => JSON.stringify([JSON.stringify({ in: `{"p":"${escaped(path)}"}` })])],
  ['as JSON with an escaped backslash', (path) => `"${path.replaceAll('/', '\\u005cu002f')}"`],
  ['as the name of a member', (path) => JSON.stringify({ [path]: 1 }).replaceAll('/', '\\u002f')],
  ['percent-encoded', (path) => `file=${percent(path)}`],
  ['percent-encoded twice', (path) => `file=${percent(percent(path))}`],
  [
    'percent-encoded in JSON',
    (path) => JSON.stringify({ url: `?f=${percent(path)}` }).replaceAll('%', '\\u0025'),
  ],
  [
    'percent-encoded, after a byte that is no UTF-8',
    (path) => `%ff%${[...Buffer.from(path)].map((byte) => byte.toString(16)).join('%')}`,
  ],
];
const members: [string, (text: string) => Partial<RunInput>][] = [
  ['input', (inputValue) => ({ inputValue })],
  ['tweak', (path) => ({ tweaks: { 'File-1': { path: [{ deep: path }] } } })],
  ['name in a tweak', (path) => ({ tweaks: { 'File-1': { [path]: true } } })],
  ['variable', (FILE_NAME) => ({ variables: { FILE_NAME } })],
  ['event', (webhookBody) => ({ webhookBody })],
];

describe.each(members)('a request by a share that names a file in its %s', (_member, request) => {
  test.each(spellings)('%s does not read it', async (_spelling, spell) => {
    expect(await read(request(spell(FILE)), { isShared: true })).toBe('FILE_UNKNOWN');
  });
});

describe('files of a run', () => {
  test('are those that its flow names, whoever runs it', async () => {
    for (const run of [{}, { isShared: true }, { isPublic: true }, { ownFilesOnly: true }])
      expect(await read({ inputValue: 'what we pay.txt', tweaks: { a: { b: 1 } } }, run)).toBe('read');
  });

  test('are not those that a visitor of a public page names', async () => {
    expect(await read({ inputValue: escaped(FILE) }, { isPublic: true })).toBe('FILE_UNKNOWN');
  });

  test('are, for who may not read all files of the team, not those of another flow or person', async () => {
    expect(await read({ inputValue: escaped(OTHER) }, { ownFilesOnly: true }, OTHER)).toBe('FILE_UNKNOWN');
    expect(await read({ inputValue: escaped(OTHER) }, {}, OTHER)).toBe('read');
    expect(await read({ inputValue: escaped(FILE) }, { ownFilesOnly: true })).toBe('read');
  });

  test('are none when what the request says has no end', async () => {
    let text = '/';
    for (let depth = 0; depth < 40; depth++) text = percent(text);
    expect(await read({ inputValue: text }, { isShared: true })).toBe('FILE_UNKNOWN');
  });

  test('with odd names are found as they are called', async () => {
    for (const path of [`${FLOW}/50%25.txt`, `${FLOW}/a\\u0041.txt`, `${FLOW}/%zz.txt`]) {
      expect(await read({ inputValue: `read ${path}` }, { isShared: true }, path)).toBe('FILE_UNKNOWN');
      expect(await read({ inputValue: 'read it' }, { isShared: true }, path)).toBe('read');
    }
  });
});
