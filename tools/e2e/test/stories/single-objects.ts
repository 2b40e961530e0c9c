import { randomUUID } from 'node:crypto';
import { permissionsAt, permissionsOfRole } from '@causeway/authz';
import type { Grant, Level, Permission } from '@causeway/contracts';
import { aFlow, waitFor } from '@causeway/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Api, chatText } from '../support/api.js';
import { causewayCli } from '../support/cli.js';
import { chatFlow, echoFlow, shapeOf } from '../support/flows.js';
import { type SentEvent, sentEvents } from '../support/frames.js';
import { chosenSeed, seededNumbers } from '../support/seeded.js';
import { newAccount } from '../support/service-account.js';
import type { Stack } from '../support/stack.js';

interface Named {
  readonly id: string;
  readonly name: string;
}
interface FlowIn extends Named {
  readonly projectId: string;
  /** A run of it. */
  readonly runId: string;
}

/** A second, and additional time for a busy machine. */
const WITHIN_MS = 5_000;
/** An error as it would be for any object: without its ids. */
const errorOf = ({ status, text }: Answer): string =>
  `${status} ${text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')}`;

/** Roles for single projects and flows. */
export function singleObjectStories({ api, provider }: Stack): void {
  const organisationId = '00000000-0000-4000-8000-000000000001';
  let team: Named;
  let owner: Api;
  let projects: Named[];
  let flows: FlowIn[];

  const account = (role: string, place: object = {}) => newAccount(api, team.id, role, { place });
  const give = (id: string, role: string, level: Level, objectId: string): Promise<Named> =>
    api.ask('POST', '/api/platform/v1/role-bindings', {
      body: {
        subject: { kind: 'service_account', id },
        role,
        level,
        objectId,
        ...(level !== 'team' && { teamId: team.id }),
      },
    });

  async function makeFlow(projectId: string): Promise<FlowIn> {
    const { data, name } = echoFlow(`Of ${randomUUID()}`);
    const { id } = await owner.ask<Named>('POST', '/api/v1/flows', {
      body: { name, data, folder_id: projectId },
    });
    const { runId = '' } = await owner.run(id, { input_value: 'x' });
    return { id, name, projectId, runId };
  }

  /** Two projects with two flows each. */
  async function makeProjects(): Promise<{ projects: Named[]; flows: FlowIn[] }> {
    const made: { projects: Named[]; flows: FlowIn[] } = { projects: [], flows: [] };
    for (const name of ['Payments', 'Support']) {
      const project = await owner.ask<Named>('POST', '/api/v1/projects', { body: { name } });
      made.projects.push(project);
      for (let n = 0; n < 2; n++) made.flows.push(await makeFlow(project.id));
    }
    return made;
  }

  beforeAll(async () => {
    team = await api.ask('POST', '/api/platform/v1/teams', { body: { name: `Single ${randomUUID()}` } });
    owner = (await account('owner')).api;
    ({ projects, flows } = await makeProjects());
  }, 120_000);

  describe('a role for one flow', () => {
    test('N30: opens, runs and lists that flow and its runs, and no other', async () => {
      const [flow, other] = flows as [FlowIn, FlowIn];
      const runner = (await account('runner', { flowId: flow.id })).api;
      expect(await runner.ask('GET', `/api/v1/flows/${flow.id}`)).toMatchObject({ name: flow.name });
      const run = await runner.run(flow.name, { input_value: 'mine' });
      expect(run.status).toBe(200);
      expect((await runner.send('POST', `/api/v1/run/${flow.id}?stream=true`, { body: {} })).text).toContain(
        '"end"',
      );
      const listed = await runner.ask<Named[]>('GET', '/api/v1/flows/?get_all=true&header_flows=true');
      expect(listed.map(({ id }) => id)).toEqual([flow.id]);
      const { items } = await runner.ask<{ items: { flowId: string }[] }>('GET', '/api/platform/v1/runs');
      expect(new Set(items.map(({ flowId }) => flowId))).toEqual(new Set([flow.id]));
      expect(await runner.getRun(run.runId ?? '')).toMatchObject({ status: 'succeeded' });
      const events = await runner.send('GET', `/api/platform/v1/runs/${run.runId}/events`);
      expect(events.text).toContain('run.succeeded');
      expect((await runner.send('GET', `/api/platform/v1/runs/${other.runId}`)).status).toBe(404);
      expect((await runner.run(other.id)).json().code).toBe('FLOW_UNKNOWN');
      expect((await runner.run(other.name)).json().detail).toContain(other.name);
      const denied = await runner.send('PATCH', `/api/v1/flows/${flow.id}`, { body: { description: 'x' } });
      expect([denied.status, denied.json().code]).toEqual([403, 'PERMISSION_DENIED']);
      for (const path of ['/api/v1/variables', '/api/v2/files', '/api/platform/v1/audit/events'])
        expect([path, (await runner.send('GET', path)).status]).toEqual([path, 403]);
    });

    test('N30: opens its chats and its files, and no other, and a viewer changes none of them', async () => {
      const [flow, other] = flows as [FlowIn, FlowIn];
      const runner = (await account('runner', { flowId: flow.id })).api;
      const viewer = (await account('viewer', { projectId: flow.projectId })).api;
      const sessions = [`mine ${randomUUID()}`, `other ${randomUUID()}`] as const;
      await owner.run(flow.id, { input_value: 'hello', session_id: sessions[0] });
      await owner.run(flows[2]?.id ?? '', { input_value: 'secret', session_id: sessions[1] });
      const textsOf = async (reader: Api): Promise<string[]> =>
        (await reader.ask<{ text: string }[]>('GET', '/api/v1/monitor/messages')).map(({ text }) => text);
      for (const reader of [runner, viewer]) {
        const texts = await textsOf(reader);
        expect([texts.includes('hello'), texts.includes('secret')]).toEqual([true, false]);
        const listed = await reader.ask<string[]>('GET', '/api/v1/monitor/messages/sessions');
        expect([listed.includes(sessions[0]), listed.includes(sessions[1])]).toEqual([true, false]);
      }
      const session = (id: string): string => `/api/v1/monitor/messages/session/${encodeURIComponent(id)}`;
      expect((await viewer.send('DELETE', session(sessions[0]))).json().code).toBe('PERMISSION_DENIED');
      await runner.send('DELETE', session(sessions[1]));
      const renamed = await runner.send('PATCH', `${session(sessions[1])}?new_session_id=x`);
      expect(renamed.json().code).toBe('SESSION_UNKNOWN');
      expect(await textsOf(owner)).toContain('secret');
      await runner.ask('DELETE', session(sessions[0]));
      expect(await textsOf(runner)).not.toContain('hello');

      const upload = (by: Api, flowId: string) =>
        by.upload(`/api/v1/files/upload/${flowId}`, 'a.png', 'bytes');
      expect((await upload(runner, flow.id)).status).toBe(201);
      expect((await upload(runner, other.id)).json().code).toBe('FLOW_UNKNOWN');
      expect((await upload(viewer, flow.id)).json().code).toBe('PERMISSION_DENIED');
      expect((await upload(owner, other.id)).status).toBe(201);
      expect(
        (await runner.ask<{ files: string[] }>('GET', `/api/v1/files/list/${flow.id}`)).files,
      ).toHaveLength(1);
      const file = (flowId: string): string => `/api/v1/files/download/${flowId}/a.png`;
      expect((await viewer.send('GET', file(flow.id))).text).toBe('bytes');
      expect((await runner.send('GET', file(other.id))).json().code).toBe('FILE_UNKNOWN');
      await runner.send('DELETE', `/api/v1/files/delete/${other.id}/a.png`);
      expect((await owner.send('GET', file(other.id))).status).toBe(200);
    });

    test('N23: brings nothing out of other flows: no secrets behind masks, no files, no ids, no further rights', async () => {
      const [project, other] = projects as [Named, Named];
      const secret = `key of ${randomUUID()}`;
      const file = chatFlow(`Secret ${randomUUID()}`);
      const field = file.data.nodes[2]?.data.node.template['api_key'];
      if (typeof field === 'object') field.value = secret;
      const { id: hidden, name } = await owner.importFlow(file);
      await owner.ask('PATCH', `/api/v1/flows/${hidden}`, { body: { folder_id: other.id } });
      const masked = await owner.ask<object>('GET', `/api/v1/flows/${hidden}`);
      expect(JSON.stringify(masked)).not.toContain(secret);
      const { id, api: editor } = await account('editor', { projectId: project.id });
      const path = `/api/v1/flows/upload?folder_id=${project.id}`;
      const [copy] = (await editor.upload(path, 'f.json', JSON.stringify(masked))).json<Named[]>();
      const source = await editor.send('GET', `/api/platform/v1/flows/${copy?.id}/source`);
      expect([source.status, source.text.includes(secret)]).toEqual([200, false]);
      expect((await owner.send('GET', `/api/platform/v1/flows/${hidden}/source`)).text).toContain(secret);

      // Flows of one name in another project are not named to somebody who may run none of them.
      for (let n = 0; n < 2; n++) await makeFlow(other.id);
      const { data } = echoFlow();
      const shared = `Shared ${randomUUID()}`;
      for (const folder of [
        other.id,
        (await owner.ask<Named>('POST', '/api/v1/projects', { body: { name: 'Third' } })).id,
      ])
        await owner.ask('POST', '/api/v1/flows', { body: { name: shared, data, folder_id: folder } });
      expect((await owner.run(shared)).json().code).toBe('FLOW_NAME_SHARED');
      expect((await editor.run(shared)).json().code).toBe('FLOW_UNKNOWN');

      // A role in the project to which a flow is moved is none in the one where it is.
      await give(id, 'editor', 'flow', hidden);
      await give(id, 'publisher', 'project', project.id);
      await waitFor(async () => (await editor.send('GET', `/api/v1/flows/${hidden}`)).status === 200);
      const moved = await editor.send('PATCH', `/api/v1/flows/${hidden}`, {
        body: { folder_id: project.id },
      });
      expect([moved.status, moved.json().code]).toEqual([403, 'PERMISSION_DENIED']);
      // What was published runs under its name.
      const [newest] = (
        await owner.ask<{ items: { versionHash: string }[] }>(
          'GET',
          `/api/platform/v1/flows/${hidden}/versions`,
        )
      ).items;
      await owner.ask('PUT', `/api/platform/v1/flows/${hidden}/published-version`, {
        body: { versionHash: newest?.versionHash },
      });
      const renamed = await editor.send('PATCH', `/api/v1/flows/${hidden}`, { body: { name: 'Other' } });
      expect(renamed.json().detail).toContain('flow:publish');
      expect(await owner.ask('GET', `/api/v1/flows/${hidden}`)).toMatchObject({ name });
    });

    test('runs with files of that flow only, when the request names them', async () => {
      const { id: projectId } = projects[0] as Named;
      const { data } = aFlow()
        .node(shapeOf('File'), { id: 'File-1' })
        .node('ChatOutput', { id: 'ChatOutput-1' })
        .edge('File-1', 'message', 'ChatOutput-1', 'input_value')
        .build();
      const make = () =>
        owner.ask<Named>('POST', '/api/v1/flows', {
          body: { name: `F ${randomUUID()}`, data, folder_id: projectId },
        });
      const [own, foreign] = [await make(), await make()];
      for (const { id } of [own, foreign])
        await owner.upload(`/api/v1/files/upload/${id}`, 'a.txt', `text of ${id}`);
      const runner = (await account('runner', { flowId: own.id })).api;
      const runWith = (by: Api, path: string): Promise<Answer> =>
        by.run(own.id, { tweaks: { 'File-1': { path: [path] } } });
      expect((await runWith(runner, `${own.id}/a.txt`)).text).toContain(`text of ${own.id}`);
      expect((await runWith(owner, `${foreign.id}/a.txt`)).text).toContain(`text of ${foreign.id}`);
      const refused = await runWith(runner, `${foreign.id}/a.txt`);
      expect([refused.status < 300, refused.text.includes('text of')]).toEqual([false, false]);
    });

    test('that is publisher sets which version runs use, and an editor cannot change what they answer', async () => {
      const { id: projectId } = projects[0] as Named;
      const flow = await makeFlow(projectId);
      const [editor, publisher] = await Promise.all(
        ['editor', 'publisher'].map(async (role) => (await account(role, { flowId: flow.id })).api),
      );
      const cli = (by: Api | undefined, ...args: string[]) => causewayCli(by as Api, ['flows', ...args]);
      const published = await cli(publisher, 'publish', flow.name);
      expect(published.stdout).toMatch(/^runs of .* use version [0-9a-f]{12}, whatever is saved later/);
      const { data } = aFlow().chatInput().prompt('Changed: {text}').chatOutput().build();
      await editor?.ask('PATCH', `/api/v1/flows/${flow.id}`, { body: { data } });
      const answer = async (): Promise<string | undefined> =>
        chatText(await owner.run(flow.id, { input_value: 'plum' }));
      expect(await answer()).toBe('plum');
      const refused = await cli(editor, 'publish', flow.name);
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('flow:publish')]);
      const listed = await cli(editor, 'versions', flow.name);
      expect(listed.stdout).toMatch(/newest\n[0-9a-f]{12} .* published, used by runs/);
      await cli(publisher, 'publish', flow.name, '--unpublish');
      await waitFor(async () => (await answer()) === 'Changed: plum', { timeoutMs: WITHIN_MS });
    }, 60_000);

    test('ends a moment after it was taken away', async () => {
      const [flow, , other] = flows as [FlowIn, FlowIn, FlowIn];
      const { id, api: reader } = await account('viewer', { flowId: flow.id });
      const binding = await give(id, 'viewer', 'flow', other.id);
      const path = `/api/v1/flows/${other.id}`;
      await waitFor(async () => (await reader.send('GET', path)).status === 200);
      await api.ask('DELETE', `/api/platform/v1/role-bindings/${binding.id}`);
      await waitFor(async () => (await reader.send('GET', path)).status === 404, { timeoutMs: WITHIN_MS });
      expect((await reader.send('GET', `/api/v1/flows/${flow.id}`)).status).toBe(200);
    });

    test('that was taken away ends the stream of a run of that flow, although the reader has another flow', async () => {
      const word = (at: number): string => `word${at} `;
      provider.setScript([
        { reply: { chunks: Array.from({ length: 60 }, (_, at) => word(at)), chunkDelayMs: 200 } },
      ]);
      const slow = await owner.importFlow(chatFlow());
      const { id, api: reader } = await account('viewer', { flowId: (flows[0] as FlowIn).id });
      const binding = await give(id, 'viewer', 'flow', slow.id);
      const { runId = '' } = await owner.run(slow.id, { input_value: 'x' }, { prefer: 'respond-async' });
      const path = `/api/platform/v1/runs/${runId}/events`;
      await waitFor(async () => (await reader.send('GET', `/api/v1/flows/${slow.id}`)).status === 200);
      const events: SentEvent[] = [];
      let takenAtMs: number | undefined;
      for await (const event of sentEvents(await reader.open('GET', path))) {
        events.push(event);
        if (event.event !== 'live.token' || takenAtMs !== undefined) continue;
        await api.ask('DELETE', `/api/platform/v1/role-bindings/${binding.id}`);
        takenAtMs = Date.now();
      }
      expect(Date.now() - (takenAtMs ?? 0)).toBeLessThan(WITHIN_MS);
      expect(events.at(-1)).toMatchObject({ event: 'refused', data: { code: 'RUN_UNKNOWN' } });
      await owner.ask('POST', `/api/platform/v1/runs/${runId}/cancel`);
      provider.setScript([]);
    });

    test('ends with the flow, so that a later flow of its id has none', async () => {
      const { id: projectId } = projects[0] as Named;
      const flow = await makeFlow(projectId);
      const { id, api: reader } = await account('viewer', { flowId: flow.id });
      await give(id, 'viewer', 'flow', (flows[0] as FlowIn).id);
      await owner.ask('DELETE', `/api/v1/flows/${flow.id}`);
      const bindings = async (): Promise<readonly { subject: Named; objectId: string }[]> =>
        (
          await api.ask<{ items: { subject: Named; objectId: string }[] }>(
            'GET',
            `/api/platform/v1/role-bindings?team_id=${team.id}&limit=500`,
          )
        ).items;
      const ofReader = async (): Promise<string[]> =>
        (await bindings()).filter(({ subject }) => subject.id === id).map(({ objectId }) => objectId);
      await waitFor(async () => (await ofReader()).length === 1);
      expect(await ofReader()).toEqual([flows[0]?.id]);
      const { data, name } = echoFlow(flow.name);
      await owner.ask('PUT', `/api/v1/flows/${flow.id}`, { body: { name, data, folder_id: projectId } });
      expect((await reader.send('GET', `/api/v1/flows/${flow.id}`)).status).toBe(404);
    });

    test('can be given by whoever may share that flow, with no more than they have', async () => {
      const [flow, other] = flows as [FlowIn, FlowIn];
      const sharing = `role ${randomUUID()}`;
      const permissions = ['flow:read', 'member:read', 'member:write'];
      await api.ask('PUT', `/api/platform/v1/roles/${sharing}`, { body: { permissions } });
      const sharer = (await account(sharing, { flowId: flow.id })).api;
      const { id } = await account('viewer', { flowId: other.id });
      const body = { subject: { kind: 'service_account', id }, level: 'flow', objectId: flow.id };
      const path = '/api/platform/v1/role-bindings';
      expect((await sharer.send('POST', path, { body: { ...body, role: sharing } })).status).toBe(201);
      expect((await sharer.send('POST', path, { body: { ...body, role: 'viewer' } })).json().code).toBe(
        'ROLE_TOO_WIDE',
      );
      const elsewhere = { ...body, role: sharing, objectId: other.id };
      expect((await sharer.send('POST', path, { body: elsewhere })).json().code).toBe('FLOW_UNKNOWN');
      const inTeam = { ...body, role: sharing, level: 'team', objectId: team.id };
      expect((await sharer.send('POST', path, { body: inTeam })).json().code).toBe('PERMISSION_DENIED');
    });
  });

  describe('a role for one project', () => {
    test('makes, imports, changes and deletes flows there, and nowhere else', async () => {
      // Flows without a project of their own are put into the team's oldest project, which is the other one here.
      const [other, project] = projects as [Named, Named];
      const editor = (await account('editor', { projectId: project.id })).api;
      expect((await editor.ask<Named[]>('GET', '/api/v1/projects')).map(({ id }) => id)).toEqual([
        project.id,
      ]);
      const { data, name } = echoFlow(`New ${randomUUID()}`);
      const make = (folder_id: string | undefined): Promise<Answer> =>
        editor.send('POST', '/api/v1/flows', { body: { name, data, ...(folder_id && { folder_id }) } });
      const made = (await make(project.id)).json<Named>();
      expect((await make(other.id)).json().code).toBe('PROJECT_UNKNOWN');
      expect((await make(undefined)).json().code).toBe('PERMISSION_DENIED');
      expect(
        await editor.ask('PATCH', `/api/v1/flows/${made.id}`, { body: { description: 'new' } }),
      ).toMatchObject({
        description: 'new',
      });
      const moved = await editor.send('PATCH', `/api/v1/flows/${made.id}`, { body: { folder_id: other.id } });
      expect([moved.status, moved.json().code]).toEqual([404, 'PROJECT_UNKNOWN']);
      // The file of a flow that the editor cannot know does not change that flow.
      const foreign = flows.find(({ projectId }) => projectId === other.id) as FlowIn;
      const file = JSON.stringify({ ...echoFlow('Taken'), id: foreign.id });
      const imported = await editor.upload(`/api/v1/flows/upload?folder_id=${project.id}`, 'f.json', file);
      expect(imported.status).toBe(201);
      const [copy] = imported.json<Named[]>();
      expect(copy?.id).not.toBe(foreign.id);
      expect(await owner.ask('GET', `/api/v1/flows/${foreign.id}`)).toMatchObject({ name: foreign.name });
      expect(await editor.ask('DELETE', '/api/v1/flows', { body: [made.id, copy?.id, foreign.id] })).toEqual({
        deleted: 2,
      });
      expect((await owner.send('GET', `/api/v1/flows/${foreign.id}`)).status).toBe(200);
      expect((await editor.send('DELETE', `/api/v1/projects/${other.id}`)).status).toBe(404);
      expect((await editor.send('POST', '/api/v1/projects', { body: { name: 'X' } })).status).toBe(403);
    });
  });

  test('a role that only changes a flow shows nobody the flow: not in lists, not in an export, not by its versions', async () => {
    const [flow, other] = flows as [FlowIn, FlowIn];
    const role = `writes ${randomUUID()}`;
    await api.ask('PUT', `/api/platform/v1/roles/${role}`, { body: { permissions: ['flow:write'] } });
    const writer = await account(role, { flowId: flow.id });
    await give(writer.id, 'viewer', 'flow', other.id);
    const listed = await writer.api.ask<Named[]>('GET', '/api/v1/flows/?get_all=true');
    expect(listed.map(({ id }) => id)).toEqual([other.id]);
    const download = await writer.api.send('POST', '/api/v1/flows/download', { body: [flow.id] });
    expect(errorOf(download)).toContain('FLOW_UNKNOWN');
    for (const path of [`/api/v1/flows/${flow.id}`, `/api/platform/v1/flows/${flow.id}/versions`])
      expect((await writer.api.send('GET', path)).status).toBeOneOf([403, 404]);
    const change = { body: { description: 'by who cannot read it' } };
    expect((await writer.api.send('PATCH', `/api/v1/flows/${flow.id}`, change)).status).toBe(200);
    await api.ask('PUT', `/api/platform/v1/roles/${role} too`, { body: { permissions: ['flow:publish'] } });
    const publisher = await account(`${role} too`, { flowId: flow.id });
    await give(publisher.id, 'editor', 'flow', other.id);
    // Whoever has any role for a flow knows that it is there, and is told what they lack.
    const deleted = await publisher.api.send('DELETE', `/api/v1/flows/${flow.id}`);
    expect(errorOf(deleted)).toContain('PERMISSION_DENIED');
  });

  test('a role in a flow is taken away by whoever may give it: the admin of its project', async () => {
    const [flow] = flows as [FlowIn];
    const { api: admin } = await account('admin', { projectId: flow.projectId });
    const holder = await account('viewer', { flowId: (flows[2] as FlowIn).id });
    const { id } = await admin.ask<Named>('POST', '/api/platform/v1/role-bindings', {
      body: {
        subject: { kind: 'service_account', id: holder.id },
        role: 'viewer',
        level: 'flow',
        objectId: flow.id,
        teamId: team.id,
      },
    });
    const { api: elsewhere } = await account('admin', { projectId: (flows[2] as FlowIn).projectId });
    const path = `/api/platform/v1/role-bindings/${id}`;
    expect(errorOf(await elsewhere.send('DELETE', path))).toContain('BINDING_UNKNOWN');
    expect((await admin.send('DELETE', path)).status).toBe(204);
  });

  test('causeway accounts, members and access say the same from a shell', async () => {
    const cli = (...args: string[]) => causewayCli(owner, args);
    const flow = flows[0] as FlowIn;
    const name = `cli ${randomUUID()}`;
    const made = await cli('accounts', 'create', name, '--role', 'viewer', '--flow', flow.name);
    expect(made.stdout).toContain(`is viewer in flow ${flow.name}`);
    const added = await cli('members', 'add', name, '--account', '--role', 'runner', '--project', 'Support');
    expect(added.stdout).toContain('is runner in project Support');
    const listed = await cli('members', 'list', '--flow', flow.id);
    expect(listed.stdout).toMatch(new RegExp(`${name} +service account +viewer +flow ${flow.id}`));
    expect(listed.stdout).not.toContain((projects[1] as Named).id);
    const access = await cli('access', '--flow', flow.name);
    expect(access.stdout).toMatch(/flow:run +yes +role owner in the team/);
  }, 180_000);

  const seed = chosenSeed();
  test(`N30, N37: in any mixture, decide as libs/authz alone does (CAUSEWAY_SEED=${seed})`, async () => {
    const { projects: places, flows: all } = await makeProjects();
    const [first] = all as [FlowIn];
    const random = seededNumbers(seed);
    const pick = <T>(some: readonly T[]): T => some[Math.floor(random() * some.length)] as T;
    const role = `role ${randomUUID()}`;
    const own: Permission[] = ['flow:run', 'run:cancel'];
    await api.ask('PUT', `/api/platform/v1/roles/${role}`, { body: { permissions: own } });
    const roles = ['viewer', 'runner', 'editor', 'publisher', 'admin', role];
    const somewhere = (): { level: Level; objectId: string } =>
      pick([
        ...all.map(({ id }) => ({ level: 'flow' as const, objectId: id })),
        ...places.map(({ id }) => ({ level: 'project' as const, objectId: id })),
        ...(random() < 0.1 ? [{ level: 'team' as const, objectId: team.id }] : []),
      ]);
    const wrong: string[] = [];
    for (let n = 0; n < 8; n++) {
      const grants: Grant[] = [];
      const holder = await account('viewer', { flowId: first.id });
      const grant = ({ level, objectId }: { level: Level; objectId: string }, name: string): void => {
        const allowed = [...permissionsOfRole(name, own, level)];
        grants.push({ role: name, level, objectId, teamId: team.id, permissions: allowed });
      };
      grant({ level: 'flow', objectId: first.id }, 'viewer');
      for (let more = Math.floor(random() * 4); more > 0; more--) {
        const [place, name] = [somewhere(), pick(roles)];
        if (grants.some(({ role: had, objectId }) => had === name && objectId === place.objectId)) continue;
        await give(holder.id, name, place.level, place.objectId);
        grant(place, name);
      }
      const held = ({ id: flowId, projectId }: FlowIn): Permission[] =>
        permissionsAt(grants, { organisationId, teamId: team.id, projectId, flowId });
      const told = `holder ${n} with ${grants.map((one) => `${one.role} in ${one.level}`).join(', ')}`;
      const acts = (flow: Pick<FlowIn, 'id' | 'runId'>) =>
        [
          ['flow:read', 'GET', `/api/v1/flows/${flow.id}`],
          ['flow:read', 'GET', `/api/platform/v1/flows/${flow.id}/allowed-hosts`],
          ['flow:read', 'GET', `/api/platform/v1/flows/${flow.id}/versions`],
          [
            'flow:publish',
            'PUT',
            `/api/platform/v1/flows/${flow.id}/published-version`,
            { versionHash: null },
          ],
          ['flow:write', 'PATCH', `/api/v1/flows/${flow.id}`, { description: `by ${n}` }],
          ['flow:write', 'GET', `/api/platform/v1/flows/${flow.id}/source`],
          [
            'flow:write',
            'PUT',
            `/api/platform/v1/flows/${flow.id}/allowed-hosts`,
            { hosts: [`h${n}.example`] },
          ],
          ['flow:run', 'POST', `/api/v1/run/${flow.id}`, { input_value: 'x' }],
          ['run:read', 'GET', `/api/platform/v1/runs/${flow.runId}`],
          ['run:cancel', 'POST', `/api/platform/v1/runs/${flow.runId}/cancel`],
        ] as const;
      const ask = (method: string, path: string, body?: object): Promise<Answer> =>
        holder.api.send(method, path, body ? { body } : {});
      const unknown = acts({ id: randomUUID(), runId: randomUUID() });
      for (const flow of all)
        for (const [index, [act, method, path, body]] of acts(flow).entries()) {
          const answer = await ask(method, path, body);
          const may = held(flow);
          const isRight = may.includes(act) ? answer.status < 300 : /^40[34]$/.test(String(answer.status));
          if (!isRight) wrong.push(`${told}: ${act} ${path}: ${errorOf(answer)}`);
          const kind = act.slice(0, act.indexOf(':') + 1);
          if (may.some((one) => one.startsWith(kind))) continue;
          const [, , nowhere = '', none] = unknown[index] ?? [];
          const same = errorOf(await ask(method, nowhere, none));
          if (errorOf(answer) !== same)
            wrong.push(`${told}: ${path} differs from none: ${errorOf(answer)}, ${same}`);
        }
      const visible = all.filter((flow) => held(flow).some((one) => /^flow:(read|write)$/.test(one)));
      const listed = await holder.api.send('GET', '/api/v1/flows/?get_all=true&header_flows=true');
      const ids = listed.status === 403 ? [] : listed.json<Named[]>().map(({ id }) => id);
      const others = ids.filter((id) => !visible.some((flow) => flow.id === id));
      const missing = visible.filter(({ id }) => !ids.includes(id));
      const isInTeam = grants.some(({ level }) => level === 'team');
      if ((others.length > 0 && !isInTeam) || missing.length > 0)
        wrong.push(`${told}: list has ${ids.join()}, not ${visible.map(({ id }) => id).join()}`);
      const runs = await holder.api.send('GET', '/api/platform/v1/runs?limit=500');
      const seen = runs.status === 403 ? [] : runs.json<{ items: { flowId: string }[] }>().items;
      const readable = all.filter((flow) => held(flow).includes('run:read')).map(({ id }) => id);
      const extra = seen.filter(({ flowId }) => !readable.includes(flowId));
      if (extra.length > 0 && !isInTeam)
        wrong.push(`${told}: runs of ${extra.map(({ flowId }) => flowId).join()}`);
    }
    expect(wrong).toEqual([]);
  }, 180_000);
}
