import { randomUUID } from 'node:crypto';
import {
  createFlow,
  createFlows,
  getFlow,
  getPlan,
  listFlows,
  setAllowedHosts,
  updateFlow,
} from '@causeway/contracts';
import type { Flow } from '@causeway/contracts';
import { SECRET_MASK as MASK } from '@causeway/dag';
import { type FlowFile, aFlow } from '@causeway/testing';
import { inlineText } from '@causeway/platform';
import { describe, expect, it } from 'vitest';
import { anActor, startRegistry, tenant } from './registry.js';

const registry = await startRegistry();
const { bus, admin, told } = registry;
const KEY = 'sk-proj-NOTAREALKEY0000000000';

/** A flow whose model has a key typed into it. */
function keyed(more: object = { load_from_db: false }, key = KEY): FlowFile {
  const file = aFlow(randomUUID()).chatInput().model({ api_key: key }).chatOutput().build();
  const model = file.data.nodes.find(({ data }) => data.type === 'LanguageModelComponent');
  Object.assign(model?.data.node.template['api_key'] ?? {}, {
    password: true,
    load_from_db: undefined,
    ...more,
  });
  return file;
}

const dataOf = async (flow: Flow | undefined): Promise<string> =>
  JSON.stringify(await registry.dataOf(flow as Flow));
const planOf = async ({ id, versionHash }: Flow): Promise<string> => {
  const { plan } = await bus.request(getPlan, { ...tenant, flowId: id, versionHash });
  return inlineText(plan);
};

interface DrawnNode {
  id: string;
  readonly data: { readonly type: string; readonly node: { description?: string; template: Fields } };
}
type Fields = Record<string, Record<string, unknown>>;
/** A flow's nodes, its model among them, and the model's fields. */
interface Drawing {
  readonly nodes: DrawnNode[];
  readonly node: DrawnNode;
  readonly model: Fields;
}

/** A group with a field that names the key of a node outside the group. */
function groupOver(id: string): DrawnNode {
  const open = { type: 'str', value: MASK, proxy: { id, field: 'api_key' } };
  const node = { template: { open }, flow: { data: { nodes: [], edges: [] } } };
  return { id: 'group', data: { type: 'GroupNode', node } };
}

describe('a key that was typed into a node', () => {
  it('is in no answer, for any caller and any request', async () => {
    const file = keyed();
    const imported = (await registry.import(JSON.stringify(file))).flows;
    const data = { inline: JSON.stringify(file.data) };
    const created = await bus.request(createFlow, { ...anActor(), settings: { name: 'New' }, data });
    const flows = { inline: JSON.stringify([{ settings: { name: 'Several' }, data }]) };
    const { flowIds } = await bus.request(createFlows, { ...anActor(), flows });
    const renamed = await bus.request(updateFlow, {
      ...anActor(),
      flowId: created.id,
      settings: { name: 'Renamed' },
    });
    const got = await bus.request(getFlow, { ...tenant, flowId: file.id });
    const listed = await bus.request(listFlows, { ...tenant, withData: true });
    expect(listed.items.map(({ id }) => id)).toEqual(expect.arrayContaining([file.id, ...flowIds]));
    for (const flow of [...imported, created, renamed, got, ...listed.items]) {
      expect(JSON.stringify(flow) + (await dataOf(flow))).not.toContain(KEY);
      expect(await dataOf(flow)).toContain(MASK);
    }
  });

  it.each([{ load_from_db: true }, {}])(
    'in the place of a variable’s name (%j) is shown in no problem',
    async (more) => {
      const [flow] = (await registry.import(JSON.stringify(keyed(more)))).flows;
      expect(flow?.problems).toMatchObject([{ code: 'VARIABLE_MISSING', field: 'api_key' }]);
      expect(flow?.problems[0]?.message).toContain('a variable that does not exist');
      expect(flow?.problems[0]?.variable).toBeUndefined();
      expect(JSON.stringify(flow) + (await dataOf(flow))).not.toContain(KEY);
      const { rows } = await admin.query('select row_to_json(v)::text as text from flow_version v');
      expect(rows.map(({ text }) => text).join()).not.toContain(KEY);
      expect(await bus.request(getFlow, { ...tenant, flowId: flow?.id as string })).toMatchObject({
        problems: flow?.problems,
      });
    },
  );

  it('is kept by a save that sends the mask back, and is used by runs', async () => {
    const file = keyed();
    const [flow] = (await registry.import(JSON.stringify(file))).flows as [Flow];
    const data = JSON.parse(await dataOf(flow)) as { nodes: { position: object }[] };
    const same = { inline: JSON.stringify(data) };
    expect(
      await bus.request(updateFlow, { ...anActor(), flowId: flow.id, settings: {}, data: same }),
    ).toMatchObject({
      versionHash: flow.versionHash,
      updatedAt: flow.updatedAt,
    });
    expect((await registry.source(flow.id)).bytes.toString()).toBe(JSON.stringify(file));

    const changed = {
      inline: JSON.stringify(data).replace('"sender_name":{', '"sender_name":{"placeholder":"Whose?",'),
    };
    const saved = await bus.request(updateFlow, {
      ...anActor(),
      flowId: flow.id,
      settings: { name: 'Saved' },
      data: changed,
    });
    expect(saved.problems).toEqual([]);
    expect(await planOf(saved)).toContain(KEY);
    expect((await registry.source(flow.id)).bytes.toString()).toContain(KEY);
  });

  it('is kept by an import of a file with the mask, also when the mask is escaped', async () => {
    const file = keyed();
    const [flow] = (await registry.import(JSON.stringify(file))).flows as [Flow];
    const data: unknown = await registry.dataOf(flow);
    const escaped = JSON.stringify({ ...file, name: 'Again', data }).replaceAll('•', '\\u2022');
    const [again] = (await registry.import(escaped)).flows as [Flow];
    expect(again).toMatchObject({
      id: flow.id,
      name: 'Again',
      versionHash: flow.versionHash,
      problems: [{ code: 'NAME_CHANGED' }],
    });
    expect((await registry.source(flow.id)).bytes.toString()).toContain(KEY);
  });

  it('is reported as missing when a mask has no stored secret', async () => {
    const [flow] = (await registry.import(JSON.stringify(keyed()))).flows as [Flow];
    const data = { inline: await dataOf(flow) };
    const copy = await bus.request(createFlow, { ...anActor(), settings: { name: 'Copy' }, data });
    expect(copy.problems).toMatchObject([{ code: 'SECRET_MASKED', severity: 'blocking', field: 'api_key' }]);
  });

  it.each<[string, (data: Drawing) => void]>([
    ['a field that shows it', ({ model }) => (model['system_message'] = { type: 'str', value: MASK })],
    ['a field that is called secret no more', ({ model }) => (model['renamed'] = { ...model['api_key'] })],
    ['the description of its node', ({ node }) => (node.data.node.description = MASK)],
    ['a node of another type', ({ node }) => Object.assign(node.data, { type: 'TextInput' })],
    ['a field of a group', ({ nodes, node }) => nodes.push(groupOver(node.id))],
    ['a copy of its node', ({ nodes, node }) => nodes.push({ ...structuredClone(node), id: 'copy' })],
  ])('is shown by nothing after its mask was moved to %s', async (_where, move) => {
    const [flow] = (await registry.import(JSON.stringify(keyed({ load_from_db: false }, 'canary-1')))).flows;
    const data = (await registry.dataOf(flow as Flow)) as { nodes: DrawnNode[] };
    const node = data.nodes.find((one) => one.data.type === 'LanguageModelComponent') as DrawnNode;
    move({ nodes: data.nodes, node, model: node.data.node.template });
    const flowId = (flow as Flow).id;
    const saved = await bus.request(updateFlow, {
      ...anActor(),
      flowId,
      settings: {},
      data: { inline: JSON.stringify(data) },
    });
    const got = await bus.request(getFlow, { ...tenant, flowId });
    for (const asExport of [false, true]) {
      const { items } = await bus.request(listFlows, {
        ...tenant,
        flowIds: [flowId],
        withData: true,
        asExport,
      });
      for (const one of [saved, got, ...items])
        expect(JSON.stringify(one) + (await dataOf(one))).not.toContain('canary-1');
    }
    // As a file that is imported over the flow.
    const again = await registry.import(JSON.stringify({ name: 'Again', id: flowId, data }));
    for (const one of again.flows)
      expect(JSON.stringify(one) + (await dataOf(one))).not.toContain('canary-1');
  });

  it('that is not restored is reported by a problem that names node and field', async () => {
    const [flow] = (await registry.import(JSON.stringify(keyed()))).flows as [Flow];
    const data = (await registry.dataOf(flow)) as { nodes: DrawnNode[] };
    const node = data.nodes.find((one) => one.data.type === 'LanguageModelComponent') as DrawnNode;
    Object.assign(node.data.node.template, { system_message: { type: 'str', value: MASK } });
    const saved = await bus.request(updateFlow, {
      ...anActor(),
      flowId: flow.id,
      settings: {},
      data: { inline: JSON.stringify(data) },
    });
    expect(saved.problems).toMatchObject([
      { code: 'SECRET_MASKED', severity: 'blocking', nodes: [node.id], field: 'system_message' },
    ]);
  });

  it('is an empty field in an export', async () => {
    const [flow] = (await registry.import(JSON.stringify(keyed()))).flows as [Flow];
    const { items } = await bus.request(listFlows, {
      ...tenant,
      flowIds: [flow.id],
      withData: true,
      asExport: true,
    });
    const text = JSON.stringify(await registry.dataOf(items[0] as Flow));
    expect(text).toContain('"api_key"');
    for (const secret of [KEY, MASK]) expect(text).not.toContain(secret);
  });

  it('is returned only with the source, and the audit log records who took it', async () => {
    const [flow] = (await registry.import(JSON.stringify(keyed()))).flows as [Flow];
    const actor = anActor();
    expect((await registry.source(flow.id, actor)).bytes.toString()).toContain(KEY);
    expect((await told(flow.id)).at(-1)).toMatchObject({
      action: 'flow.export',
      actor: { id: actor.principal.id },
      object: { type: 'flow', id: flow.id, version: flow.versionHash },
    });
  });
});

it('a variable that flows read is named, also in a field for programs', async () => {
  const [flow] = (await registry.import(JSON.stringify(keyed({ load_from_db: true }, 'MY_OWN_KEY')))).flows;
  expect(flow?.problems).toMatchObject([
    {
      code: 'VARIABLE_MISSING',
      remedy: 'Set it with: npx causeway vars set MY_OWN_KEY',
      variable: 'MY_OWN_KEY',
    },
  ]);
  expect(await dataOf(flow)).toContain('MY_OWN_KEY');
});

it('an address from a variable gives a warning until hosts are allowed', async () => {
  const file = aFlow(randomUUID()).chatInput().model({ api_key: KEY }).chatOutput().build();
  const model = file.data.nodes.find(({ data }) => data.type === 'LanguageModelComponent');
  Object.assign(model?.data.node.template ?? {}, {
    ollama_base_url: { type: 'str', value: 'MODEL_URL', load_from_db: true, show: true },
  });
  const [flow] = (await registry.import(JSON.stringify(file))).flows as [Flow];
  const codesOf = ({ problems }: Flow): string[] => problems.map(({ code }) => code);
  expect(codesOf(flow)).toContain('ADDRESS_OF_VARIABLE');
  await bus.request(setAllowedHosts, { ...anActor(), flowId: flow.id, hosts: ['https://a.test'] });
  expect(codesOf(await bus.request(getFlow, { ...tenant, flowId: flow.id }))).not.toContain(
    'ADDRESS_OF_VARIABLE',
  );
});
