import { catalogue } from '@causeway/components/specs';
import { variableUses, parseFlowFile } from '@causeway/dag';
import type { FlowData } from '@causeway/dag';
import { aFlow } from '@causeway/testing';
import { describe, expect, it } from 'vitest';
import { compileContent, compileVersion, sha256 } from './compiled-version.js';
import { variableProblems } from './variable-uses.js';

const graphOf = (file: unknown): FlowData => parseFlowFile(file).flows[0]?.data as FlowData;
const chat = () => aFlow().chatInput().model().chatOutput().build();

describe('compileVersion', () => {
  it('names a version by the hash of its content, and compiles from the content alone', () => {
    const { versionHash, content, ...compiled } = compileVersion(graphOf(chat()), catalogue);
    expect(sha256(content)).toBe(versionHash);
    expect(compileContent(content, catalogue)).toEqual(compiled);
  });

  it('gives the same hash and plan to flows that differ only in their drawing', () => {
    const moved = chat();
    for (const node of moved.data.nodes) node.position = { x: 999, y: -1 };
    const [one, other] = [chat(), moved].map((file) => compileVersion(graphOf(file), catalogue));
    expect(other).toEqual(one);
  });

  it('recognises a webhook', () => {
    const version = compileVersion(graphOf(aFlow().node('Webhook').build()), catalogue);
    expect(version.hasWebhook).toBe(true);
  });
});

describe('variables of a flow', () => {
  const field = (more: object) => ({ api_key: { load_from_db: true, password: true, ...more } });
  const usesOf = (more: object = {}, value = 'KEY') => {
    const file = aFlow()
      .node('LanguageModelComponent', { id: 'M', fields: { api_key: value }, template: field(more) })
      .build();
    return variableUses(JSON.parse(compileVersion(graphOf(file), catalogue).plan));
  };

  it('are the values of fields that load from the database', () => {
    expect(usesOf()).toMatchObject([{ node: 'M', field: 'api_key', variable: 'KEY' }]);
  });

  it('are not: hidden fields, empty ones, literals', () => {
    expect([usesOf({ show: false }), usesOf({}, ''), usesOf({ load_from_db: false })]).toEqual([[], [], []]);
  });

  it('are missing until they exist, one warning per use', () => {
    expect(variableProblems(usesOf(), new Map([['KEY', 'Credential']]))).toEqual([]);
    expect(variableProblems(usesOf(), new Map([['key', 'Credential']]))).toMatchObject([
      { code: 'VARIABLE_MISSING', severity: 'warning', nodes: ['M'], field: 'api_key' },
    ]);
  });

  it('are not credentials in a field that only the file declares secret', () => {
    const options = {
      id: 'P',
      fields: { template: '{name}', name: 'KEY' },
      template: { name: { load_from_db: true, password: true } },
    };
    const version = compileVersion(graphOf(aFlow().node('Prompt', options).build()), catalogue);
    const uses = variableUses(JSON.parse(version.plan));
    expect(variableProblems(uses, new Map([['KEY', 'Generic']]))).toEqual([]);
    expect(variableProblems(uses, new Map([['KEY', 'Credential']]))).toMatchObject([
      { nodes: ['P'], field: 'name', message: expect.stringContaining('which is a credential') },
    ]);
  });
});
