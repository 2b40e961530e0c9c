import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FlowData } from '../file/flow-document.js';
import type { Json, JsonObject } from '../json.js';
import { testCatalogue } from '../testing/test-catalogue.js';
import { SECRET_MASK as MASK } from './key-shapes.js';
import { maskSecrets, nodeMasker } from './mask-secrets.js';
import { restoreSecrets } from './restore-secrets.js';

const KEY = 'sk-proj-NOTAREALKEYcanary0000';
const noVariable = (): boolean => false;
const mask = (data: FlowData): FlowData => maskSecrets(data, testCatalogue, noVariable);
const restore = (sent: FlowData, stored: FlowData): FlowData =>
  restoreSecrets(sent, stored, nodeMasker(testCatalogue, noVariable));

function node(id: string, type: string, template: JsonObject, content: JsonObject = {}): JsonObject {
  return {
    id,
    type: 'genericNode',
    data: { id, type, node: { display_name: 'Shown', description: 'Shown', template, ...content } },
  };
}

const curl = "curl -H 'X-Auth: canary-c' -d 'client_secret=canary-d' 'https://a.test/?token=canary-e'";
/** A flow with secrets wherever one may be masked, and with places that show what they hold. */
const stored: FlowData = {
  nodes: [
    node('m', 'LanguageModelComponent', {
      api_key: { value: 'canary-a', password: true, load_from_db: false },
      system_message: { value: `plain ${KEY} and canaries` },
    }),
    node('u', 'Unknown', {
      pin: { value: 'CANARY_B', password: true, load_from_db: false },
      numbers: { value: { password: 424_242 } },
      headers: {
        value: [
          { key: 'X-Session', value: 'canary-f' },
          { key: 'Accept', value: 'x' },
        ],
      },
      json: { value: JSON.stringify({ token: 'canary-g', inner: JSON.stringify({ password: 'canary-h' }) }) },
      curl: { value: curl },
      plain: { value: 'plain' },
    }),
    node(
      'g',
      'Group',
      { open: { value: '' } },
      {
        flow: { data: { nodes: [node('in', 'LanguageModelComponent', { api_key: { value: 'canary-i' } })] } },
      },
    ),
  ],
  edges: [],
};
const secret = /canary-|CANARY_B|424242|NOTAREALKEY/;

/** Every text of a value, by where it stands. */
function places(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value === 'string') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => places(one, [...path, name]));
}

function at(value: Json, path: readonly string[]): Json {
  return path.reduce((inner, name) => (inner as JsonObject)[name] as Json, value);
}

function put(value: Json, path: readonly string[], one: Json): void {
  (at(value, path.slice(0, -1)) as JsonObject)[path.at(-1) as string] = one;
}

type Edit = (nodes: Json[], masked: readonly string[], to: readonly string[]) => void;

const fieldOf = (nodes: Json[], path: readonly string[]): JsonObject | undefined => {
  const index = path.lastIndexOf('template');
  return index < 0 ? undefined : (at(nodes, path.slice(0, index + 2)) as JsonObject);
};
const dataOf = (nodes: Json[], path: readonly string[]): JsonObject =>
  (nodes[Number(path[0])] as { data: JsonObject }).data;

const edits: Record<string, Edit> = {
  copyMask: (nodes, masked, to) => put(nodes, to, at(nodes, masked)),
  moveMask: (nodes, masked, to) => {
    put(nodes, to, at(nodes, masked));
    put(nodes, masked, '');
  },
  bareMask: (nodes, _masked, to) => put(nodes, to, MASK),
  maskInText: (nodes, _masked, to) => put(nodes, to, `say ${MASK}`),
  wordsAround: (nodes, masked) => put(nodes, masked, String(at(nodes, masked)).replace(/\w+/g, 'x')),
  unmark: (nodes, masked) => Object.assign(fieldOf(nodes, masked) ?? {}, { password: false }),
  nameVariable: (nodes, masked) => Object.assign(fieldOf(nodes, masked) ?? {}, { load_from_db: true }),
  retype: (nodes, masked) => Object.assign(dataOf(nodes, masked), { type: 'TextInput' }),
  rename: (nodes, masked, to) => {
    const field = fieldOf(nodes, masked);
    const template = objectAt(dataOf(nodes, to), 'node', 'template');
    if (field !== undefined) template['renamed'] = field;
  },
  proxy: (nodes, _masked, to) => {
    const [id, field] = [at(nodes, [to[0] as string, 'id']) as string, to.at(-2) as string];
    const template = objectAt(dataOf(nodes, ['2']), 'node', 'template');
    template['open'] = { value: MASK, proxy: { id, field } };
    template['other'] = { value: MASK, proxy: { id: 'm', field: 'api_key' } };
    template['inner'] = { value: MASK, proxy: { id: 'in', field: 'api_key' } };
  },
  copyNode: (nodes, masked) => {
    nodes.push({ ...(structuredClone(nodes[Number(masked[0])]) as JsonObject), id: 'copy' });
  },
  swapIds: (nodes) => {
    Object.assign(nodes[0] as JsonObject, { id: 'u' });
    Object.assign(nodes[1] as JsonObject, { id: 'm' });
  },
  group: (nodes, masked) => {
    const [moved] = nodes.splice(Number(masked[0]), 1, node('new', 'Group', {}));
    objectAt(dataOf(nodes, masked), 'node')['flow'] = { data: { nodes: [moved as Json] } };
  },
  ungroup: (nodes) => {
    nodes.push(node('in', 'TextInput', { api_key: { value: MASK }, input_value: { value: MASK } }));
  },
  headers: (nodes, masked) => {
    const row = at(nodes, masked.slice(0, -1)) as JsonObject;
    if ('key' in row) row['key'] = 'Shown';
  },
};

function objectAt(value: JsonObject, ...path: string[]): JsonObject {
  return at(value, path) as JsonObject;
}

test('a save that only sends back what was shown changes nothing', () => {
  expect(JSON.stringify(mask(stored))).not.toMatch(secret);
  expect(restore(mask(stored), stored)).toEqual(stored);
});

test.each(Object.keys(edits))('no secret is shown after an edit by %s, whatever was moved where', (kind) => {
  const edit = edits[kind] as Edit;
  const shown = mask(stored).nodes as unknown as Json[];
  const all = places(shown);
  const masked = all.filter((path) => String(at(shown, path)).includes(MASK));
  // Most edits look at the mask alone.
  for (const from of kind === 'bareMask' || kind === 'maskInText' ? masked.slice(0, 1) : masked)
    for (const to of edit.length > 2 ? all : all.slice(0, 1)) {
      const sent = structuredClone(shown);
      edit(sent, from, to);
      const saved = restore({ nodes: sent, edges: [] } as unknown as FlowData, stored);
      expect(JSON.stringify(mask(saved)), `${from.join('.')} to ${to.join('.')}`).not.toMatch(secret);
    }
});

test('no secret is shown after any edits, saved one after the other', () => {
  const edit = fc.record({ kind: fc.constantFrom(...Object.keys(edits)), from: fc.nat(), to: fc.nat() });
  fc.assert(
    fc.property(fc.array(fc.array(edit, { minLength: 1, maxLength: 3 }), { maxLength: 4 }), (saves) => {
      let kept = stored;
      for (const save of saves) {
        const sent = structuredClone(mask(kept).nodes) as unknown as Json[];
        for (const { kind, from, to } of save) {
          const all = places(sent);
          const masked = all.filter((path) => String(at(sent, path)).includes(MASK));
          if (masked.length === 0) continue;
          edits[kind]?.(sent, masked[from % masked.length] as string[], all[to % all.length] as string[]);
        }
        kept = restore({ nodes: sent, edges: [] } as unknown as FlowData, kept);
        expect(JSON.stringify(mask(kept))).not.toMatch(secret);
      }
    }),
    { numRuns: 150 },
  );
});
