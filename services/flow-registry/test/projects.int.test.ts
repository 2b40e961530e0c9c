import { randomUUID } from 'node:crypto';
import {
  type Flow,
  createFlow,
  createProject,
  deleteProject,
  getFlow,
  getPlan,
  getProject,
  listFlows,
  listProjects,
  updateProject,
} from '@causeway/contracts';
import { aFlow } from '@causeway/testing';
import { describe, expect, it } from 'vitest';
import { type Actor, aStranger, anActor, startRegistry, tenant } from './registry.js';

const { bus, told } = await startRegistry();

const aName = (): string => `project ${randomUUID()}`;
const create = (
  name = aName(),
  over: { description?: string; flowIds?: string[] } = {},
  actor: Actor = anActor(),
) => bus.request(createProject, { ...actor, name, ...over });
const update = (
  projectId: string,
  change: { name?: string; description?: string | null; flowIds?: string[] },
  actor: Actor = anActor(),
) => bus.request(updateProject, { ...actor, projectId, ...change });
const get = (projectId: string, of = tenant) => bus.request(getProject, { ...of, projectId });
const remove = (projectId: string, actor: Actor = anActor()) =>
  bus.request(deleteProject, { ...actor, projectId });
const aFlowIn = (projectId?: string, name: string = randomUUID(), actor: Actor = anActor()): Promise<Flow> =>
  bus.request(createFlow, {
    ...actor,
    settings: { name, ...(projectId !== undefined && { projectId }) },
    data: { inline: JSON.stringify(aFlow().chatInput().chatOutput().build().data) },
  });
const flowsIn = async (projectId: string): Promise<string[]> =>
  (await bus.request(listFlows, { ...tenant, projectId })).items.map(({ name }) => name).toSorted();

describe('projects', () => {
  it('are created, listed oldest first, read, and recorded in the audit log', async () => {
    const actor = aStranger();
    const of = { organisationId: tenant.organisationId, teamId: actor.principal.teamId };
    const first = await create('A', { description: 'd' }, actor);
    const second = await create('B', {}, actor);
    expect(first).toEqual({ id: first.id, ...of, name: 'A', description: 'd', parentId: null });
    expect((await bus.request(listProjects, of)).items).toEqual([first, second]);
    const page = await bus.request(listProjects, { ...of, page: { limit: 1 } });
    expect(page.items).toEqual([first]);
    const after = page.next as string;
    expect(await bus.request(listProjects, { ...of, page: { limit: 1, after } })).toEqual({
      items: [second],
    });
    expect(await get(second.id, of)).toEqual(second);
    expect(await told(first.id)).toMatchObject([{ action: 'project.create', requestId: 'request-1' }]);
  });

  it('get a number when the team has the name, also when renamed and when created at the same moment', async () => {
    const name = aName();
    const made = await Promise.all([create(name), create(name), create(name)]);
    expect(made.map((project) => project.name).toSorted()).toEqual([name, `${name} (1)`, `${name} (2)`]);
    const other = await create();
    expect((await update(other.id, { name })).name).toBe(`${name} (3)`);
    expect((await create(name, {}, aStranger())).name).toBe(name);
  });

  it('change values that differ, and write no event when none differs', async () => {
    const project = await create();
    expect(await update(project.id, { name: project.name, description: null })).toEqual(project);
    expect(await told(project.id)).toHaveLength(1);
    expect(await update(project.id, { description: 'new' })).toEqual({ ...project, description: 'new' });
    expect(await update(project.id, { description: null })).toEqual(project);
    expect((await told(project.id)).map(({ detail }) => detail)).toMatchObject([
      {},
      { changed: ['description'] },
      { changed: ['description'] },
    ]);
  });

  it('hold the flows that they are given; their other flows move to the oldest project', async () => {
    const actor = anActor();
    const [one, two, three] = [await aFlowIn(), await aFlowIn(), await aFlowIn()];
    const project = await create(aName(), { flowIds: [one.id, two.id] }, actor);
    expect(await flowsIn(project.id)).toEqual([one.name, two.name].toSorted());
    await update(project.id, { flowIds: [two.id, three.id] });
    expect(await flowsIn(project.id)).toEqual([two.name, three.name].toSorted());
    expect((await bus.request(getFlow, { ...tenant, flowId: one.id })).projectId).toBe(one.projectId);
  });

  it('add a number to the name of a flow that moves in when the name is taken', async () => {
    const name = randomUUID();
    const project = await create();
    await aFlowIn(project.id, name);
    const other = await aFlowIn(undefined, name);
    await update(project.id, { flowIds: [other.id] });
    expect(await flowsIn(project.id)).toEqual([name]);
    const again = await create(aName(), { flowIds: [other.id] });
    expect(await flowsIn(again.id)).toEqual([name]);
  });

  it('refuse flows of another team, and change nothing', async () => {
    const theirs = await aFlowIn(undefined, 'x', aStranger());
    const project = await create();
    await expect(update(project.id, { name: 'no', flowIds: [theirs.id] })).rejects.toMatchObject({
      code: 'FLOW_UNKNOWN',
    });
    expect((await get(project.id)).name).toBe(project.name);
    const name = aName();
    await expect(create(name, { flowIds: [theirs.id] })).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
    expect((await bus.request(listProjects, tenant)).items.map((one) => one.name)).not.toContain(name);
  });

  it('are deleted with their flows, whose versions stay', async () => {
    const project = await create();
    const flow = await aFlowIn(project.id);
    await remove(project.id);
    await expect(get(project.id)).rejects.toMatchObject({ code: 'PROJECT_UNKNOWN' });
    await expect(bus.request(getFlow, { ...tenant, flowId: flow.id })).rejects.toMatchObject({
      code: 'FLOW_UNKNOWN',
    });
    expect(
      await bus.request(getPlan, { ...tenant, flowId: flow.id, versionHash: flow.versionHash }),
    ).toMatchObject({ flowName: flow.name });
    expect((await told(project.id)).at(-1)).toMatchObject({ action: 'project.delete', detail: { flows: 1 } });
    expect((await told(flow.id)).at(-1)).toMatchObject({ action: 'flow.delete' });
    expect((await create(project.name)).name).toBe(project.name);
  });

  it('of another team, deleted or unknown give PROJECT_UNKNOWN', async () => {
    const theirs = await create(aName(), {}, aStranger());
    const deleted = await create();
    await remove(deleted.id);
    for (const id of [theirs.id, deleted.id, randomUUID()]) {
      for (const ask of [() => get(id), () => update(id, { name: 'x' }), () => remove(id)]) {
        await expect(ask()).rejects.toMatchObject({ code: 'PROJECT_UNKNOWN', details: { projectId: id } });
      }
    }
    await expect(get(theirs.id, { ...theirs, organisationId: randomUUID() })).rejects.toMatchObject({
      code: 'PROJECT_UNKNOWN',
    });
  });

  it('replace characters that Postgres does not accept', async () => {
    expect(await create('a\u0000', { description: '\uD800' })).toMatchObject({
      name: 'a\uFFFD',
      description: '\uFFFD',
    });
  });
});
