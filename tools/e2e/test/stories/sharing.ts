import { randomUUID } from 'node:crypto';
import { waitFor } from '@causeway/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Api, chatText } from '../support/api.js';
import { causewayCli } from '../support/cli.js';
import { echoFlow, memoryFlow, variableFlow } from '../support/flows.js';
import { newAccount } from '../support/service-account.js';
import type { Stack } from '../support/stack.js';

interface Named {
  readonly id: string;
  readonly name: string;
}
interface Team extends Named {
  /** Its owner. */
  readonly owner: Api;
}

/** A second, and additional time for a busy machine. */
const WITHIN_MS = 5_000;

/** Flows that a team shares with another one. */
export function sharingStories({ api }: Stack): void {
  let [ours, theirs]: [Team, Team] = [] as never;
  /** A program of the team with which flows are shared. */
  let caller: Api;

  const newTeam = async (): Promise<Team> => {
    const team = await api.ask<Named>('POST', '/api/platform/v1/teams', {
      body: { name: `Team ${randomUUID()}` },
    });
    return { ...team, owner: (await newAccount(api, team.id, 'owner')).api };
  };
  const share = (flowId: string, role: string, subject: object = { kind: 'team', id: theirs.id }) =>
    ours.owner.ask<Named>('POST', '/api/platform/v1/role-bindings', {
      body: { subject, role, level: 'flow', objectId: flowId },
    });
  const newFlow = (file: object = echoFlow(`Shared ${randomUUID()}`)) => ours.owner.importFlow(file);
  const codeOf = async (asked: Promise<{ status: number; json(): { code: string } }>) => {
    const answer = await asked;
    return answer.status < 300 ? 'done' : answer.json().code;
  };

  beforeAll(async () => {
    [ours, theirs] = [await newTeam(), await newTeam()];
    caller = (await newAccount(theirs.owner, theirs.id, 'runner')).api;
  });

  describe('a flow that is shared with a team', () => {
    test('is listed with the team that owns it, and runs with the variables of that team, in its project', async () => {
      const name = `V${randomUUID().replaceAll('-', '')}`;
      for (const { owner, name: value } of [ours, theirs])
        await owner.ask('POST', '/api/v1/variables', {
          body: { name, value: `of ${value}`, type: 'Generic', default_fields: [] },
        });
      const flow = await newFlow(variableFlow(name, `Shared ${randomUUID()}`));
      expect((await caller.run(flow.id)).json().code).toBe('FLOW_UNKNOWN');
      await share(flow.id, 'runner');
      await waitFor(async () => (await caller.run(flow.id)).status === 200, { timeoutMs: WITHIN_MS });
      const run = await caller.run(flow.id);
      expect(chatText(run)).toBe(`of ${ours.name}`);
      const listed = await caller.ask<{ items: object[] }>('GET', '/api/platform/v1/shared-flows');
      expect(listed.items).toMatchObject([
        {
          id: flow.id,
          name: flow.name,
          team: { id: ours.id, name: ours.name },
          by: [{ role: 'runner', sharedWith: { id: theirs.id, name: theirs.name } }],
        },
      ]);
      const runs = async (by: Api, query = '') =>
        (await by.ask<{ items: Named[] }>('GET', `/api/platform/v1/runs${query}`)).items.map(({ id }) => id);
      expect(await runs(ours.owner)).toContain(run.runId);
      expect(await runs(caller)).not.toContain(run.runId);
      expect(await runs(caller, `?flow_id=${flow.id}`)).toContain(run.runId);
      const events = await ours.owner.ask<{ items: { action: string }[] }>(
        'GET',
        `/api/platform/v1/audit/events?object_id=${flow.id}`,
      );
      expect(events.items.map(({ action }) => action)).toContain('flow.create');
    });

    test('shows its callers their own runs and no others, and nothing else of its team', async () => {
      const [flow, other] = [await newFlow(), await newFlow()];
      const other2 = (await newAccount(theirs.owner, theirs.id, 'runner')).api;
      const { id: bindingId } = await share(flow.id, 'runner');
      await waitFor(async () => (await caller.run(flow.id)).status === 200, { timeoutMs: WITHIN_MS });
      const mine = (await caller.run(flow.id, { input_value: 'mine' })).runId ?? '';
      const foreign = [
        (await ours.owner.run(flow.id, { input_value: 'a' })).runId,
        (await other2.run(flow.id, { input_value: 'b' })).runId,
      ];
      expect(await caller.getRun(mine)).toMatchObject({ status: 'succeeded' });
      const events = await caller.send('GET', `/api/platform/v1/runs/${mine}/events`);
      expect(events.text).toContain('run.succeeded');
      for (const runId of foreign)
        for (const [method, path] of [
          ['GET', ''],
          ['GET', '/events'],
          ['POST', '/cancel'],
        ] as const)
          expect([path, await codeOf(caller.send(method, `/api/platform/v1/runs/${runId}${path}`))]).toEqual([
            path,
            'RUN_UNKNOWN',
          ]);
      const { items } = await caller.ask<{ items: Named[] }>(
        'GET',
        `/api/platform/v1/runs?flow_id=${flow.id}&limit=500`,
      );
      expect(items.some(({ id }) => foreign.includes(id))).toBe(false);
      expect((await caller.ask<Named>('GET', `/api/v1/flows/${flow.id}`)).name).toBe(flow.name);
      expect(await codeOf(caller.send('GET', `/api/v1/flows/${other.id}`))).toBe('FLOW_UNKNOWN');
      expect(await codeOf(caller.run(other.id))).toBe('FLOW_UNKNOWN');
      for (const [method, path] of [
        ['PATCH', `/api/v1/flows/${flow.id}`],
        ['GET', `/api/v1/monitor/messages?flow_id=${flow.id}`],
        ['GET', `/api/v1/files/list/${flow.id}`],
        ['GET', `/api/platform/v1/role-bindings?flow_id=${flow.id}`],
      ] as const)
        expect([
          path,
          await codeOf(caller.send(method, path, { ...(method === 'PATCH' && { body: {} }) })),
        ]).toEqual([path, 'PERMISSION_DENIED']);
      await ours.owner.ask('DELETE', `/api/platform/v1/role-bindings/${bindingId}`);
      await waitFor(async () => (await caller.run(flow.id)).status === 404, { timeoutMs: WITHIN_MS });
      expect(await codeOf(caller.send('GET', `/api/platform/v1/runs/${mine}`))).toBe('RUN_UNKNOWN');
    });

    test('keeps the chats and files of its team from callers of the other one, whatever their request names', async () => {
      const flow = await newFlow(memoryFlow(`Memory ${randomUUID()}`));
      const session = `s ${randomUUID()}`;
      await ours.owner.run(flow.id, { input_value: 'our secret', session_id: session });
      await share(flow.id, 'runner');
      const prompts = async (by: Api, body: object): Promise<string> => {
        await waitFor(async () => (await by.run(flow.id, { input_value: 'x' })).status === 200, {
          timeoutMs: WITHIN_MS,
        });
        return chatText(await by.run(flow.id, body)) ?? '';
      };
      const asked = { input_value: 'what was said?', session_id: session };
      expect(await prompts(ours.owner, asked)).toContain('our secret');
      expect(await prompts(caller, asked)).not.toContain('our secret');
      const tweaked = { ...asked, session_id: 'another', tweaks: { 'Memory-1': { session_id: session } } };
      expect(await prompts(caller, tweaked)).not.toContain('our secret');
      // A chat of its own goes on.
      await caller.run(flow.id, { input_value: 'their word', session_id: 'own' });
      const again = await caller.run(flow.id, { input_value: 'and?', session_id: 'own' });
      expect(chatText(again)).toContain('their word');
      expect(again.json<{ session_id: string }>().session_id).toBe('own');
    });

    test('is explained, and is given by nobody who has less, to no whole team and not to its own', async () => {
      const flow = await newFlow();
      await share(flow.id, 'viewer');
      const query = `team_id=${ours.id}&flow_id=${flow.id}`;
      const access = await caller.ask<{
        team: Named;
        permissions: { permission: string; allowed: boolean; by: object[] }[];
      }>('GET', `/api/platform/v1/access?${query}`);
      expect(access.team).toMatchObject({ name: ours.name });
      expect(access.permissions.find(({ permission }) => permission === 'flow:read')).toEqual({
        permission: 'flow:read',
        allowed: true,
        by: [{ role: 'viewer', level: 'flow', sharedWith: { id: theirs.id, name: theirs.name } }],
      });
      expect(access.permissions.find(({ permission }) => permission === 'flow:run')?.allowed).toBe(false);
      const here = await ours.owner.ask<{ items: { subject: object }[] }>(
        'GET',
        `/api/platform/v1/role-bindings?${query}`,
      );
      expect(here.items.map(({ subject }) => subject)).toContainEqual({
        kind: 'team',
        id: theirs.id,
        name: theirs.name,
      });
      const editor = (await newAccount(ours.owner, ours.id, 'editor')).api;
      const post = (by: Api, body: object) =>
        codeOf(by.send('POST', '/api/platform/v1/role-bindings', { body }));
      const body = { subject: { kind: 'team', id: theirs.id }, level: 'flow', objectId: flow.id };
      expect(await post(editor, { ...body, role: 'viewer' })).toBe('PERMISSION_DENIED');
      expect(await post(caller, { ...body, role: 'viewer', teamId: ours.id })).toBe('PERMISSION_DENIED');
      const admin = (await newAccount(ours.owner, ours.id, 'admin', { place: { flowId: flow.id } })).api;
      expect(await post(admin, { ...body, role: 'owner' })).toBe('done');
      const whole = { subject: body.subject, role: 'viewer', level: 'team', objectId: ours.id };
      expect(await post(ours.owner, whole)).toBe('SHARE_REFUSED');
      expect(
        await post(ours.owner, { ...body, role: 'viewer', subject: { kind: 'team', id: ours.id } }),
      ).toBe('SHARE_REFUSED');
      expect(
        await post(ours.owner, { ...body, role: 'viewer', subject: { kind: 'team', id: randomUUID() } }),
      ).toBe('SUBJECT_UNKNOWN');
    });

    test('is shared, listed, run and ended on the command line', async () => {
      const flow = await newFlow();
      const cli = async (by: Api, ...args: string[]): Promise<string> => {
        const { code, stdout, stderr } = await causewayCli(by, args);
        if (code !== 0) throw new Error(stderr);
        return stdout;
      };
      expect(
        await cli(ours.owner, 'flows', 'share', flow.name, '--with', theirs.name, '--role', 'runner'),
      ).toContain(`is shared with team ${theirs.name} as runner`);
      await waitFor(async () => (await caller.run(flow.id)).status === 200, { timeoutMs: WITHIN_MS });
      expect(await cli(caller, 'flows')).toMatch(new RegExp(`${flow.name} .*team ${ours.name}`));
      expect(await cli(caller, 'run', flow.name, '--input', 'hello')).toContain('hello');
      expect(await cli(ours.owner, 'flows', 'shares', flow.name)).toMatch(
        new RegExp(`${theirs.name} +team +runner`),
      );
      expect(await cli(ours.owner, 'flows', 'unshare', flow.name, '--with', theirs.name)).toContain(
        'any more',
      );
      const gone = await causewayCli(ours.owner, ['flows', 'unshare', flow.name, '--with', theirs.name]);
      expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('it is shared with nobody')]);
      await waitFor(async () => (await caller.run(flow.id)).status === 404, { timeoutMs: WITHIN_MS });
    });
  });

  describe('a flow that is moved to another team', () => {
    test('is that team’s, keeps its history where it was made, and takes no roles along', async () => {
      const flow = await api.importFlow(echoFlow(`Moved ${randomUUID()}`));
      const before = (await api.run(flow.id, { input_value: 'before' })).runId ?? '';
      await api.ask('POST', '/api/platform/v1/role-bindings', {
        body: {
          subject: { kind: 'team', id: ours.id },
          role: 'runner',
          level: 'flow',
          objectId: flow.id,
        },
      });
      const ofOurs = (await newAccount(ours.owner, ours.id, 'runner')).api;
      await waitFor(async () => (await ofOurs.run(flow.id)).status === 200, { timeoutMs: WITHIN_MS });
      expect(await codeOf(caller.run(flow.id))).toBe('FLOW_UNKNOWN');

      const { code, stdout, stderr } = await causewayCli(api, [
        'flows',
        'move',
        flow.name,
        '--to-team',
        theirs.name,
      ]);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain(`belongs to team ${theirs.name}`);
      await waitFor(async () => (await caller.run(flow.id)).status === 200, { timeoutMs: WITHIN_MS });
      expect(await codeOf(api.run(flow.id))).toBe('FLOW_UNKNOWN');
      expect(await api.getRun(before)).toMatchObject({ status: 'succeeded' });
      expect(await codeOf(caller.send('GET', `/api/platform/v1/runs/${before}`))).toBe('RUN_UNKNOWN');
      await waitFor(async () => (await ofOurs.run(flow.id)).status === 404, { timeoutMs: WITHIN_MS });
      const unknown = await api.send('POST', `/api/platform/v1/flows/${flow.id}/move`, {
        body: { teamId: randomUUID() },
      });
      expect(unknown.json().code).toBe('TEAM_UNKNOWN');
    });
  });

  describe('a team that is deleted', () => {
    test('ends with its keys, accounts and flows, but not unless who deletes it names it', async () => {
      const team = await newTeam();
      const flow = await team.owner.importFlow(echoFlow(`Doomed ${randomUUID()}`));
      expect((await team.owner.run(flow.id)).status).toBe(200);
      await team.owner.ask('POST', '/api/v1/variables', {
        body: { name: 'DOOMED', value: 'x', type: 'Generic', default_fields: [] },
      });
      const remove = (...more: string[]) => causewayCli(api, ['teams', 'delete', team.name, ...more]);
      for (const more of [[], ['--confirm', 'another']]) {
        const refused = await remove(...more);
        expect([refused.code, refused.stderr]).toEqual([
          1,
          expect.stringContaining('holds 1 flow, 1 variable, 1 service account, 1 key'),
        ]);
      }
      expect((await team.owner.run(flow.id)).status).toBe(200);
      const { code, stderr } = await remove('--confirm', team.name);
      expect([code, stderr]).toEqual([0, '']);
      await waitFor(async () => (await team.owner.run(flow.id)).status === 403, { timeoutMs: WITHIN_MS });
      const teams = await api.ask<{ items: Named[] }>('GET', '/api/platform/v1/teams?limit=500');
      expect(teams.items.map(({ id }) => id)).not.toContain(team.id);
      const events = async (action: string) =>
        (
          await api.ask<{ items: { object: Named }[] }>(
            'GET',
            `/api/platform/v1/audit/events?scope=organisation&limit=500&action=${action}`,
          )
        ).items.map(({ object }) => object.id);
      await waitFor(async () => (await events('flow.delete')).includes(flow.id), { timeoutMs: WITHIN_MS });
      expect(await events('team.delete')).toContain(team.id);
      expect(await events('run.finish')).toContain(flow.id);
      // Its name is free again.
      await api.ask('POST', '/api/platform/v1/teams', { body: { name: team.name } });
    });
  });
}
