import { randomUUID } from 'node:crypto';
import { neededPermissions, permissions, routes } from '@causeway/contracts';
import { waitFor } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import type { ErrorBody } from '../support/api.js';
import { chatFlow } from '../support/flows.js';
import type { Stack } from '../support/stack.js';

interface NewKey {
  readonly id: string;
  readonly api_key: string;
}
interface AuditPage {
  readonly items: readonly {
    action: string;
    result: string;
    code?: string;
    runId?: string;
    requestId?: string;
    count?: number;
    actor: { keyId?: string };
    object: { id: string };
  }[];
}

const aPath = (path: string): string =>
  path.replace(/\{flow\}/, 'none').replace(/\{\w+\}/g, () => randomUUID());

/** Permissions at every route, and the audit log. */
export function accessStories({ api }: Stack): void {
  const makeKey = (body: object): Promise<NewKey> => api.ask('POST', '/api/v1/api_key', { body });

  describe('an API key', () => {
    test('is read from the header and from the query', async () => {
      const nobody = api.as(undefined);
      expect((await api.send('GET', '/api/v1/flows')).status).toBe(200);
      expect((await nobody.send('GET', `/api/v1/flows?x-api-key=${api.key}`)).status).toBe(200);
    });

    test('does not make a misspelled filter of a list ignored', async () => {
      const own = await api.send('GET', '/api/platform/v1/audit/events?actor=me');
      expect([own.status, own.json().code]).toEqual([400, 'REQUEST_INVALID']);
      expect(own.json().detail).toMatch(/there is no member "actor"; the names are .*actor_id/);
      const none = await api.send('GET', '/api/platform/v1/roles?limit=1');
      expect(none.json().detail).toContain('there is no member "limit"; this route has none');
      // Langflow ignores members that it does not know, and its clients send some.
      expect((await api.send('GET', '/api/v1/flows?no_such=1&header_flows=true')).status).toBe(200);
      expect((await api.send('GET', `/api/platform/v1/runs?x-api-key=${api.key}`)).status).toBe(200);
    });

    test('that is wrong is refused with 403', async () => {
      const answer = await api.as('cw-wrong').send('GET', '/api/v1/flows');
      expect([answer.status, answer.json().code]).toEqual([403, 'KEY_INVALID']);
    });

    test('may do what its permissions allow and nothing else, and the refusal names the missing permission', async () => {
      const { api_key: secret } = await makeKey({ name: 'runner', permissions: ['flow:run'] });
      const { id } = await api.importFlow(chatFlow());
      expect((await api.as(secret).run(id, { input_value: 'x' })).status).toBe(200);
      const refused = await api.as(secret).send('DELETE', `/api/v1/flows/${id}`);
      expect(refused.status).toBe(403);
      expect(refused.json()).toMatchObject({
        code: 'PERMISSION_DENIED',
        detail: expect.stringContaining('flow:write'),
      });
      expect((await api.send('GET', `/api/v1/flows/${id}`)).status).toBe(200);
    });

    test('cannot give more permissions than it has', async () => {
      const { api_key: secret } = await makeKey({ name: 'maker', permissions: ['key:write', 'flow:run'] });
      const body = { name: 'wider', permissions: ['flow:run', 'flow:write'] };
      const refused = await api.as(secret).send('POST', '/api/v1/api_key', { body });
      expect([refused.status, refused.json().code]).toEqual([403, 'KEY_SCOPE_TOO_WIDE']);
    });

    test('expires at its time, even when it was in use until then', async () => {
      const expiresAt = new Date(Date.now() + 5_000).toISOString();
      const { api_key: secret } = await makeKey({ name: 'short', expires_at: expiresAt });
      const ask = () => api.as(secret).send('GET', '/api/v1/flows?header_flows=true');
      expect((await ask()).status).toBe(200);
      await waitFor(async () => (await ask()).status === 403, {
        what: 'the key to expire',
      });
      expect((await ask()).json().code).toBe('KEY_INVALID');
    });

    test('stops working soon after it is revoked, although the gateway has cached it', async () => {
      const { id, api_key: secret } = await makeKey({ name: 'revoked' });
      const ask = () => api.as(secret).send('GET', '/api/v1/flows?header_flows=true');
      expect((await ask()).status).toBe(200);
      await api.ask('DELETE', `/api/v1/api_key/${id}`);
      // Within a second, and additional time for a busy machine; a key that stays in the cache works for 30 s.
      await waitFor(async () => (await ask()).status === 403, { timeoutMs: 10_000, what: 'the key to end' });
    });

    test('is shown whole once, and masked ever after', async () => {
      const { id, api_key: secret } = await makeKey({ name: 'masked' });
      const list = await api.send('GET', '/api/v1/api_key');
      const shown = list.json<{ api_keys: NewKey[] }>().api_keys.find((key) => key.id === id);
      expect(shown?.api_key).toMatch(/^.{8}\*+$/);
      expect(list.text).not.toContain(secret);
    });
  });

  describe('a scope of projects', () => {
    test('neither reads, nor overwrites, nor moves, nor deletes flows', async () => {
      const scope = ['project:read', 'project:write'];
      const narrow = api.as((await makeKey({ name: 'projects', permissions: scope })).api_key);
      const { id: projectId } = await narrow.ask<{ id: string }>('POST', '/api/v1/projects', {
        body: { name: 'Narrow', flows_list: [], components_list: [] },
      });
      const flow = await api.importFlow(chatFlow());
      await api.ask('PATCH', `/api/v1/flows/${flow.id}`, { body: { folder_id: projectId } });
      const project = `/api/v1/projects/${projectId}`;
      const form = new FormData();
      form.set('file', new Blob([JSON.stringify({ ...flow, name: 'overwritten' })]), 'flow.json');
      const refused = [
        ['GET', project, undefined, 'flow:read'],
        ['GET', `/api/v1/projects/download/${projectId}`, undefined, 'flow:read'],
        ['POST', '/api/v1/projects/upload', form, 'flow:write'],
        ['POST', '/api/v1/projects', { name: 'Takes', flows_list: [flow.id] }, 'flow:write'],
        ['PATCH', project, { flows: [] }, 'flow:write'],
        ['DELETE', project, undefined, 'flow:write'],
      ] as const;
      for (const [method, path, body, lacked] of refused) {
        const answer = await narrow.send(method, path, { body });
        expect([method, path, answer.status]).toEqual([method, path, 403]);
        expect(answer.json()).toMatchObject({
          code: 'PERMISSION_DENIED',
          detail: expect.stringContaining(lacked),
        });
      }
      await narrow.ask('PATCH', project, { body: { description: 'its own' } });
      const now = await api.ask<object>('GET', `/api/v1/flows/${flow.id}`);
      expect(now).toMatchObject({ name: flow.name, folder_id: projectId });
    });

    test('is needed to import a file that creates a project', async () => {
      const narrow = api.as((await makeKey({ name: 'flows', permissions: ['flow:write'] })).api_key);
      const file = JSON.stringify({ folder_name: 'Of an import', flows: [chatFlow()] });
      const refused = await narrow.upload('/api/v1/flows/upload', 'project.json', file);
      expect([refused.status, refused.json().detail]).toEqual([
        403,
        expect.stringContaining('project:write'),
      ]);
      expect((await api.upload('/api/v1/projects/upload', 'project.json', file)).status).toBe(201);
      expect((await narrow.upload('/api/v1/flows/upload', 'project.json', file)).status).toBe(201);
    });
  });

  describe('every declared route', () => {
    const guarded = routes.filter(({ permission }) => permission !== 'public');

    test('refuses a key that lacks one of the permissions that it needs', async () => {
      const allBut = new Map<string, string>();
      for (const lacked of new Set(guarded.flatMap(neededPermissions))) {
        const scope = permissions.filter((permission) => permission !== lacked);
        allBut.set(lacked, (await makeKey({ name: `all but ${lacked}`, permissions: scope })).api_key);
      }
      const letIn: string[] = [];
      for (const route of guarded) {
        for (const lacked of neededPermissions(route)) {
          const answer = await api.as(allBut.get(lacked)).send(route.method, aPath(route.path));
          if (answer.status !== 403 || !answer.text.includes(`permission ${lacked}`))
            letIn.push(`${route.method} ${route.path} ${answer.status} ${answer.text.slice(0, 80)}`);
        }
      }
      expect(letIn).toEqual([]);
    });

    test('is served, with and without a slash at the end', async () => {
      const unserved: string[] = [];
      for (const { method, path } of routes.filter((route) => route.method === 'GET')) {
        for (const slash of ['', '/']) {
          const leaving = new AbortController();
          const response = await api.open(method, aPath(path) + slash, { signal: leaving.signal });
          const isJson = /json/.test(response.headers.get('content-type') ?? '');
          const text = isJson ? await response.text() : '';
          leaving.abort();
          if (response.status >= 500 || text.includes('ROUTE_UNKNOWN'))
            unserved.push(`${path}${slash} ${response.status}`);
        }
      }
      expect(unserved).toEqual([]);
    });

    test('is in the OpenAPI document with its permissions, and nothing else is', async () => {
      interface Operation {
        'x-permissions': string[];
        'x-permission-also'?: { permission: string; when: string };
      }
      const { paths } = await api
        .as(undefined)
        .ask<{ paths: Record<string, Record<string, Operation>> }>('GET', '/openapi.json');
      const told = Object.entries(paths).flatMap(([path, operations]) =>
        Object.entries(operations).map(
          ([method, { 'x-permissions': needed, 'x-permission-also': also }]) =>
            `${method.toUpperCase()} ${path} ${needed.join()} ${also?.permission}`,
        ),
      );
      const declared = routes.map(
        (route) =>
          `${route.method} ${route.path} ${neededPermissions(route).join()} ${route.also?.permission}`,
      );
      expect(told.toSorted()).toEqual(declared.toSorted());
    });
  });

  test('a route that is not declared does not exist', async () => {
    const paths = [
      '/api/v1/nothing',
      '/api/v1/custom_component',
      '/api/v1/build/x/flow',
      '/metrics',
      '/ready',
    ];
    for (const path of paths) expect([path, (await api.send('GET', path)).status]).toEqual([path, 404]);
    const wrong = await api.send('PUT', '/api/v1/run/x');
    expect(wrong.json()).toMatchObject({ code: 'ROUTE_UNKNOWN', detail: expect.stringContaining('PUT') });
  });

  test('logs are closed unless a setting opens them', async () => {
    const answer = await api.as(undefined).send('GET', '/logs');
    expect([403, 404]).toContain(answer.status);
  });

  describe('the audit log', () => {
    const audited = (query: string): Promise<AuditPage> =>
      api.ask('GET', `/api/platform/v1/audit/events?limit=500&${query}`);

    test('has the actions on a flow, a variable, a key and a run', async () => {
      const { id } = await api.importFlow(chatFlow());
      const { runId } = await api.run(id, { input_value: 'audited' });
      await api.ask('DELETE', `/api/v1/flows/${id}`);
      const ofFlow = async () => {
        const { items } = await audited(`object_id=${id}`);
        return items.map(({ action, result }) => `${action} ${result}`);
      };
      await expect
        .poll(ofFlow)
        .toEqual(expect.arrayContaining(['flow.create succeeded', 'flow.delete succeeded']));
      const ofRun = async () => {
        const { items } = await audited('action=run.finish');
        return items.find((event) => event.runId === runId)?.result;
      };
      await expect.poll(ofRun).toBe('succeeded');
      const { id: keyId } = await makeKey({ name: 'audited' });
      await expect
        .poll(async () => (await audited(`object_id=${keyId}`)).items[0]?.action)
        .toBe('key.create');
    });

    test('has refusals with their reasons', async () => {
      const { api_key: secret } = await makeKey({ name: 'refused', permissions: ['flow:read'] });
      const answer = await api
        .as(secret)
        .send('POST', '/api/v1/variables', { body: { name: 'x', value: 'y' } });
      const requestId = answer.json().request_id;
      const found = await waitFor(async () => {
        const { items } = await audited('result=refused');
        return items.find((event) => event.requestId === requestId);
      });
      expect(found).toMatchObject({ action: 'request.refuse', code: 'PERMISSION_DENIED' });
    });

    test('has the refusals of every service', async () => {
      const scope = ['key:write', 'flow:run', 'flow:write', 'flow:read'] as const;
      const { id: keyId, api_key: secret } = await makeKey({ name: 'refused', permissions: scope });
      const caller = api.as(secret);
      const flow = await api.importFlow(chatFlow());
      const locked = await api.importFlow(chatFlow());
      await api.ask('PATCH', `/api/v1/flows/${locked.id}`, { body: { locked: true } });
      const once = { 'idempotency-key': randomUUID() };
      expect((await caller.run(flow.id, { input_value: 'a' }, once)).status).toBe(200);
      const tooWide = { name: 'wider', permissions: ['audit:read'] };
      const refused = [
        await caller.send('GET', '/api/v1/variables'),
        await caller.send('POST', '/api/v1/api_key', { body: tooWide }),
        await caller.run(flow.id, { input_value: 'b' }, once),
        await caller.run('no-such-flow'),
        await caller.send('PATCH', `/api/v1/flows/${locked.id}`, { body: { name: 'x' } }),
      ].map((answer) => answer.json<ErrorBody>());
      const codes = [
        'PERMISSION_DENIED',
        'KEY_SCOPE_TOO_WIDE',
        'IDEMPOTENCY_MISMATCH',
        'FLOW_UNKNOWN',
        'FLOW_LOCKED',
      ];
      expect(refused.map(({ code }) => code)).toEqual(codes);
      const told = await waitFor(async () => {
        const { items } = await audited('result=refused');
        const ofCaller = items.filter(({ actor }) => actor.keyId === keyId);
        return ofCaller.length >= codes.length && ofCaller;
      });
      const byRequest = new Map(told.map((event) => [event.requestId, event]));
      expect(refused.map(({ request_id: id }) => byRequest.get(id)?.code)).toEqual(codes);
      expect(told.find(({ code }) => code === 'IDEMPOTENCY_MISMATCH')?.object.id).toBe(flow.id);
      expect(told).toHaveLength(codes.length);
    });

    test('counts many equal refusals instead of listing each, and the counts add up', async () => {
      const { id: keyId, api_key: secret } = await makeKey({ name: 'flood', permissions: [] });
      await Promise.all(Array.from({ length: 60 }, () => api.as(secret).send('GET', '/api/v1/projects')));
      const told = await waitFor(
        async () => {
          const { items } = await audited('result=refused');
          const flood = items.filter(({ actor }) => actor.keyId === keyId);
          return flood.reduce((sum, { count = 1 }) => sum + count, 0) >= 60 && flood;
        },
        { what: 'every refusal to be counted' },
      );
      expect(told.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(60);
      expect(told.filter(({ count = 1 }) => count === 1)).toHaveLength(10);
    });
  });
}
