import {
  createProject,
  deleteProject,
  getFlow,
  listProjects,
  resolveFlow,
  updateFlow,
} from '@causeway/contracts';
import type { Flow } from '@causeway/contracts';
import { aFlow } from '@causeway/testing';
import { type Zippable, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { anActor, startRegistry, tenant } from './registry.js';

const registry = await startRegistry();
const { bus } = registry;

const chat = (name: string) => aFlow(name).chatInput().chatOutput();
const zip = (files: Record<string, unknown>): Uint8Array =>
  zipSync(
    Object.fromEntries(
      Object.entries(files).map(([name, file]) => [
        name,
        Buffer.from(typeof file === 'string' ? file : JSON.stringify(file)),
      ]),
    ) as Zippable,
  );
const importOne = async (file: object): Promise<Flow> =>
  (await registry.import(JSON.stringify(file))).flows[0] as Flow;
const toldOf = ({ problems }: Flow): [string, string][] =>
  problems.map(({ code, message }) => [code, message]);

describe('what an import changes is reported', () => {
  it.each([
    ['order status', 'order-status', /"order status" cannot be an endpoint name.*answers as "order-status"/],
    ['Übersicht', 'bersicht', /answers as "bersicht"/],
    ['x'.repeat(201), 'x'.repeat(200), /at most 200 characters/],
    ['日本', null, /the flow has no endpoint name/],
  ])('an endpoint name %s that becomes %s', async (given, becomes, told) => {
    const flow = await importOne({ ...chat(given).build(), endpoint_name: given });
    expect(flow.endpointName).toBe(becomes);
    expect(toldOf(flow)).toEqual([['ENDPOINT_CHANGED', expect.stringMatching(told)]]);
    const later = await bus.request(getFlow, { ...tenant, flowId: flow.id });
    expect(later.problems).toEqual([]);
  });

  it('an endpoint name and a name that are taken', async () => {
    const first = await importOne(chat('Taken').endpoint('taken').build());
    const flow = await importOne(chat('Taken').endpoint('taken').build());
    expect([first.problems, flow.name, flow.endpointName]).toEqual([[], 'Taken (1)', 'taken-1']);
    expect(toldOf(flow)).toEqual([
      [
        'NAME_CHANGED',
        expect.stringMatching(/"Taken" is taken in its project; the flow is called "Taken \(1\)"/),
      ],
      ['ENDPOINT_CHANGED', expect.stringMatching(/"taken" belongs to another flow.*answers as "taken-1"/)],
    ]);
    expect((await bus.request(resolveFlow, { ...tenant, flow: 'taken' })).flowId).toBe(first.id);
  });

  it('a name and an endpoint name that the file replaces, and those that it does not have are kept', async () => {
    const { id, data } = chat('Sales').build();
    const file = { name: 'Sales', data };
    const first = await importOne({ id, ...file, endpoint_name: null });
    const settings = { name: 'Renamed', endpointName: 'bp', description: 'Ours', tags: ['a'], icon: 'Bot' };
    await bus.request(updateFlow, { ...anActor(), flowId: first.id, settings });
    const again = await importOne({ id, ...file, endpoint_name: null, description: null });
    expect(again).toMatchObject({ ...settings, id: first.id, name: 'Sales' });
    expect(toldOf(again)).toEqual([
      ['NAME_CHANGED', 'The import changed the name of the flow from "Renamed" to "Sales".'],
    ]);
    expect(toldOf(await importOne({ id, ...file, endpoint_name: '' }))).toEqual([]);
    const other = await importOne({ id, ...file, endpoint_name: 'cp', description: '', tags: [] });
    expect(other).toMatchObject({ endpointName: 'cp', description: '', tags: [], icon: 'Bot' });
    expect(toldOf(other)).toEqual([
      [
        'ENDPOINT_CHANGED',
        'The import changed the endpoint name of the flow from "bp" to "cp": calls of /api/v1/run/bp no longer find it.',
      ],
    ]);
  });

  it('texts that are cut, and members that cannot be read', async () => {
    const file = { ...chat('Long').build(), description: 'd'.repeat(10_001), icon: 'a\u0000', locked: 'yes' };
    expect(toldOf(await importOne(file))).toEqual([
      ['SETTING_CHANGED', expect.stringContaining('description, icon is too long')],
      ['SETTING_CHANGED', expect.stringContaining('in locked: it was left out')],
    ]);
  });
});

describe('two flows with the same id in one upload', () => {
  it('are kept as two, and each names the other; a second import changes nothing', async () => {
    const one = chat('Orders').build();
    const files = zip({
      'Orders.json': one,
      'Orders (1).json': { ...chat('Orders').prompt('x').build(), id: one.id },
    });
    const { flows } = await registry.import(files);
    expect(flows.map(({ name }) => name)).toEqual(['Orders', 'Orders (1)']);
    const [first, second] = flows as [Flow, Flow];
    expect(first.id).toBe(one.id);
    expect(second.id).not.toBe(one.id);
    for (const [flow, file, other] of [
      [first, 'Orders.json', 'Orders (1).json'],
      [second, 'Orders (1).json', 'Orders.json'],
    ] as const) {
      const told = flow.problems.find(({ code }) => code === 'FLOW_ID_SHARED')?.message;
      expect(told).toContain(
        `"${file}, Orders" holds the flow ${one.id}, which "${other}, Orders" holds too`,
      );
      expect(told).toContain(`it has the id ${flow.id} here`);
    }
    const again = await registry.import(files);
    expect(again.flows.map(({ id, updatedAt }) => [id, updatedAt])).toEqual(
      flows.map(({ id, updatedAt }) => [id, updatedAt]),
    );
  });

  it('are one when they are equal', async () => {
    const one = chat('Twice').build();
    const { flows } = await registry.import(JSON.stringify([one, one]));
    expect(flows).toHaveLength(1);
    expect(flows[0]?.problems).toMatchObject([
      { code: 'FLOW_ID_SHARED', message: expect.stringContaining('there is one flow') },
    ]);
    expect(flows[0]?.problems[0]?.message).toMatch(
      /^"[^"]*, flow 2, Twice" holds the flow .*, which "[^"]*, flow 1, Twice" holds too/,
    );
  });
});

describe('what another product exported', () => {
  const n8n = {
    name: 'Nightly',
    nodes: [{ parameters: {}, type: 'n8n-nodes-base.set', typeVersion: 1 }],
    connections: {},
  };

  it('is stored with one problem, also in a ZIP and together with other files, and does not run', async () => {
    const dify = 'app:\n  name: Guide\n  mode: chat\nkind: app\n';
    const { flows } = await registry.import(
      zip({
        'n8n.json': n8n,
        'guide.yml': dify,
        'ours.json': chat('Ours').build(),
        'compose.yaml': 'a: 1\n',
      }),
    );
    expect(flows.map(({ name, problems }) => [name, problems.map(({ code }) => code)])).toEqual([
      ['Nightly', ['FLOW_FOREIGN']],
      ['Guide', ['FLOW_FOREIGN']],
      ['Ours', []],
    ]);
    const [first] = flows as [Flow];
    const { problems } = (await bus.request(getFlow, { ...tenant, flowId: first.id })) satisfies Flow;
    expect(problems).toMatchObject([
      { severity: 'blocking', message: expect.stringContaining('an n8n workflow'), nodes: [] },
    ]);
    expect((await registry.source(first.id)).bytes.toString()).toBe(JSON.stringify(n8n));
  });
});

describe('a file that is a project', () => {
  const projects = async (): Promise<string[]> =>
    (await bus.request(listProjects, tenant)).items.map(({ name }) => name);
  const asProject = (bytes: string | Uint8Array, fileName: string) =>
    registry.import(bytes, { fileName, asProject: true });
  const nameOf = async (projectId: string | undefined): Promise<string | undefined> =>
    (await bus.request(listProjects, tenant)).items.find(({ id }) => id === projectId)?.name;

  it('creates a project with a unique name after the file, with all of its flows', async () => {
    const { id: _one, ...first } = chat('One').build();
    const { id: _two, ...second } = chat('Two').build();
    const bytes = zip({ 'One.json': first, 'Two.json': second });
    const made = await asProject(bytes, 'Team flows.zip');
    expect(await nameOf(made.projectId)).toBe('Team flows');
    expect(made.flows.map(({ name }) => name)).toEqual(['One', 'Two']);
    expect(await nameOf((await asProject(bytes, 'Team flows.zip')).projectId)).toBe('Team flows (1)');
  });

  it('as Langflow writes it creates the project that it names', async () => {
    await bus.request(createProject, { ...anActor(), name: 'Sales' });
    const file = { folder_name: 'Sales', folder_description: 'd', flows: [chat('Lead').build()] };
    const made = await asProject(JSON.stringify(file), 'other.json');
    expect(await nameOf(made.projectId)).toBe('Sales (1)');
  });

  it('uses the existing project when all of its flows are in it', async () => {
    const bytes = zip({ 'a.json': chat('A').build(), 'b.json': chat('B').build() });
    const first = await asProject(bytes, 'Kept.zip');
    const again = await asProject(bytes, 'Kept.zip');
    expect(again.projectId).toBe(first.projectId);
    expect((await projects()).filter((name) => name.startsWith('Kept'))).toEqual(['Kept']);
    await bus.request(deleteProject, { ...anActor(), projectId: first.projectId as string });
    expect(await nameOf((await asProject(bytes, 'Kept.zip')).projectId)).toBe('Kept');
  });
});
