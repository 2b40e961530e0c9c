import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { chooseScope } from './request/choose-scope.js';
import { compileFlow } from './compile/compile-flow.js';
import type { Catalogue } from './catalogue.js';
import { expandGroups } from './file/expand-groups.js';
import { parseFlowFile } from './file/parse-flow-file.js';
import { testCatalogue } from './testing/test-catalogue.js';

const folder =
  process.env['CAUSEWAY_DEV_FLOWS'] ??
  fileURLToPath(new URL('../../../../shared/langflow-flows/dev', import.meta.url));
const isThere = existsSync(`${folder}/INDEX.json`);

interface Entry {
  readonly file: string;
  readonly nodes?: number;
  readonly notes?: number;
  readonly groups?: number;
  readonly edges?: number;
}

// This test is about the structure of files, not about the catalogue: so every type is known and accepts any field.
const everything: Catalogue = {
  find: (type) => {
    const spec = testCatalogue.find(type);
    const role = spec?.role ?? 'plain';
    const known = { ...spec, type, aliases: [], displayName: type, description: '', category: '', role };
    return {
      ...known,
      effects: 'none',
      fields: spec?.fields ?? [],
      outputs: spec?.outputs ?? [],
      openFields: true,
    };
  },
};

describe('the flows of Langflow itself', () => {
  if (!isThere) {
    test.skip(`are not at ${folder}: set CAUSEWAY_DEV_FLOWS to the folder that has their INDEX.json`, () =>
      undefined);
    return;
  }
  const index = JSON.parse(readFileSync(`${folder}/INDEX.json`, 'utf8')) as Entry[];

  test('are all there', () => {
    expect(index.length).toBeGreaterThanOrEqual(60);
  });

  test.each(index)('$file is read, expanded and compiled', (entry) => {
    const { flows, problems } = parseFlowFile(readFileSync(`${folder}/${entry.file}`, 'utf8'));
    expect(problems).toEqual([]);
    expect(flows.length).toBeGreaterThan(0);
    const count = { nodes: 0, notes: 0, groups: 0, edges: 0 };
    for (const flow of flows) {
      const expanded = expandGroups(flow);
      const plan = compileFlow(flow, everything);
      count.notes += expanded.nodes.filter((node) => node['type'] === 'noteNode').length;
      count.nodes += Object.keys(plan.nodes).length;
      count.groups += new Set(Object.values(expanded.parents).flat()).size;
      count.edges += flow.data.edges.length;
      const structural = ['EDGE_', 'GROUP_', 'NODE_', 'NAME_', 'CYCLE', 'START_'];
      expect(plan.problems.filter((one) => structural.some((code) => one.code.startsWith(code)))).toEqual([]);
      expect(plan.edges).toHaveLength(expanded.edges.length);
      expect(plan.order).toHaveLength(Object.keys(plan.nodes).length);
      expect(chooseScope(plan)).toHaveProperty('nodes');
      for (const loop of Object.values(plan.loops)) expect(loop.body).not.toEqual([]);
    }
    const { nodes, notes, groups, edges } = entry;
    // Files of several flows have no counts.
    if (nodes !== undefined) expect(count).toEqual({ nodes, notes, groups, edges });
  });
});
