import { randomUUID } from 'node:crypto';
import { builtInRoles } from '@causeway/authz';
import { routes } from '@causeway/contracts';
import type { Route } from '@causeway/contracts';
import { waitFor } from '@causeway/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '../support/api.js';
import { causewayCli } from '../support/cli.js';
import { echoFlow } from '../support/flows.js';
import { foreignOwner } from '../support/foreign-organisation.js';
import { routeTable } from '../support/route-table.js';
import { newAccount } from '../support/service-account.js';
import type { Stack } from '../support/stack.js';

/** A second, and additional time for a busy machine. */
const WITHIN_MS = 5_000;

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Routes that answer in the same way whether there is something or nothing, or that make something new. */
const EMPTY_ANSWERS = new Set([
  'PUT /api/v1/flows/{flowId}',
  'DELETE /api/v1/monitor/messages/session/{sessionId}',
  // An organisation has roles of its own.
  'PUT /api/platform/v1/roles/{role}',
  'DELETE /api/platform/v1/roles/{role}',
  // So it has connections.
  'PUT /api/platform/v1/connections/{connection}',
]);

/** Objects of the first team, by the name of the path parameter that takes their id. */
interface Objects {
  readonly ids: Readonly<Record<string, string>>;
  readonly flowName: string;
}

/** Two teams in one organisation, and what each sees of the other. */
export function teamStories({ api, sql }: Stack): void {
  let team: Named;
  const makeKey = async (role: string): Promise<Api> => (await newAccount(api, team.id, role)).api;
  beforeAll(async () => {
    team = await api.ask<Named>('POST', '/api/platform/v1/teams', { body: { name: `Team ${randomUUID()}` } });
  });

  /** One object of each kind in the team of `api`. */
  async function makeObjects(): Promise<Objects> {
    const flowName = `Secret ${randomUUID()}`;
    const flow = await api.importFlow(echoFlow(flowName));
    const { runId = '' } = await api.run(flow.id, { input_value: 'x', session_id: `of ${flowName}` });
    const project = await api.ask<Named>('POST', '/api/v1/projects', { body: { name: flowName } });
    const variable = await api.ask<Named>('POST', '/api/v1/variables', {
      body: { name: flowName, value: 'x', type: 'Credential' },
    });
    const file = (await api.upload('/api/v2/files', 'a.png', flowName)).json<Named>();
    await api.upload(`/api/v1/files/upload/${flow.id}`, 'a.png', flowName);
    const key = await api.ask<Named>('POST', '/api/v1/api_key', { body: { name: flowName } });
    const own = await api.ask<{ team: Named }>('GET', '/api/platform/v1/access');
    const account = await api.ask<Named>('POST', `/api/platform/v1/teams/${own.team.id}/service-accounts`, {
      body: { name: flowName, role: 'viewer' },
    });
    await api.ask('POST', `/api/platform/v1/service-accounts/${account.id}/keys`, {
      body: { name: flowName },
    });
    const role = `role ${randomUUID()}`;
    await api.ask('PUT', `/api/platform/v1/roles/${role}`, { body: { permissions: ['run:read'] } });
    const bindings = await api.ask<{ items: { id: string; subject: Named }[] }>(
      'GET',
      `/api/platform/v1/role-bindings?team_id=${own.team.id}&limit=500`,
    );
    const [message] = await api.ask<Named[]>('GET', `/api/v1/monitor/messages?flow_id=${flow.id}`);
    return {
      flowName,
      ids: {
        flowId: flow.id,
        flow: flow.id,
        runId,
        projectId: project.id,
        variableId: variable.id,
        fileId: file.id,
        keyId: key.id,
        messageId: message?.id ?? '',
        sessionId: `of ${flowName}`,
        fileName: 'a.png',
        teamId: own.team.id,
        accountId: account.id,
        role,
        bindingId: bindings.items.find(({ subject }) => subject.id === account.id)?.id ?? '',
      },
    };
  }

  /** Everything that `makeObjects` made, as its own team sees it. */
  async function viewOf(ids: Objects['ids']): Promise<string[]> {
    const { items: bindings } = await api.ask<{ items: object[] }>(
      'GET',
      '/api/platform/v1/role-bindings?limit=500',
    );
    const keys = await api.ask<{ api_keys: Named[] }>('GET', '/api/v1/api_key');
    const paths = [
      `/api/v1/flows/${ids['flowId']}`,
      `/api/platform/v1/flows/${ids['flowId']}/allowed-hosts`,
      `/api/platform/v1/flows/${ids['flowId']}/webhook`,
      `/api/platform/v1/runs/${ids['runId']}`,
      `/api/v1/projects/${ids['projectId']}`,
      `/api/v1/monitor/messages?flow_id=${ids['flowId']}`,
      `/api/v1/files/download/${ids['flowId']}/a.png`,
      `/api/v2/files/${ids['fileId']}`,
      '/api/v1/variables',
      '/api/platform/v1/roles',
      `/api/platform/v1/teams/${ids['teamId']}/service-accounts`,
      `/api/platform/v1/service-accounts/${ids['accountId']}/keys`,
    ];
    const texts = await Promise.all(paths.map(async (path) => (await api.send('GET', path)).text));
    return [...texts, JSON.stringify(bindings), ...keys.api_keys.map(({ id, name }) => `${id} ${name}`)];
  }

  describe('a stranger: an owner', () => {
    test.each([
      ['another team', () => makeKey('owner')],
      ['another organisation', () => foreignOwner({ api, sql })],
    ])(
      'N7: of %s finds no object of this team by its id, on any route, and changes none',
      async (_which, enter) => {
        const { ids, flowName } = await makeObjects();
        expect(Object.values(ids)).not.toContain('');
        const before = await viewOf(ids);
        expect(before.join().split(flowName).length).toBeGreaterThan(5);
        const stranger = await enter();
        const answers: string[] = [];
        // SCIM takes no key: the route matrix asks its routes.
        const checked = routes.filter(
          ({ path, permission }) => path.includes('{') && permission !== 'public' && permission !== 'scim',
        );
        for (const route of checked) {
          const path = route.path.replace(/\{(\w+)\}/g, (_all, name: string) =>
            encodeURIComponent(ids[name] ?? randomUUID()),
          );
          const isOwn = route.path.startsWith('/api/platform/');
          const query = isOwn || route.method === 'GET' ? '' : '?name=b.png&new_session_id=taken';
          const type = 'application/x-www-form-urlencoded';
          const asked = {
            body: bodyOf(route),
            ...(route.bodyKind === 'form' && { headers: { 'content-type': type } }),
          };
          const { status, text } = await stranger.send(route.method, path + query, asked);
          // What belongs to the whole organisation is refused before it is looked for.
          const isNothing =
            status === 404 ||
            (status === 403 && text.includes('organisation:write')) ||
            (status === 403 &&
              (isOfOrganisation(route) || route.path.endsWith('/hand-over')) &&
              text.includes('PERMISSION_DENIED')) ||
            (EMPTY_ANSWERS.has(`${route.method} ${route.path}`) && !text.includes(flowName));
          if (!isNothing) answers.push(`${route.method} ${route.path} ${status} ${text.slice(0, 200)}`);
        }
        expect(checked.length).toBeGreaterThan(30);
        expect(answers).toEqual([]);
        expect(await viewOf(ids)).toEqual(before);
      },
    );

    // Teams of one organisation share its roles.
    test.each([
      ['another team', () => makeKey('owner'), ['role']],
      ['another organisation', () => foreignOwner({ api, sql }), []],
    ])(
      'N7, N30: of %s finds none of its objects in any list',
      async (_which, enter, shared: readonly string[]) => {
        const { flowName, ids } = await makeObjects();
        const stranger = await enter();
        const found: string[] = [];
        for (const route of routes) {
          const isList =
            route.method === 'GET' && !route.path.includes('{') && route.produces !== 'text/event-stream';
          if (!isList || route.permission === 'public') continue;
          const { text } = await stranger.send('GET', route.path);
          const own = Object.entries(ids).filter(([name, id]) => id.length > 10 && !shared.includes(name));
          const shown = [flowName, ...own.map(([, id]) => id)].filter((one) => text.includes(one));
          if (shown.length > 0) found.push(`${route.path} ${shown.join()}`);
        }
        expect(found).toEqual([]);
      },
    );

    test('reads only the audit log of its team, and an owner of the organisation reads every one', async () => {
      const stranger = await makeKey('owner');
      const name = `audited ${randomUUID()}`;
      await stranger.ask('POST', '/api/v1/variables', { body: { name, value: 'x', type: 'Generic' } });
      const path = `/api/platform/v1/audit/events?action=variable.create&limit=500&team_id=${team.id}`;
      for (const one of [stranger, api])
        await waitFor(async () => (await one.send('GET', path)).text.includes(name), {
          timeoutMs: WITHIN_MS,
          what: 'the event',
        });
      const own = await api.ask<{ team: Named }>('GET', '/api/platform/v1/access');
      const refused = await stranger.send('GET', `/api/platform/v1/audit/events?team_id=${own.team.id}`);
      expect([refused.status, refused.json().code]).toEqual([404, 'TEAM_UNKNOWN']);
      expect((await api.send('GET', '/api/platform/v1/audit/events?limit=500')).text).not.toContain(name);
      const viewer = await makeKey('viewer');
      const denied = await viewer.send('GET', `/api/platform/v1/audit/events?team_id=${team.id}`);
      expect([denied.status, denied.json().code]).toEqual([403, 'PERMISSION_DENIED']);
    });

    test('nobody gets the answer of a run that somebody else in the team started with the same idempotency key', async () => {
      const [one, other] = [await makeKey('editor'), await makeKey('runner')];
      const { id } = await one.importFlow(echoFlow(randomUUID()));
      const headers = { 'idempotency-key': randomUUID() };
      const first = await one.run(id, { input_value: 'of one' }, headers);
      const second = await other.run(id, { input_value: 'of one' }, headers);
      expect(second.runId).not.toBe(first.runId);
      expect((await one.run(id, { input_value: 'of one' }, headers)).runId).toBe(first.runId);
    });

    test('may use the same names, sessions and idempotency keys', async () => {
      const stranger = await makeKey('owner');
      const name = `Twice ${randomUUID()}`;
      const headers = { 'idempotency-key': randomUUID() };
      const runs = [];
      for (const one of [api, stranger]) {
        const flow = await one.importFlow(echoFlow(name));
        const answer = await one.run(flow.id, { input_value: 'x', session_id: name }, headers);
        expect(answer.status).toBe(200);
        runs.push(answer.runId);
        const messages = await one.ask<object[]>(
          'GET',
          `/api/v1/monitor/messages?session_id=${encodeURIComponent(name)}`,
        );
        expect(messages).toHaveLength(2);
      }
      expect(new Set(runs).size).toBe(2);
    });
  });

  describe('a service account', () => {
    test.each(Object.entries(builtInRoles))(
      'as %s may do in its team what the role allows',
      async (role, held) => {
        const owner = await makeKey('owner');
        const { id } = await owner.importFlow(echoFlow(randomUUID()));
        const one = await makeKey(role);
        const statusOf = async (method: string, path: string, body?: object) =>
          (await one.send(method, path, { body })).status;
        const allowed = (permission: (typeof held)[number]) => held.includes(permission);
        expect(await statusOf('GET', `/api/v1/flows/${id}`)).toBe(allowed('flow:read') ? 200 : 403);
        expect((await one.run(id, { input_value: 'x' })).status).toBe(allowed('flow:run') ? 200 : 403);
        expect(await statusOf('PATCH', `/api/v1/flows/${id}`, { description: role })).toBe(
          allowed('flow:write') ? 200 : 403,
        );
        expect(await statusOf('GET', '/api/platform/v1/audit/events')).toBe(
          allowed('audit:read') ? 200 : 403,
        );
        expect(
          await statusOf('POST', `/api/platform/v1/teams/${team.id}/service-accounts`, {
            name: `n ${randomUUID()}`,
            role: 'viewer',
          }),
        ).toBe(allowed('member:write') ? 201 : 403);
        // These belong to the organisation: no role in a team gives them.
        expect(await statusOf('GET', '/logs')).toBe(403);
        expect(await statusOf('POST', '/api/platform/v1/teams', { name: randomUUID() })).toBe(403);
      },
    );

    test('that loses its role or is disabled has no access any more a moment later', async () => {
      const account = await api.ask<Named>('POST', `/api/platform/v1/teams/${team.id}/service-accounts`, {
        body: { name: `n ${randomUUID()}`, role: 'runner' },
      });
      const { api_key: key } = await api.ask<{ api_key: string }>(
        'POST',
        `/api/platform/v1/service-accounts/${account.id}/keys`,
        { body: {} },
      );
      const one = api.as(key);
      const ask = async () => (await one.send('GET', '/api/v1/flows?header_flows=true')).status;
      expect(await ask()).toBe(200);
      await api.ask('PATCH', `/api/platform/v1/service-accounts/${account.id}`, { body: { disabled: true } });
      await waitFor(async () => (await ask()) === 403, {
        timeoutMs: WITHIN_MS,
        what: 'the account to be disabled',
      });
      expect((await one.send('GET', '/api/v1/flows')).json()).toMatchObject({
        code: 'KEY_UNUSABLE',
        detail: expect.stringContaining('is disabled'),
      });
      await api.ask('PATCH', `/api/platform/v1/service-accounts/${account.id}`, {
        body: { disabled: false },
      });
      await waitFor(async () => (await ask()) === 200, {
        timeoutMs: WITHIN_MS,
        what: 'the account to be enabled',
      });
      const { items } = await api.ask<{ items: { id: string; subject: Named }[] }>(
        'GET',
        `/api/platform/v1/role-bindings?team_id=${team.id}&limit=500`,
      );
      const binding = items.find(({ subject }) => subject.id === account.id);
      await api.ask('DELETE', `/api/platform/v1/role-bindings/${binding?.id}`);
      await waitFor(async () => (await ask()) === 403, { timeoutMs: WITHIN_MS, what: 'the role to be gone' });
    });
  });

  test('causeway teams, accounts, roles, members and access do the same from a shell', async () => {
    const cli = (...args: string[]) => causewayCli(api, args);
    const [name, role, account] = [`Team ${randomUUID()}`, `role ${randomUUID()}`, `n ${randomUUID()}`];
    expect(await cli('teams', 'create', name)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(name),
    });
    expect(await cli('roles', 'set', role, '--permissions', 'flow:read,member:read')).toMatchObject({
      code: 0,
    });
    const made = await cli('accounts', 'create', account, '--team', name, '--role', role);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining(`is ${role} in team ${name}`) });
    const key = (await cli('accounts', 'key', account, '--team', name)).stdout.trim();
    expect(key).toMatch(/^sk-/);
    const access = await cli('--key', key, 'access');
    expect(access.stdout).toContain(`${account} in team ${name}`);
    expect(access.stdout).toMatch(new RegExp(`flow:read +yes +role ${role} in the team`));
    expect(access.stdout).toMatch(/flow:run +no +no role allows it/);
    const members = await cli('--json', 'members', '--team', name);
    const bindings = JSON.parse(members.stdout) as { id: string; role: string; subject: { name: string } }[];
    const binding = bindings.find(({ subject }) => subject.name === account);
    expect(binding).toMatchObject({ role });
    expect(await cli('roles', 'delete', role)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('1 role bindings'),
    });
    expect(await cli('members', 'remove', binding?.id ?? '')).toMatchObject({ code: 0 });
    expect(await cli('roles', 'delete', role)).toMatchObject({ code: 0 });
    const viewer = await cli('members', 'add', account, '--account', '--team', name, '--role', 'viewer');
    expect(viewer.stdout).toContain(`${account} is viewer in team ${name}`);
    const user = await cli(
      'members',
      'add',
      'Administrator',
      '--team',
      name.toUpperCase(),
      '--role',
      'admin',
    );
    expect(user.stdout).toMatch(/^administrator is admin in team /i);
    expect(await cli('members', 'add', account, '--team', name, '--role', 'viewer')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /there is nobody named .+; for a group add --group, for a service account --account/,
      ),
    });
    const elsewhere = await cli('members', 'add', account, '--account', '--role', 'viewer');
    expect(elsewhere.stderr).toContain(`has no service account ${account}`);
    expect((await cli('--key', key, 'run', 'none')).stderr).toContain('the permission flow:run');
    expect((await cli('--key', key, 'flows')).stdout).toBe(`team ${name} has no flows\n`);
    expect((await cli('accounts', 'keys', account, '--team', name)).stdout).toContain(key.slice(0, 8));
    expect(await cli('accounts', 'rename', account, `${account} 2`, '--team', name)).toMatchObject({
      code: 0,
    });
    expect((await cli('accounts', 'list', '--team', name)).stdout).toContain(`${account} 2`);
    expect(await cli('teams', 'rename', 'no such team', 'x')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no team no such team that you may read'),
    });
  });
}

function isOfOrganisation({ method, path }: Route): boolean {
  return /@(organisation|people)$/.test(routeTable[`${method} ${path}`] ?? '');
}

/** A body with which the route is not refused for its body. */
function bodyOf({ method, path, bodyKind }: Route): object | FormData | string | undefined {
  if (method === 'GET' || method === 'DELETE') return undefined;
  if (bodyKind === 'multipart') {
    const form = new FormData();
    form.set('file', new Blob(['x']), 'b.txt');
    return form;
  }
  if (bodyKind === 'form') return 'csrf=x';
  if (path.endsWith('allowed-hosts')) return { hosts: [] };
  if (path.endsWith('published-version')) return { versionHash: null };
  if (path.endsWith('/webhook')) return {};
  if (path.includes('/connections/{') && method === 'PUT')
    return { issuer: 'https://login.example', clientId: 'causeway' };
  if (path.endsWith('/password')) return { login: 'taken', password: 'eleven purple herons argue' };
  if (path.endsWith('/move')) return { teamId: randomUUID() };
  if (path.endsWith('/hand-over')) return { to: randomUUID() };
  if (path.endsWith('/readmit')) return undefined;
  if (path.includes('/users/{')) return { disabled: true };
  if (path.includes('/flows/') || path.endsWith('/teams/{teamId}')) return { name: 'taken' };
  if (path.includes('messages')) return { text: 'taken' };
  if (path.endsWith('/service-accounts')) return { name: 'taken', role: 'viewer' };
  if (path.endsWith('/clients')) return { name: 'taken' };
  if (path.includes('/roles/')) return { permissions: ['flow:read'] };
  if (path.includes('/service-accounts/{')) return path.endsWith('/keys') ? {} : { disabled: true };
  return {};
}
