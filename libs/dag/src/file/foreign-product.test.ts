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
const comfy = {
  last_node_id: 9,
  last_link_id: 9,
  nodes: [
    {
      id: 4,
      type: 'CheckpointLoaderSimple',
      pos: [26, 474],
      size: { 0: 315, 1: 98 },
      flags: {},
      order: 0,
      mode: 0,
      outputs: [{ name: 'MODEL', type: 'MODEL', links: [1], slot_index: 0 }],
      properties: { 'Node name for S&R': 'CheckpointLoaderSimple' },
      widgets_values: ['v1-5-pruned-emaonly.ckpt'],
    },
    {
      id: 3,
      type: 'KSampler',
      pos: [863, 186],
      size: [315, 262],
      flags: {},
      order: 1,
      mode: 0,
      inputs: [{ name: 'model', type: 'MODEL', link: 1 }],
      outputs: [],
      properties: {},
      widgets_values: [156680208700286, true, 20, 8, 'euler', 'normal', 1],
    },
  ],
  links: [[1, 4, 0, 3, 0, 'MODEL']],
  groups: [],
  config: {},
  extra: {},
  version: 0.4,
};
const comfyPrompt = {
  '3': { class_type: 'KSampler', inputs: { seed: 5, steps: 20, model: ['4', 0] } },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a.ckpt' }, _meta: { title: 'Load' } },
};
const logicApp = {
  $schema:
    'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#',
  contentVersion: '1.0.0.0',
  parameters: { $connections: { defaultValue: {}, type: 'Object' } },
  triggers: { manual: { type: 'Request', kind: 'Button', inputs: { schema: {} } } },
  actions: { Compose: { type: 'Compose', inputs: 'Hello', runAfter: {} } },
};
const powerAutomate = {
  name: '0f0c5c4e-1b5a-4f0e-9d43-6b1f6f2f3a10',
  id: '/providers/Microsoft.Flow/flows/0f0c5c4e-1b5a-4f0e-9d43-6b1f6f2f3a10',
  type: 'Microsoft.Flow/flows',
  properties: {
    apiId: '/providers/Microsoft.PowerApps/apis/shared_logicflows',
    displayName: 'Approve invoices',
    definition: logicApp,
    connectionReferences: {},
  },
};
const zapSteps = [
  {
    id: 1,
    type_of: 'read',
    selected_api: 'GmailV2CLIAPI@1.4.0',
    action: 'message',
    params: {},
    parent_id: null,
  },
  { id: 2, type_of: 'write', selected_api: 'SlackAPI', action: 'channel_message', params: {}, parent_id: 1 },
];
const zap = { id: 17, title: 'Mail to Slack', nodes: { '1': zapSteps[0], '2': zapSteps[1] } };

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
  ['ComfyUI', comfy, 'a ComfyUI workflow', ['Untitled flow']],
  ['ComfyUI for its API', comfyPrompt, 'a ComfyUI workflow', ['Untitled flow']],
  ['a request to ComfyUI', { prompt: comfyPrompt, client_id: 'x' }, 'a ComfyUI workflow', ['Untitled flow']],
  ['Power Automate', powerAutomate, 'a Power Automate or Logic Apps flow', ['Approve invoices']],
  [
    'Power Automate in a solution',
    { properties: { connectionReferences: {}, definition: logicApp }, schemaVersion: '1.0.0.0' },
    'a Power Automate or Logic Apps flow',
    ['Untitled flow'],
  ],
  [
    'a Logic App',
    { definition: logicApp, kind: 'Stateful' },
    'a Power Automate or Logic Apps flow',
    ['Untitled flow'],
  ],
  ['a bare definition', logicApp, 'a Power Automate or Logic Apps flow', ['Untitled flow']],
  ['Zapier', { metadata: { version: '1' }, zaps: [zap, zap] }, 'a Zap', ['Mail to Slack', 'Mail to Slack']],
  ['one Zap', zap, 'a Zap', ['Mail to Slack']],
  ['a Zap with a list of steps', { title: 'Mail', steps: zapSteps }, 'a Zap', ['Mail']],
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
