import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import {
  DEFAULT_PROJECT_ID,
  type Flow,
  createFlow,
  createFlows,
  createProject,
  createVariable,
  deleteFlows,
  flowChanged,
  getFlow,
  getFlowSource,
  getPlan,
  listFlows,
  resolveFlow,
  updateFlow,
} from '@causeway/contracts';
import type { Plan } from '@causeway/dag';
import { aFlow, waitFor } from '@causeway/testing';
import { SealedKind, inlineText } from '@causeway/platform';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { type Actor, aStranger, anActor, givenValue, startRegistry, tenant } from './registry.js';

const registry = await startRegistry();
const { bus, admin, told } = registry;

const echo = () => aFlow().chatInput().chatOutput().build().data;

async function create(
  over: Partial<z.input<typeof createFlow.input>['settings']> & { id?: string; graph?: unknown } = {},
  actor: Actor = anActor(),
): Promise<Flow> {
  const { id, graph = echo(), ...settings } = over;
  const data = { inline: JSON.stringify(graph) };
  return bus.request(createFlow, {
    ...actor,
    ...(id !== undefined && { id }),
    settings: { name: randomUUID(), ...settings },
    data,
  });
}
const update = (
  flowId: string,
  settings: z.input<typeof updateFlow.input>['settings'],
  graph?: unknown,
  actor: Actor = anActor(),
) =>
  (async () =>
    bus.request(updateFlow, {
      ...actor,
      flowId,
      settings,
      ...(graph !== undefined && { data: { inline: JSON.stringify(graph) } }),
    }))();
const get = (flowId: string, of = tenant) => bus.request(getFlow, { ...of, flowId });
const resolve = (flow: string, of = tenant) => bus.request(resolveFlow, { ...of, flow });
const list = (over: Partial<z.input<typeof listFlows.input>> = {}) =>
  bus.request(listFlows, { ...tenant, size: 500, ...over });
const remove = (flowIds: string[], actor: Actor = anActor()) =>
  bus.request(deleteFlows, { ...actor, flowIds });

/** Ids of flows that were announced as changed while `act` ran. */
async function announcedBy(act: () => Promise<unknown>, expected: string): Promise<string[]> {
  const heard: string[] = [];
  const listening = bus.subscribe(flowChanged, undefined, ({ flowId }) => void heard.push(flowId));
  await act();
  await waitFor(() => heard.includes(expected));
  listening.unsubscribe();
  return heard;
}

describe('a reply', () => {
  const large = (size: number) => ({ ...echo(), viewport: 'x'.repeat(size) });

  it('contains graphs, plans and files itself, and leaves nothing in the object store', async () => {
    const flow = await bus.request(createFlow, {
      ...anActor(),
      settings: { name: randomUUID() },
      data: { inline: JSON.stringify(large(700_000)) },
    });
    const ids = { flowId: flow.id, versionHash: flow.versionHash };
    const before = (await registry.objects.list()).objects;
    const replies = [
      (await get(flow.id)).data,
      (await list({ flowIds: [flow.id], withData: true })).items[0]?.data,
      (await bus.request(getFlowSource, { ...anActor(), flowId: flow.id })).source,
      (await bus.request(getPlan, { ...tenant, ...ids })).plan,
    ];
    for (const reply of replies) expect(reply).toHaveProperty('inline');
    expect((await registry.objects.list()).objects).toEqual(before);
  });

  it('to a list contains the graphs that fit, at least one, and the others when they are requested again', async () => {
    const flowIds: string[] = [];
    for (const size of [5_000_000, 1_500_000, 1_500_000, 1_500_000, 10])
      flowIds.push((await create({ graph: large(size) })).id);
    const asked: string[][] = [];
    let left = flowIds;
    while (left.length > 0) {
      const { items } = await list({ flowIds: left, withData: true });
      expect(items).toHaveLength(left.length);
      const given = items.filter(({ data }) => data).map(({ id }) => id);
      expect(given.length).toBeGreaterThan(0);
      asked.push(given);
      left = left.filter((id) => !given.includes(id));
    }
    expect(asked.flat().toSorted()).toEqual(flowIds.toSorted());
    expect(asked.length).toBe(3);
    await remove(flowIds);
  });
});

describe('creating a flow', () => {
  it('returns it with its graph, version and problems, in the team’s oldest project', async () => {
    const graph = echo();
    const actor = anActor();
    const settings = {
      name: 'Chat',
      description: 'd',
      tags: ['a'],
      icon: 'Bot',
      endpointName: 'chat',
      mcpEnabled: true,
    };
    const flow = await create({ ...settings, graph }, actor);
    expect(flow).toMatchObject({
      ...settings,
      ...tenant,
      userId: actor.principal.id,
      projectId: DEFAULT_PROJECT_ID,
      accessType: 'PRIVATE',
      locked: false,
      webhook: false,
      problems: [],
      versionHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await registry.dataOf(flow)).toEqual(graph);
    expect(await registry.dataOf(await get(flow.id))).toEqual(graph);
  });

  it('writes an audit event in the same transaction', async () => {
    const flow = await create();
    expect(await told(flow.id)).toMatchObject([
      {
        action: 'flow.create',
        ...tenant,
        requestId: 'request-1',
        object: { type: 'flow', name: flow.name, version: flow.versionHash },
      },
    ]);
  });

  it('adds a number to a name that the project has and to an endpoint name that the team has', async () => {
    const project = await bus.request(createProject, { ...anActor(), name: randomUUID() });
    const named = { name: 'Twin', endpointName: 'twin', projectId: project.id };
    const flows = [
      await create(named),
      await create(named),
      await create(named),
      await create({ ...named, projectId: DEFAULT_PROJECT_ID }),
    ];
    expect(flows.map(({ name, endpointName }) => [name, endpointName])).toEqual([
      ['Twin', 'twin'],
      ['Twin (1)', 'twin-1'],
      ['Twin (2)', 'twin-2'],
      ['Twin', 'twin-3'],
    ]);
  });

  it('adds numbers to names also when many are created at the same moment', async () => {
    const name = randomUUID();
    const made = await Promise.all(Array.from({ length: 8 }, () => create({ name })));
    expect(made.map((flow) => flow.name).toSorted()).toEqual([
      name,
      ...[1, 2, 3, 4, 5, 6, 7].map((n) => `${name} (${n})`),
    ]);
  });

  it('with an id that the team has changes that flow', async () => {
    const first = await create({ name: 'Known' });
    const graph = aFlow().chatInput().prompt('Hi {x}').chatOutput().build().data;
    const second = await create({ id: first.id, name: 'Known again', graph });
    expect(second).toMatchObject({ id: first.id, name: 'Known again' });
    expect(second.versionHash).not.toBe(first.versionHash);
    expect((await told(first.id)).map(({ action }) => action)).toEqual(['flow.create', 'flow.update']);
  });

  it('with an id that another team has gets one of its own', async () => {
    const theirs = await create({}, aStranger());
    const ours = await create({ id: theirs.id });
    expect(ours.id).not.toBe(theirs.id);
    expect((await get(theirs.id, theirs)).name).toBe(theirs.name);
  });

  it('with the same new id in two teams at once makes two flows', async () => {
    const id = randomUUID();
    const [one, other] = await Promise.all([create({ id }, aStranger()), create({ id }, aStranger())]);
    expect([one.id, other.id].filter((made) => made === id)).toHaveLength(1);
  });

  it('creates a first project for a team that has none', async () => {
    const actor = aStranger();
    const flow = await create({}, actor);
    const again = await create({}, actor);
    expect(flow.projectId).not.toBe(DEFAULT_PROJECT_ID);
    expect(again.projectId).toBe(flow.projectId);
    expect(await told(flow.projectId)).toMatchObject([
      { action: 'project.create', object: { name: 'Starter Project' } },
    ]);
  });

  it('refuses a project of another team', async () => {
    const { projectId } = await create({}, aStranger());
    await expect(create({ projectId })).rejects.toMatchObject({ code: 'PROJECT_UNKNOWN' });
  });

  it('refuses data that is not a graph, is nested too deep or is not JSON', async () => {
    const bad = (inline: string) =>
      bus.request(createFlow, { ...anActor(), settings: { name: 'x' }, data: { inline } });
    await expect(bad('{"hello":1}')).rejects.toMatchObject({
      code: 'FLOW_INVALID',
      message: expect.stringContaining('nodes'),
    });
    await expect(bad('{')).rejects.toMatchObject({
      code: 'FLOW_INVALID',
      message: expect.stringContaining('not JSON'),
    });
    const deep = `{"nodes":[],"edges":[],"x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    await expect(bad(deep)).rejects.toMatchObject({
      code: 'FLOW_INVALID',
      message: expect.stringContaining('200 levels'),
    });
  });

  it('creates several at once, in their order, or none when one is refused', async () => {
    const actor = aStranger();
    const createAll = async (graphs: unknown[]) => {
      const flows = graphs.map((graph, index) => ({
        settings: { name: `Batch ${index % 2}` },
        data: { inline: JSON.stringify(graph) },
      }));
      const { flowIds } = await bus.request(createFlows, {
        ...actor,
        flows: { inline: JSON.stringify(flows) },
      });
      return flowIds;
    };
    await expect(createAll([echo(), echo(), { hello: 1 }])).rejects.toMatchObject({
      code: 'FLOW_INVALID',
      message: expect.stringContaining('flows.2.data'),
    });
    expect((await list(actor.principal)).items).toEqual([]);
    const names = (
      await Promise.all((await createAll([echo(), echo(), echo()])).map((id) => get(id, actor.principal)))
    ).map(({ name }) => name);
    expect(names).toEqual(['Batch 0', 'Batch 1', 'Batch 0 (1)']);
    expect(await createAll([])).toEqual([]);
  });

  it('replaces characters that Postgres does not accept', async () => {
    const flow = await create({ name: 'a\u0000b\uD800', description: '\u0000', tags: ['\u0000'] });
    expect(flow).toMatchObject({ name: 'a\uFFFDb\uFFFD', description: '\uFFFD', tags: ['\uFFFD'] });
    const graph = { ...echo(), viewport: { text: 'nul \u0000, half \uD800' } };
    expect(await registry.dataOf(await create({ graph }))).toEqual(graph);
  });

  it('names variables that its fields take and that do not exist, until they do', async () => {
    const actor = aStranger();
    const template = { api_key: { load_from_db: true, password: true } };
    const graph = aFlow()
      .chatInput()
      .node('LanguageModelComponent', { id: 'M', fields: { api_key: 'MY_KEY' }, template })
      .build().data;
    const flow = await create({ graph }, actor);
    const missing = flow.problems.filter(({ code }) => code === 'VARIABLE_MISSING');
    expect(missing).toMatchObject([
      {
        severity: 'warning',
        nodes: ['M'],
        field: 'api_key',
        remedy: expect.stringContaining('vars set MY_KEY'),
      },
    ]);
    await bus.request(createVariable, {
      ...actor,
      name: 'MY_KEY',
      type: 'Credential',
      sealedValue: await givenValue(registry.vault, 'v', actor.principal.teamId),
    });
    expect((await get(flow.id, flow)).problems.map(({ code }) => code)).not.toContain('VARIABLE_MISSING');
  });
});

describe('updating a flow', () => {
  it('changes the given values, writes an audit event, and is announced', async () => {
    const flow = await create();
    let updated: Flow | undefined;
    await announcedBy(async () => (updated = await update(flow.id, { name: 'New', tags: ['t'] })), flow.id);
    expect(updated).toMatchObject({
      ...flow,
      name: 'New',
      tags: ['t'],
      updatedAt: expect.any(String),
      data: expect.anything(),
    });
    expect(await told(flow.id)).toMatchObject([
      { action: 'flow.create' },
      { action: 'flow.update', detail: { changed: ['name', 'tags'] } },
    ]);
  });

  it('that changes nothing leaves no trace', async () => {
    const graph = echo();
    const flow = await create({ graph });
    const {
      data: _data,
      problems: _problems,
      organisationId: _o,
      teamId: _t,
      userId: _u,
      id,
      versionHash: _v,
      updatedAt: _at,
      ...settings
    } = flow;
    expect((await update(id, settings, graph)).updatedAt).toBe(flow.updatedAt);
    expect(await told(id)).toHaveLength(1);
  });

  it('moves nodes without a new version, and connects them with one', async () => {
    const { data: graph } = aFlow().chatInput().chatOutput().build();
    const flow = await create({ graph });
    const moved = structuredClone(graph);
    for (const node of moved.nodes) node.position.x += 100;
    const after = await update(flow.id, {}, moved);
    expect(after.versionHash).toBe(flow.versionHash);
    expect(await registry.dataOf(after)).toEqual(moved);
    const apart = await update(flow.id, {}, { ...moved, edges: [] });
    expect(apart.versionHash).not.toBe(flow.versionHash);
    const { rows } = await admin.query('select count(*)::int as n from flow_version where flow_id = $1', [
      flow.id,
    ]);
    expect(rows).toEqual([{ n: 2 }]);
    expect((await update(flow.id, {}, graph)).versionHash).toBe(flow.versionHash);
  });

  it('stores when a version was replaced, and clears that when it is the flow’s again', async () => {
    const { data: graph } = aFlow().chatInput().chatOutput().build();
    const apart = { ...graph, edges: [] };
    const { id } = await create({ graph });
    const replaced = async (): Promise<number> => {
      const { rows } = await admin.query<{ is_own: boolean; replaced_at: Date | null }>(
        'select v.version_hash = f.version_hash as is_own, v.replaced_at from flow_version v join flow f on f.id = v.flow_id where f.id = $1',
        [id],
      );
      expect(rows.filter((row) => row.is_own).map((row) => row.replaced_at)).toEqual([null]);
      const ages = rows.filter((row) => !row.is_own).map((row) => Date.now() - Number(row.replaced_at));
      for (const age of ages) expect(age).toBeLessThan(60_000);
      return ages.length;
    };
    expect(await replaced()).toBe(0);
    await update(id, {}, apart);
    expect(await replaced()).toBe(1);
    await update(id, {}, graph);
    expect(await replaced()).toBe(1);
    await update(id, { description: 'no version of its own' });
    expect(await replaced()).toBe(1);
    await remove([id]);
    await create({ id, graph: apart });
    expect(await replaced()).toBe(1);
  });

  it('refuses an endpoint name that another flow of the team has, and allows it in other teams', async () => {
    const endpointName = `e-${randomUUID()}`;
    const [first, second] = [await create({ endpointName }), await create()];
    await expect(update(second.id, { endpointName })).rejects.toMatchObject({
      code: 'ENDPOINT_TAKEN',
      details: { endpointName },
    });
    expect((await update(first.id, { endpointName, name: 'still mine' })).endpointName).toBe(endpointName);
    const stranger = aStranger();
    const theirs = await create({}, stranger);
    expect((await update(theirs.id, { endpointName }, undefined, stranger)).endpointName).toBe(endpointName);
  });

  it('adds a number to a name that the project has', async () => {
    const name = randomUUID();
    await create({ name });
    const second = await create();
    expect((await update(second.id, { name })).name).toBe(`${name} (1)`);
  });

  it('of a locked flow is refused until it is unlocked', async () => {
    const flow = await create({ locked: true });
    await expect(update(flow.id, { description: 'x' })).rejects.toMatchObject({
      code: 'FLOW_LOCKED',
      details: { name: flow.name },
    });
    await expect(update(flow.id, {}, { nodes: [], edges: [] })).rejects.toMatchObject({
      code: 'FLOW_LOCKED',
    });
    expect((await update(flow.id, { locked: true })).updatedAt).toBe(flow.updatedAt);
    expect(await update(flow.id, { locked: false, description: 'x' })).toMatchObject({
      locked: false,
      description: 'x',
    });
  });

  it('marks that a webhook may start a flow exactly while the flow has a Webhook node, whatever a caller sets', async () => {
    const flow = await create({ webhook: true });
    expect(flow.webhook).toBe(false);
    expect((await resolve(flow.id)).release.versions).toMatchObject([{ hasWebhook: false }]);
    expect((await update(flow.id, { webhook: true })).webhook).toBe(false);
    expect((await update(flow.id, {}, aFlow().node('Webhook').build().data)).webhook).toBe(true);
    expect((await update(flow.id, { webhook: false })).webhook).toBe(true);
    expect((await resolve(flow.id)).release.versions).toMatchObject([{ hasWebhook: true }]);
    expect((await update(flow.id, {}, echo())).webhook).toBe(false);
    // A release names versions, so the mark in the flow's own row decides nothing.
    await admin.query('update flow set webhook = true where id = $1', [flow.id]);
    expect((await resolve(flow.id)).release.versions).toMatchObject([{ hasWebhook: false }]);
  });

  it('of another team’s, a deleted or an unknown flow fails with FLOW_UNKNOWN', async () => {
    const theirs = await create({}, aStranger());
    const deleted = await create();
    await remove([deleted.id]);
    for (const id of [theirs.id, deleted.id, randomUUID()]) {
      await expect(update(id, { name: 'x' })).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
      await expect(get(id)).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
    }
  });

  it('refuses a project of another team', async () => {
    const { projectId } = await create({}, aStranger());
    const flow = await create();
    await expect(update(flow.id, { projectId })).rejects.toMatchObject({ code: 'PROJECT_UNKNOWN' });
  });
});

describe('listing flows', () => {
  const actor = aStranger();
  const { organisationId, teamId } = actor.principal;
  const of = { organisationId, teamId };

  it('pages through a team’s flows, last changed first, with or without graphs', async () => {
    const made = [];
    for (let n = 0; n < 5; n++) made.push(await create({ name: `f${n}`, isComponent: n === 0 }, actor));
    const names = async (over: object) => (await list({ ...of, ...over })).items.map(({ name }) => name);
    expect(await names({})).toEqual(['f4', 'f3', 'f2', 'f1', 'f0']);
    expect(await names({ page: 2, size: 2 })).toEqual(['f2', 'f1']);
    expect((await list({ ...of, page: 3, size: 2 })).total).toBe(5);
    expect(await names({ componentsOnly: true })).toEqual(['f0']);
    expect(await names({ flowsOnly: true })).not.toContain('f0');
    expect(await names({ search: 'F0' })).toEqual(['f0']);
    expect(await names({ search: '%' })).toEqual([]);
    expect(await names({ componentsOnly: true, search: 'f1' })).toEqual([]);
    expect(await names({ flowIds: [made[1]?.id, made[3]?.id, randomUUID()] })).toEqual(['f3', 'f1']);
    expect(await names({ projectId: made[0]?.projectId })).toHaveLength(5);
    const { items } = await list({ ...of, withData: true, size: 1 });
    expect(await registry.dataOf(items[0] as Flow)).toMatchObject({ nodes: expect.any(Array) });
    expect((await list(of)).items.every(({ data }) => data === undefined)).toBe(true);
  });

  it('shows nothing of another team', async () => {
    expect(await list({ ...of, teamId: randomUUID() })).toEqual({ items: [], total: 0 });
    const { projectId } = await create({}, actor);
    await expect(list({ projectId })).rejects.toMatchObject({ code: 'PROJECT_UNKNOWN' });
  });
});

describe('resolving a flow', () => {
  it('finds it by id and by endpoint name', async () => {
    const endpointName = `e-${randomUUID()}`;
    const flow = await create({ endpointName });
    const found = {
      flowId: flow.id,
      name: flow.name,
      endpointName,
      projectId: flow.projectId,
      ...tenant,
      release: {
        versions: [{ versionHash: flow.versionHash, weight: 100, hasWebhook: false, problems: [] }],
      },
    };
    expect(await resolve(flow.id)).toEqual(found);
    expect(await resolve(flow.id.toUpperCase())).toEqual(found);
    expect(await resolve(flow.id.replaceAll('-', ''))).toEqual(found);
    expect(await resolve(endpointName)).toEqual(found);
  });

  it('finds a flow whose endpoint name looks like an id', async () => {
    const endpointName = randomUUID();
    const flow = await create({ endpointName });
    expect((await resolve(endpointName)).flowId).toBe(flow.id);
  });

  it('finds it by its name, unless flows of two projects have it', async () => {
    const name = `Ünïque & "${randomUUID()}"`;
    const flow = await create({ name, endpointName: `e-${randomUUID()}` });
    expect((await resolve(name)).flowId).toBe(flow.id);
    const project = await bus.request(createProject, { ...anActor(), name: randomUUID() });
    const twin = await create({ name, projectId: project.id });
    await expect(resolve(name)).rejects.toMatchObject({
      code: 'FLOW_NAME_SHARED',
      message: expect.stringContaining([flow.id, twin.id].sort().join(', ')),
    });
    // Where an earlier build has stored both, an endpoint name counts first, and an id before it.
    const endpointName = flow.endpointName as string;
    await admin.query('update flow set name = $1 where id = $2', [endpointName, (await create()).id]);
    expect((await resolve(endpointName)).flowId).toBe(flow.id);
    await remove([flow.id]);
    expect((await resolve(name)).flowId).toBe(twin.id);
    await expect(resolve(name, { ...tenant, teamId: randomUUID() })).rejects.toMatchObject({
      code: 'FLOW_UNKNOWN',
    });
  });

  it('returns the problems that keep it from running', async () => {
    const flow = await create({ graph: aFlow().node('NoSuchThing').build().data });
    expect((await resolve(flow.id)).release.versions[0]?.problems).toMatchObject([
      { code: 'COMPONENT_UNKNOWN', severity: 'blocking' },
      {},
    ]);
  });

  it.each(['', ' ', 'no-such', '\u0000', 'a/b', "' or 1=1", 'ü'])('knows no flow %j', async (flow) => {
    const code = flow === '' ? 'REQUEST_INVALID' : 'FLOW_UNKNOWN';
    await expect(resolve(flow)).rejects.toMatchObject({ code });
  });

  it('knows no flow of another team, and none that is deleted', async () => {
    const endpointName = `e-${randomUUID()}`;
    const flow = await create({ endpointName });
    const stranger = { ...tenant, teamId: randomUUID() };
    const organisation = { ...tenant, organisationId: randomUUID() };
    for (const of of [stranger, organisation]) {
      await expect(resolve(flow.id, of)).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
      await expect(resolve(endpointName, of)).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
    }
    await remove([flow.id]);
    await expect(resolve(flow.id)).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
    await expect(resolve(endpointName)).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
  });
});

describe('a version’s plan', () => {
  const planOf = async (flowId: string, versionHash: string, of = tenant): Promise<Plan> =>
    JSON.parse(inlineText((await bus.request(getPlan, { ...of, flowId, versionHash })).plan)) as Plan;

  it('exists for each version, also of deleted flows', async () => {
    const flow = await create({ graph: aFlow().chatInput().chatOutput().build().data });
    const { versionHash } = await update(
      flow.id,
      {},
      aFlow().chatInput().prompt('Hi {x}').chatOutput().build().data,
    );
    await remove([flow.id]);
    expect(Object.keys((await planOf(flow.id, flow.versionHash)).nodes)).toEqual([
      'ChatInput-1',
      'ChatOutput-2',
    ]);
    expect(Object.keys((await planOf(flow.id, versionHash)).nodes)).toHaveLength(3);
  });

  /** As if only another build had compiled the flow's version. */
  async function leaveToAnother(flowId: string, compiledBy: string): Promise<void> {
    await admin.query('delete from compiled_plan where flow_id = $1', [flowId]);
    await admin.query(
      `insert into compiled_plan (flow_id, version_hash, compiled_by, plan, problems, variable_uses)
       select id, version_hash, $2, 'gone', '[{"broken":1}]', '[]' from flow where id = $1`,
      [flowId, compiledBy],
    );
  }

  it('is compiled by this build in addition to another build’s plan, with its problems', async () => {
    const flow = await create();
    const compilers = async () =>
      (await admin.query('select compiled_by from compiled_plan where flow_id = $1', [flow.id])).rows.length;
    await leaveToAnother(flow.id, 'old');
    expect(Object.keys((await planOf(flow.id, flow.versionHash)).nodes)).toHaveLength(2);
    expect(await compilers()).toBe(2);
    await leaveToAnother(flow.id, 'old');
    await admin.query('update flow set webhook = true where id = $1', [flow.id]);
    const renewed = [{ problems: [], hasWebhook: false }];
    expect((await resolve(flow.id)).release.versions).toMatchObject(renewed);
    expect((await resolve(flow.id)).release.versions).toMatchObject(renewed);
    expect(await compilers()).toBe(2);
    await leaveToAnother(flow.id, 'old');
    expect((await get(flow.id)).problems).toEqual([]);
    expect(await compilers()).toBe(2);
  });

  it('is returned from the requested compiler, if its plan is kept', async () => {
    const flow = await create();
    const ask = { ...tenant, flowId: flow.id, versionHash: flow.versionHash };
    const own = await bus.request(getPlan, { ...ask, compiler: 'unheard of' });
    const place = { organisationId: tenant.organisationId, kind: SealedKind.plan, part: 'plan' };
    const id = `${flow.id}/${flow.versionHash}/newer`;
    const packed = gzipSync(inlineText(own.plan)).toString('base64');
    await admin.query(
      `insert into compiled_plan (flow_id, version_hash, compiled_by, plan, problems, variable_uses)
       values ($1, $2, 'newer', $3, '[]', '[]')`,
      [flow.id, flow.versionHash, await registry.vault.seal(packed, { ...place, id })],
    );
    expect(await bus.request(getPlan, { ...ask, compiler: 'newer' })).toEqual({
      ...own,
      compiledBy: 'newer',
    });
    expect(await bus.request(getPlan, ask)).toEqual(own);
  });

  it('is kept for the newest three compilers', async () => {
    const flow = await create();
    await admin.query('delete from compiled_plan where flow_id = $1', [flow.id]);
    for (const by of ['1', '2', '3', '4'])
      await admin.query(
        `insert into compiled_plan select id, version_hash, $2::text, 'p', '[]', '[]', now() - interval '1 d' * (9 - $2::text::int)
         from flow where id = $1`,
        [flow.id, by],
      );
    await planOf(flow.id, flow.versionHash);
    const { rows } = await admin.query(
      'select compiled_by from compiled_plan where flow_id = $1 order by created_at',
      [flow.id],
    );
    expect(rows.map((row) => row.compiled_by).slice(0, 2)).toEqual(['3', '4']);
    expect(rows).toHaveLength(3);
  });

  it('of another team’s flow is FLOW_UNKNOWN, of an unknown version VERSION_UNKNOWN', async () => {
    const flow = await create();
    await expect(
      planOf(flow.id, flow.versionHash, { ...tenant, teamId: randomUUID() }),
    ).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
    await expect(planOf(randomUUID(), flow.versionHash)).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
    await expect(planOf(flow.id, 'f'.repeat(64))).rejects.toMatchObject({ code: 'VERSION_UNKNOWN' });
  });
});

describe('deleting flows', () => {
  it('frees their names, is recorded and announced once, and ignores the rest', async () => {
    const endpointName = `e-${randomUUID()}`;
    const flow = await create({ name: 'Gone', endpointName });
    const theirs = await create({}, aStranger());
    const ids = [flow.id, theirs.id, randomUUID()];
    let deleted: string[] = [];
    expect(await announcedBy(async () => ({ deleted } = await remove(ids)), flow.id)).toEqual([flow.id]);
    expect(deleted).toEqual([flow.id]);
    expect((await remove(ids)).deleted).toEqual([]);
    expect((await told(flow.id)).map(({ action }) => action)).toEqual(['flow.create', 'flow.delete']);
    expect(await create({ name: 'Gone', endpointName })).toMatchObject({ name: 'Gone', endpointName });
    expect((await get(theirs.id, theirs)).id).toBe(theirs.id);
  });

  it('and creating one with the same id again restores it', async () => {
    const flow = await create();
    await remove([flow.id]);
    const again = await create({ id: flow.id, name: 'Back' });
    expect(again).toMatchObject({ id: flow.id, name: 'Back' });
    expect((await resolve(flow.id)).name).toBe('Back');
  });
});

describe('stored data', () => {
  it('shows no key that was typed into a node', async () => {
    const secret = 'sk-canary-typed-into-a-node';
    const graph = aFlow().chatInput().model({ api_key: secret }).chatOutput().build().data;
    const flow = await create({ graph });
    await update(flow.id, {}, { ...graph, viewport: { x: 1, y: 1, zoom: 1 } });
    for (const table of ['flow', 'flow_version', 'source', 'outbox']) {
      const { rows } = await admin.query(`select t::text as text from ${table} t`);
      expect(rows.map(({ text }) => text).join()).not.toContain('canary');
    }
    expect(registry.service.lines.join()).not.toContain('canary');
  });
});

describe('the name and the endpoint name of two flows', () => {
  it('are never the same: a call by it means one of them', async () => {
    const [called, named] = [`called-${randomUUID()}`, `named-${randomUUID()}`];
    const first = await create({ name: `First ${randomUUID()}`, endpointName: called });
    const second = await create({ name: named });
    await expect(update(first.id, { endpointName: named })).rejects.toMatchObject({ code: 'ENDPOINT_TAKEN' });
    expect((await create({ endpointName: named })).endpointName).toBe(`${named}-1`);
    expect((await create({ name: called })).name).toBe(`${called} (1)`);
    expect((await update(second.id, { name: called })).name).not.toBe(called);
    // A flow may be called by its own name.
    expect((await update(first.id, { name: called })).name).toBe(called);
    expect((await resolve(called)).flowId).toBe(first.id);
  });
});

it('a search ignores upper and lower case in every language', async () => {
  const word = `ÄRZTE ÇA ${randomUUID()}`;
  const { id } = await create({ name: word });
  expect((await list({ search: word.toLowerCase() })).items.map((flow) => flow.id)).toEqual([id]);
});
