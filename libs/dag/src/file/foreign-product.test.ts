import { describe, expect, it, test } from 'vitest';
import { compileFlow } from '../compile/compile-flow.js';
import { blockingProblems, chooseScope } from '../request/choose-scope.js';
import { testCatalogue } from '../testing/test-catalogue.js';
import { flowVersionContent } from './flow-version.js';
import type { FlowData } from './flow-document.js';
import { parseFlowFile } from './parse-flow-file.js';

const n8n = {
  name: 'Nightly',
  nodes: [
    {
      parameters: {},
      id: 'a',
      name: 'Start',
      type: 'n8n-nodes-base.manualTrigger',
      typeVersion: 1,
      position: [0, 0],
    },
  ],
  connections: {},
};
const community = {
  nodes: [{ parameters: {}, name: 'X', type: 'own.thing', typeVersion: 1.1 }],
  connections: {},
};
const flowiseGraph = {
  nodes: [
    {
      id: 'chatOpenAI_0',
      type: 'customNode',
      data: { id: 'chatOpenAI_0', name: 'chatOpenAI', inputParams: [], inputAnchors: [] },
    },
  ],
  edges: [],
};
const flowiseRow = { id: 'x', name: 'Helper', flowData: JSON.stringify(flowiseGraph) };
const difyGraph = {
  nodes: [{ id: '1', type: 'custom', data: { type: 'start', title: 'Start' } }],
  edges: [],
};
const dify = {
  app: { name: 'Guide', mode: 'workflow' },
  kind: 'app',
  version: '0.3.0',
  workflow: { graph: difyGraph },
};
const difyText =
  "app:\n  description: ''\n  mode: workflow\n  name: Guide\nkind: app\nversion: 0.3.0\nworkflow:\n  graph:\n    nodes: []\n";
const nodeRed = [
  { id: 'f6f2.1', type: 'tab', label: 'Orders', disabled: false },
  { id: '3cc1.2', type: 'inject', z: 'f6f2.1', name: '', wires: [['a']] },
  { id: 'a', type: 'debug', z: 'f6f2.1', name: '', wires: [] },
];
const make = {
  name: 'Invoices',
  flow: [{ id: 1, module: 'http:ActionSendData', version: 3, parameters: {}, mapper: {} }],
  metadata: { version: 1 },
};

test.each<[string, unknown, string, string[]]>([
  ['n8n', n8n, 'an n8n workflow', ['Nightly']],
  ['n8n with nodes of others', community, 'an n8n workflow', ['Untitled flow']],
  ['n8n without nodes', { name: 'Empty', nodes: [], connections: {} }, 'an n8n workflow', ['Empty']],
  ['a list of n8n', [n8n, n8n], 'an n8n workflow', ['Nightly', 'Nightly']],
  ['an answer of n8n', { data: [n8n] }, 'an n8n workflow', ['Nightly']],
  ['Flowise', flowiseGraph, 'a Flowise chatflow', ['Untitled flow']],
  ['an entry of Flowise', flowiseRow, 'a Flowise chatflow', ['Helper']],
  [
    'all of a Flowise',
    { ChatFlow: [flowiseRow], AgentFlow: [flowiseRow] },
    'a Flowise chatflow',
    ['Helper', 'Helper'],
  ],
  ['Dify', dify, 'a Dify app', ['Guide']],
  [
    'Dify without a graph',
    { app: { name: 'Bot', mode: 'chat' }, kind: 'app', model_config: {} },
    'a Dify app',
    ['Bot'],
  ],
  ['a graph of Dify', { data: difyGraph }, 'a Dify app', ['Untitled flow']],
  ['Dify as YAML', difyText, 'a Dify app', ['Guide']],
  [
    'Flowise without anchors',
    { nodes: [{ id: 'a', type: 'customNode', data: { type: 'ChatOpenAI', baseClasses: [] } }], edges: [] },
    'a Flowise chatflow',
    ['Untitled flow'],
  ],
  ['Node-RED', nodeRed, 'a Node-RED flow', ['Orders']],
  ['Node-RED without a tab', nodeRed.slice(1), 'a Node-RED flow', ['Untitled flow']],
  ['an answer of Node-RED', { flows: nodeRed, rev: 'x' }, 'a Node-RED flow', ['Orders']],
  [
    'a tab of Node-RED',
    { ...nodeRed[0], nodes: nodeRed.slice(1), configs: [] },
    'a Node-RED flow',
    ['Orders'],
  ],
  ['Make', make, 'a Make scenario', ['Invoices']],
  ['members of "flows"', { flows: [n8n] }, 'an n8n workflow', ['Nightly']],
])('%s is stored, named, and never runs', (_what, file, named, names) => {
  const parsed = parseFlowFile(typeof file === 'string' ? file : JSON.stringify(file));
  expect(parsed.problems).toEqual([]);
  expect(parsed.flows.map(({ name }) => name)).toEqual(names);
  for (const flow of parsed.flows) {
    // What is stored is the content of a version, and an editor sends the graph alone.
    const stored = { ...flow, data: flowVersionContent(flow) as unknown as FlowData };
    for (const one of [flow, stored]) {
      const plan = compileFlow(one, testCatalogue);
      expect(plan.problems).toMatchObject([
        { code: 'FLOW_FOREIGN', severity: 'blocking', message: expect.stringContaining(named), nodes: [] },
      ]);
      const scope = chooseScope(plan);
      expect('nodes' in scope && blockingProblems(plan, scope)).toHaveLength(1);
    }
  }
});

describe('a flow of which nothing can be read', () => {
  it('does not run', () => {
    const file = { nodes: [{ id: 'a', type: 'box' }, { id: 'b' }], edges: [] };
    const [flow] = parseFlowFile(file).flows;
    const plan = compileFlow(flow as never, testCatalogue);
    const scope = chooseScope(plan);
    expect('nodes' in scope && blockingProblems(plan, scope).map(({ code }) => code)).toEqual([
      'NODE_INVALID',
      'NODE_INVALID',
    ]);
  });
});

test('a flow is not lost beside the nodes of another product', () => {
  const parsed = parseFlowFile([{ name: 'A', data: { nodes: [], edges: [] } }, ...nodeRed]);
  expect(parsed.flows.map(({ name }) => name)).toEqual(['A']);
  expect(parsed.problems).toHaveLength(3);
});

test('a member that is no flow is named by its place', () => {
  const messages = [[{}], { flows: [{}] }].map((file) => parseFlowFile(file).problems[0]?.message);
  expect(messages).toEqual([
    expect.stringMatching(/^Member 1 of the list is/),
    expect.stringMatching(/^Member 1 of "flows" is/),
  ]);
});

test('YAML that is not of Dify is no flow', () => {
  expect(parseFlowFile('name: x\nkind: app\n').problems).toMatchObject([{ code: 'FLOW_NOT_JSON' }]);
});

test('members of a wrong type are named', () => {
  const data = { nodes: [], edges: [] };
  expect(
    parseFlowFile({ name: 5, endpoint_name: ['x'], tags: 'a', locked: null, description: '', data }).flows,
  ).toMatchObject([{ name: 'Untitled flow', unread: ['name', 'endpoint_name', 'tags'] }]);
});

test('a graph inside a text is not parsed if it nests deeper than a file may', () => {
  const nested = (levels: number): string =>
    JSON.stringify({ name: 'A', flowData: `{"nodes":[${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}]}` });
  expect(parseFlowFile(nested(100)).flows).toHaveLength(1);
  expect(parseFlowFile(nested(1_000_000)).problems).toMatchObject([{ code: 'FLOW_NOT_A_FLOW' }]);
});
