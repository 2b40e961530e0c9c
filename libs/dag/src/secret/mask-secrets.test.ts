import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { compileFlow } from '../compile/compile-flow.js';
import type { FlowData } from '../file/flow-document.js';
import type { Json, JsonObject } from '../json.js';
import { testCatalogue } from '../testing/test-catalogue.js';
import { SECRET_MASK as MASK, keysIn, maskKeys } from './key-shapes.js';
import { maskSecrets, nodeMasker } from './mask-secrets.js';
import { restoreSecrets } from './restore-secrets.js';
import { looksLikeVariableName } from './variable-name.js';

const KEY = 'sk-proj-NOTAREALKEY0000000000';

type Fields = Record<string, JsonObject>;

function node(id: string, type: string, template: Fields, content: JsonObject = {}): JsonObject {
  return {
    id,
    type: 'genericNode',
    data: { id, type, node: { template: template as JsonObject, ...content } },
  };
}

const graph = (...nodes: JsonObject[]): FlowData => ({ nodes, edges: [] });
const mask = (data: FlowData, ...variables: string[]): FlowData =>
  maskSecrets(data, testCatalogue, (name) => variables.includes(name));
const restore = (data: FlowData, stored: FlowData): FlowData =>
  restoreSecrets(
    data,
    stored,
    nodeMasker(testCatalogue, () => false),
  );
const templateOf = (data: FlowData, at = 0): Fields =>
  (data.nodes[at] as { data: { node: { template: Fields } } }).data.node.template;
const shown = (type: string, name: string, field: JsonObject, ...variables: string[]): Json | undefined =>
  templateOf(mask(graph(node('n', type, { [name]: field })), ...variables))[name]?.['value'];

describe('masked is', () => {
  const model = 'LanguageModelComponent';

  test.each<[string, string, string, JsonObject]>([
    [
      'a secret of the catalogue, whatever the file says',
      model,
      'api_key',
      { value: 'abc', password: false },
    ],
    ['a key where a variable is named', model, 'api_key', { value: KEY, load_from_db: true }],
    ['a key in a file that does not say which', model, 'api_key', { value: KEY }],
    ['a password that does not look like a key', model, 'api_key', { value: 'hunter2', load_from_db: true }],
    ['a number', model, 'api_key', { value: 1234 }],
    [
      'a text that looks like a name although the file says that it is none',
      model,
      'api_key',
      { value: 'A_B', load_from_db: false },
    ],
    ['a field that the file marks', 'Unknown', 'pin', { value: 'abc', password: true }],
    [
      'a field that the file marks on a known component',
      'TextInput',
      'input_value',
      { value: 'a', password: true },
    ],
    ['a field with the name of a secret', 'Unknown', 'openai_api_key', { value: 'abc' }],
    ['a whole text that looks like a key', 'TextInput', 'input_value', { value: KEY }],
  ])('%s', (_what, type, name, field) => {
    expect(shown(type, name, field)).toBe(MASK);
  });

  it('and inside values: rows, members, lists, texts', () => {
    const value = {
      headers: [
        { key: 'Authorization', value: 'abc' },
        { key: 'Accept', value: 'text/plain' },
      ],
      env: { API_TOKEN: 'abc', HOME: '/root' },
      args: [`--key ${KEY} --quiet`, 'https://a.example/?api_key=abcdef&b=1'],
    };
    expect(shown('Unknown', 'server', { value })).toEqual({
      headers: [
        { key: 'Authorization', value: MASK },
        { key: 'Accept', value: 'text/plain' },
      ],
      env: { API_TOKEN: MASK, HOME: '/root' },
      args: [`--key ${MASK} --quiet`, `https://a.example/?api_key=${MASK}&b=1`],
    });
  });

  it('inside groups, and in notes', () => {
    const inner = { data: graph(node('in', model, { api_key: { value: 'abc' } })) as unknown as Json };
    const note = { id: 'note', data: { type: 'note', node: { description: `use ${KEY}` } } };
    const text = JSON.stringify(mask(graph(node('g', 'Group', {}, { flow: inner }), note)));
    expect(text).not.toMatch(/abc|sk-proj/);
  });

  it('but not the name of a variable', () => {
    expect(shown(model, 'api_key', { value: 'OPENAI_API_KEY' })).toBe('OPENAI_API_KEY');
    expect(shown(model, 'api_key', { value: 'my key', load_from_db: true }, 'my key')).toBe('my key');
    expect(shown(model, 'api_key', { value: '' })).toBe('');
  });
});

test.each([
  ['OPENAI_API_KEY', true, true],
  ['AWS_S3_KEY_2', true, true],
  ['openai_key', true, false],
  ['HUNTER2', true, false],
  ['AKIAIOSFODNN7EXAMPLE', true, false],
  ['openai key', false, true],
  [KEY, false, false],
  ['a3f9c04b7d1e2f3a4b5c6d7e', false, false],
])('%s in a field for secrets (%j) may be shown as a name: %j', (text, isSecret, may) => {
  expect(looksLikeVariableName(text, isSecret)).toBe(may);
});

test.each([
  `curl -H "Authorization: Bearer abcdefghijklmnop" https://me:secret@a.example/`,
  `x-api-key: abcdef123`,
  `-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----`,
  `gsk_abcdef0123456789 and hf_ABCDEFGHIJK1`,
  `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc`,
])('keys in a text are found in the order in which they are masked: %s', (text) => {
  const masked = maskKeys(text);
  const keys = keysIn(text);
  expect(masked).not.toBe(text);
  expect(masked.split(MASK).reduce((all, piece, at) => all + (keys[at - 1] ?? '') + piece)).toBe(text);
});

test('plain text stays as it is', () => {
  const text =
    'The bearer of this task-list has a basic understanding: see https://a.example:8080/x?page=2 and sk-learn.';
  expect(maskKeys(text)).toBe(text);
});

test('long texts take time in proportion to their length', () => {
  const parts = [
    'eyJ-',
    'sk-',
    '.hf_',
    '://:',
    '?key=',
    'Bearer ',
    '-----BEGIN PRIVATE KEY-----',
    'x-api-key:',
    '_',
  ];
  for (const part of parts) {
    // Processor time of this thread: other programs on the machine do not count.
    const began = process.threadCpuUsage();
    maskKeys(part.repeat(200_000));
    expect(process.threadCpuUsage(began).user / 1_000, part).toBeLessThan(2_000);
  }
});

describe('sending a masked graph back', () => {
  const stored = graph(
    node('m', 'LanguageModelComponent', {
      api_key: { value: 'abc' },
      extra: { value: { rows: [{ key: 'token', value: 'xyz' }], text: `a ${KEY} b ${KEY}x` } },
    }),
  );

  it('keeps the stored secret', () => {
    expect(restore(mask(stored), stored)).toEqual(stored);
  });

  it('keeps it although something else was changed, even in the same value', () => {
    const sent = structuredClone(mask(stored));
    const extra = templateOf(sent)['extra'] as { value: { rows: Json[]; text: string } };
    extra.value.rows.unshift({ key: 'new', value: '1' });
    extra.value.text = extra.value.text.replace('a ', 'c ');
    const restored = templateOf(restore(sent, stored));
    expect(restored['api_key']?.['value']).toBe('abc');
    expect(restored['extra']?.['value']).toEqual({
      rows: [
        { key: 'new', value: '1' },
        { key: 'token', value: 'xyz' },
      ],
      text: `c ${KEY} b ${KEY}x`,
    });
  });

  it('keeps it when the node was moved into a group', () => {
    const proxied = { value: MASK, proxy: { id: 'm', field: 'api_key' } };
    const inner = { data: mask(stored) as unknown as Json };
    const sent = graph(node('g', 'Group', { key_of_m: proxied }, { flow: inner }));
    const restored = restore(sent, stored);
    expect(templateOf(restored)['key_of_m']?.['value']).toBe('abc');
    expect(JSON.stringify(restored)).not.toContain(MASK);
  });

  it('stores a new value as it is', () => {
    const sent = graph(node('m', 'LanguageModelComponent', { api_key: { value: 'new' } }));
    expect(restore(sent, stored)).toBe(sent);
  });

  it('leaves a mask for which nothing is stored, and a run with it is refused', () => {
    const sent = graph(node('other', 'LanguageModelComponent', { api_key: { value: MASK } }));
    const data = restore(sent, stored);
    expect(templateOf(data)['api_key']?.['value']).toBe(MASK);
    const document = {
      name: '',
      tags: [],
      isComponent: false,
      webhook: false,
      locked: false,
      mcpEnabled: false,
    };
    expect(compileFlow({ ...document, data }, testCatalogue).problems).toMatchObject([
      { code: 'SECRET_MASKED', severity: 'blocking', nodes: ['other'], field: 'api_key' },
      { code: 'NO_OUTPUT' },
    ]);
  });

  it('restores any graph that was masked', () => {
    const text = fc.constantFrom(
      '',
      'abc',
      KEY,
      `x ${KEY}`,
      'OPENAI_API_KEY',
      'Bearer abcdefghijklmnopq',
      '?key=abcd',
    );
    const value = fc.oneof(
      text,
      fc.integer(),
      fc.dictionary(fc.constantFrom('token', 'key', 'value', 'name', 'x'), text),
    );
    const field = fc.record({
      value: fc.oneof(value, fc.array(value)),
      password: fc.boolean(),
      load_from_db: fc.boolean(),
    });
    const template = fc.dictionary(fc.constantFrom('api_key', 'a', 'secret', 'input_value'), field);
    fc.assert(
      fc.property(
        fc.array(template, { maxLength: 3 }),
        fc.constantFrom('TextInput', 'Unknown'),
        (all, type) => {
          const data = graph(...all.map((one, at) => node(`n${at}`, type, one as Fields)));
          expect(restore(mask(data), data)).toEqual(data);
        },
      ),
    );
  });
});
