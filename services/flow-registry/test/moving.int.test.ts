import { createHash, randomUUID } from 'node:crypto';
import {
  type DeletedObject,
  EXECUTOR_RUNNER,
  type ObjectGrant,
  type Permission,
  createFile,
  createFlow,
  createProject,
  endObjectRoles,
  findWebhook,
  flowChanged,
  getAllowedHosts,
  getFile,
  getFlowSource,
  getPlan,
  getProject,
  listVersions,
  moveFlow,
  moveProject,
  publishVersion,
  resolveFlow,
  setAllowedHosts,
  setWebhook,
  updateFlow,
} from '@causeway/contracts';
import { aFlow, waitFor } from '@causeway/testing';
import { describe, expect, it } from 'vitest';
import { type Actor, aStranger, anActor, startRegistry } from './registry.js';

const { bus, admin, objects, told } = await startRegistry();

const data = { inline: JSON.stringify(aFlow().chatInput().prompt('Hello').chatOutput().build().data) };
const create = (actor: Actor, settings: object = {}) =>
  bus.request(createFlow, { ...actor, settings: { name: `Flow ${randomUUID()}`, ...settings }, data });
const may = ({ principal, ...rest }: Actor, permissions: Permission[]): Actor => ({
  ...rest,
  principal: { ...principal, permissions },
});
/** The actor with what it may do in the other team. */
const to = ({ principal, ...rest }: Actor, target: Actor, more: object = {}) => {
  const { teamId, permissions } = target.principal;
  return { ...rest, principal: { ...principal, other: { teamId, permissions, ...more } }, toTeamId: teamId };
};
const tenantOf = ({ principal: { organisationId, teamId } }: Actor) => ({ organisationId, teamId });
const resolve = (actor: Actor, flow: string) => bus.request(resolveFlow, { ...tenantOf(actor), flow });
/** As an executor sends it. */
const getFileForRun = { ...getFile, from: [EXECUTOR_RUNNER] };
const unknown = { code: 'FLOW_UNKNOWN' };
const denied = (permission: Permission) => ({ code: 'PERMISSION_DENIED', details: { permission } });
const endedRoles = async (objectId: string): Promise<DeletedObject[]> => {
  const { rows } = await admin.query<{ payload: string }>(
    `select payload from outbox where subject = $1 and payload like '%' || $2 || '%'`,
    [endObjectRoles.subject, objectId],
  );
  return rows.map(({ payload }) => JSON.parse(payload) as DeletedObject);
};

describe('a flow that is moved to another team', () => {
  it('is only there from then on, with its versions, the published one, its files and its webhook', async () => {
    const [from, there] = [aStranger(), aStranger()];
    const { id, name, versionHash } = await create(from, { endpointName: `e-${randomUUID()}` });
    await bus.request(updateFlow, { ...from, flowId: id, settings: { description: 'x' } });
    await bus.request(publishVersion, { ...from, flowId: id, versionHash });
    await bus.request(setAllowedHosts, { ...from, flowId: id, hosts: ['api.example.com'] });
    const tokenHash = createHash('sha256').update(randomUUID()).digest('hex');
    await bus.request(setWebhook, { ...from, flowId: id, webhookId: randomUUID(), tokenHash });
    const file = { ...from, fileName: 'a.txt', flowId: id, ...(await objects.put('content')) };
    const { path } = await bus.request(createFile, file);
    const changed: string[] = [];
    const subscription = bus.subscribe(flowChanged, undefined, ({ flowId, teamId }) => {
      if (flowId === id) changed.push(teamId);
    });

    const moved = await bus.request(moveFlow, { ...to(from, there), flowId: id });
    const { teamId } = there.principal;
    expect(moved).toMatchObject({ files: 1, removedHosts: ['api.example.com'], flow: { id, name, teamId } });
    await waitFor(() => [from, there].every((one) => changed.includes(one.principal.teamId)));
    subscription.unsubscribe();
    await expect(resolve(from, id)).rejects.toMatchObject(unknown);
    expect((await resolve(there, id)).release.versions[0]?.versionHash).toBe(versionHash);
    const { items } = await bus.request(listVersions, {
      ...tenantOf(there),
      flowId: id,
      page: { limit: 50 },
    });
    expect(items.find((one) => one.isPublished)?.versionHash).toBe(versionHash);
    expect((await bus.request(getFile, { ...tenantOf(there), path })).path).toBe(path);
    await expect(bus.request(getFile, { ...tenantOf(from), path })).rejects.toMatchObject({
      code: 'FILE_UNKNOWN',
    });
    // A run that was submitted before goes on there with the files of its flow, and with those of no other one.
    const ofRun = { ...tenantOf(from), runFlowId: id, path };
    expect((await bus.request(getFileForRun, ofRun)).path).toBe(path);
    for (const [request, asked] of [
      [getFile, ofRun],
      [getFileForRun, { ...ofRun, runFlowId: undefined }],
      [getFileForRun, { ...ofRun, runFlowId: (await create(from)).id }],
      [getFileForRun, { ...ofRun, ...tenantOf(aStranger()) }],
    ] as const)
      await expect(bus.request(request, asked)).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
    expect((await bus.request(findWebhook, { tokenHash })).webhook).toMatchObject({ flowId: id, teamId });
    // To hosts that the former team has allowed, secrets of the new one are not sent.
    expect((await bus.request(getAllowedHosts, { ...tenantOf(there), flowId: id })).hosts).toEqual([]);
    // Runs that were submitted before are pinned to their version.
    const plan = { ...tenantOf(from), flowId: id, versionHash };
    expect((await bus.request(getPlan, plan)).flowName).toBe(name);
    expect(await endedRoles(id)).toMatchObject([{ ...tenantOf(from), level: 'flow', objectId: id }]);

    const events = (await told(id)).filter(({ action }) => action === 'flow.move');
    const teams = { from: from.principal.teamId, to: teamId };
    expect(events.map((event) => [event.teamId, event.detail])).toEqual(
      [teams.from, teams.to].map((of) => [
        of,
        { ...teams, removedHosts: ['api.example.com'], webhook: 'moved' },
      ]),
    );
  });

  it('names the variables that the team lacks, and is exported without the file of the former team', async () => {
    const [from, there] = [aStranger(), aStranger()];
    const variable = 'GREETING_OF_TEAM';
    const file = aFlow('Reads')
      .node('TextInput', {
        id: 'TextInput-1',
        fields: { input_value: variable },
        template: { input_value: { load_from_db: true } },
      })
      .chatOutput()
      .build();
    const flow = await bus.request(createFlow, {
      ...from,
      settings: { name: 'Reads' },
      data: { inline: JSON.stringify(file.data) },
    });
    const { flow: moved } = await bus.request(moveFlow, { ...to(from, there), flowId: flow.id });
    expect(moved.problems).toContainEqual(expect.objectContaining({ code: 'VARIABLE_MISSING', variable }));
    const { rows } = await admin.query('select source_id from flow where id = $1', [flow.id]);
    expect(rows).toEqual([{ source_id: null }]);
    await bus.request(getFlowSource, { ...there, flowId: flow.id });
  });

  it('goes into the project that is named, if that is one of the new team', async () => {
    const [from, there] = [aStranger(), aStranger()];
    const { id } = await create(from);
    const own = await bus.request(createProject, { ...from, name: 'Own' });
    await expect(
      bus.request(moveFlow, { ...to(from, there), flowId: id, projectId: own.id }),
    ).rejects.toMatchObject({ code: 'PROJECT_UNKNOWN' });
    const project = await bus.request(createProject, { ...there, name: 'Theirs' });
    const { flow } = await bus.request(moveFlow, { ...to(from, there), flowId: id, projectId: project.id });
    expect(flow.projectId).toBe(project.id);
  });

  it('needs the right to delete it here and to write there; with a published version also to publish in both', async () => {
    const [from, there] = [aStranger(), aStranger()];
    const { id, versionHash } = await create(from);
    const move = (actor: Actor, target: Actor, more: object = {}) =>
      bus.request(moveFlow, { ...to(actor, target, more), flowId: id });
    await expect(move(may(from, ['flow:read']), there)).rejects.toMatchObject(denied('flow:write'));
    await expect(move(from, may(there, ['flow:read', 'flow:run']))).rejects.toMatchObject(
      denied('flow:write'),
    );
    const shared: ObjectGrant = {
      level: 'flow',
      objectId: id,
      permissions: ['flow:read', 'flow:write'],
      ownRuns: true,
    };
    const byShare: Actor = { ...from, principal: { ...from.principal, permissions: [], objects: [shared] } };
    await expect(move(byShare, there)).rejects.toMatchObject(denied('flow:write'));
    // What a caller may do in one team says nothing about another one.
    const elsewhere = { ...to(from, aStranger()), toTeamId: there.principal.teamId };
    await expect(bus.request(moveFlow, { ...elsewhere, flowId: id })).rejects.toMatchObject(
      denied('flow:write'),
    );
    await bus.request(publishVersion, { ...from, flowId: id, versionHash });
    const editor: Permission[] = ['flow:read', 'flow:write'];
    await expect(move(may(from, editor), there)).rejects.toMatchObject(denied('flow:publish'));
    await expect(move(from, may(there, editor))).rejects.toMatchObject(denied('flow:publish'));
    await expect(move(from, from)).rejects.toMatchObject({ code: 'MOVE_REFUSED' });
    await move(from, there);
    await expect(move(from, there)).rejects.toMatchObject(unknown);
  });

  it('lets nobody run it or read its files who could not do so before', async () => {
    const [from, there] = [aStranger(), aStranger()];
    const { id } = await create(from);
    const move = (has: Permission[], target: Permission[]) =>
      bus.request(moveFlow, { ...to(may(from, has), may(there, target)), flowId: id });
    const writer: Permission[] = ['flow:read', 'flow:write', 'project:read'];
    await expect(move(writer, [...writer, 'flow:run'])).rejects.toMatchObject(denied('flow:run'));
    await expect(move([...writer, 'flow:run'], [...writer, 'flow:run', 'file:read'])).rejects.toMatchObject(
      denied('file:read'),
    );
    const shared: ObjectGrant = { level: 'flow', objectId: id, permissions: ['flow:run'], ownRuns: true };
    const own: ObjectGrant = { level: 'flow', objectId: id, permissions: writer };
    const both = { ...from, principal: { ...from.principal, permissions: [], objects: [shared, own] } };
    const asked = { ...to(both, may(there, [...writer, 'flow:run'])), flowId: id };
    await expect(bus.request(moveFlow, asked)).rejects.toMatchObject(denied('flow:run'));
    await move(writer, writer);
  });

  it('is refused where its name or its endpoint name is taken, and while it is locked', async () => {
    const [from, there] = [aStranger(), aStranger()];
    const endpointName = `e-${randomUUID()}`;
    const { id, name } = await create(from, { endpointName });
    const move = () => bus.request(moveFlow, { ...to(from, there), flowId: id });
    const same = await create(there, { name });
    await expect(move()).rejects.toMatchObject({ code: 'FLOW_NAME_TAKEN' });
    await bus.request(updateFlow, {
      ...there,
      flowId: same.id,
      settings: { name: 'another', endpointName },
    });
    await expect(move()).rejects.toMatchObject({ code: 'ENDPOINT_TAKEN' });
    await bus.request(updateFlow, { ...there, flowId: same.id, settings: { endpointName: null } });
    await bus.request(updateFlow, { ...from, flowId: id, settings: { locked: true } });
    await expect(move()).rejects.toMatchObject({ code: 'FLOW_LOCKED' });
    expect((await resolve(from, endpointName)).flowId).toBe(id);
    await bus.request(updateFlow, { ...from, flowId: id, settings: { locked: false } });
    await move();
    expect((await resolve(there, endpointName)).flowId).toBe(id);
  });

  it('moves to one of two teams that want each other’s flows at the same time, without waiting for ever', async () => {
    const [a, b] = [aStranger(), aStranger()];
    const flows = await Promise.all([create(a), create(b), create(a), create(b)]);
    const moves = flows.map(({ id }, at) =>
      bus.request(moveFlow, { ...(at % 2 === 0 ? to(a, b) : to(b, a)), flowId: id }),
    );
    expect((await Promise.all(moves)).map(({ flow }) => flow.id)).toEqual(flows.map(({ id }) => id));
  });
});

describe('a project that is moved to another team', () => {
  it('takes all its flows along, or none of them', async () => {
    const [from, there] = [aStranger(), aStranger()];
    const project = await bus.request(createProject, { ...from, name: `P ${randomUUID()}` });
    const flows = [await create(from), await create(from)];
    for (const { id } of flows)
      await bus.request(updateFlow, { ...from, flowId: id, settings: { projectId: project.id } });
    const endpointName = `e-${randomUUID()}`;
    await bus.request(updateFlow, { ...from, flowId: flows[1]?.id ?? '', settings: { endpointName } });
    const other = await create(there, { endpointName });
    const move = (actor = from, target = there) =>
      bus.request(moveProject, { ...to(actor, target), projectId: project.id });
    await expect(move()).rejects.toMatchObject({ code: 'ENDPOINT_TAKEN' });
    for (const { id } of flows) expect((await resolve(from, id)).projectId).toBe(project.id);
    await bus.request(updateFlow, { ...there, flowId: other.id, settings: { endpointName: null } });
    await expect(move(may(from, ['project:write']))).rejects.toMatchObject(denied('flow:write'));
    await expect(move(from, may(there, ['flow:write']))).rejects.toMatchObject(denied('project:write'));

    expect(await move()).toMatchObject({ flows: 2 });
    for (const { id } of flows) expect((await resolve(there, id)).projectId).toBe(project.id);
    expect(await bus.request(getProject, { ...tenantOf(there), projectId: project.id })).toMatchObject({
      name: project.name,
    });
    const tellings = (await told(project.id)).filter(({ action }) => action === 'project.move');
    expect(tellings.map(({ teamId }) => teamId)).toEqual([from.principal.teamId, there.principal.teamId]);
    expect((await endedRoles(project.id)).map(({ level }) => level)).toEqual(['project']);
  });

  it('is refused where a project has its name', async () => {
    const [from, there] = [aStranger(), aStranger()];
    const name = `P ${randomUUID()}`;
    const [project] = [
      await bus.request(createProject, { ...from, name }),
      await bus.request(createProject, { ...there, name }),
    ];
    await expect(
      bus.request(moveProject, { ...to(from, there), projectId: project.id }),
    ).rejects.toMatchObject({ code: 'PROJECT_NAME_TAKEN' });
  });
});

it('nobody moves a flow with the rights of another team only', async () => {
  const { id } = await create(anActor());
  const stranger = aStranger();
  await expect(bus.request(moveFlow, { ...to(stranger, anActor()), flowId: id })).rejects.toMatchObject(
    unknown,
  );
});
