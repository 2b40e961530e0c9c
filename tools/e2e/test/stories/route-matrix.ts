import { randomUUID } from 'node:crypto';
import { builtInRoles, permissionsOfRole } from '@causeway/authz';
import { permissions, routes } from '@causeway/contracts';
import { waitFor } from '@causeway/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '../support/api.js';
import { foreignOwner } from '../support/foreign-organisation.js';
import { echoFlow } from '../support/flows.js';
import { routeTable } from '../support/route-table.js';
import { newAccount } from '../support/service-account.js';
import type { Stack } from '../support/stack.js';

/** Permissions about the whole organisation, which no role in a team gives. */
const OF_ORGANISATION = ['log:read', 'organisation:write'];

interface Identity {
  readonly api: Api;
  /** The code with which every route that needs a key refuses it. */
  readonly refused?: string;
  /** What it may do in its team. */
  readonly held: readonly string[];
  /** What it may do in addition with one project or flow. */
  readonly objects?: readonly string[];
  /** Whether it may do all that in its whole organisation. */
  readonly isOfOrganisation?: boolean;
}

const table = Object.entries(routeTable).map(([route, needs]) => {
  const [method = '', path = ''] = route.split(' ');
  const words = needs.split(' ');
  const decided = words.find((word) => word.startsWith('@'));
  return { route, method, path, needs: words.filter((word) => word !== decided), decided };
});

/** Every route for every kind of caller, against one table. */
export function routeMatrixStories(stack: Stack): void {
  const { api } = stack;
  let team: { id: string };
  const identities = new Map<string, Identity>();

  const make = (role: string, more: Parameters<typeof newAccount>[3] = {}) =>
    newAccount(api, team.id, role, more);

  beforeAll(async () => {
    team = await api.ask('POST', '/api/platform/v1/teams', { body: { name: `Matrix ${randomUUID()}` } });
    const refused = (name: string, key: string | undefined, code: string): unknown =>
      identities.set(name, { api: api.as(key), refused: code, held: [] });
    refused('nobody', undefined, 'KEY_MISSING');
    refused('a key that never was', 'sk-0123456789', 'KEY_INVALID');
    refused('a key that is too long', `sk-${'x'.repeat(600)}`, 'KEY_INVALID');
    const expired = await make('owner', { key: { expires_at: new Date(Date.now() + 1_000).toISOString() } });
    refused('an expired key', expired.api.key, 'KEY_INVALID');
    const revoked = await make('owner');
    await api.ask('DELETE', `/api/v1/api_key/${revoked.keyId}`);
    refused('a revoked key', revoked.api.key, 'KEY_INVALID');
    const disabled = await make('owner');
    await api.ask('PATCH', `/api/platform/v1/service-accounts/${disabled.id}`, {
      body: { disabled: true },
    });
    refused('a disabled account', disabled.api.key, 'KEY_UNUSABLE');
    const roleless = await make('owner');
    const { items } = await api.ask<{ items: { id: string; subject: { id: string } }[] }>(
      'GET',
      `/api/platform/v1/role-bindings?team_id=${team.id}&limit=500`,
    );
    const binding = items.find(({ subject }) => subject.id === roleless.id);
    await api.ask('DELETE', `/api/platform/v1/role-bindings/${binding?.id}`);
    refused('an account without a role', roleless.api.key, 'KEY_UNUSABLE');
    for (const [role, all] of Object.entries(builtInRoles)) {
      const held = all.filter((permission) => !OF_ORGANISATION.includes(permission));
      identities.set(`${role} in a team`, { api: (await make(role)).api, held });
    }
    const narrow = await make('owner', { key: { permissions: ['flow:read', 'file:write'] } });
    identities.set('a narrowed key', { api: narrow.api, held: ['flow:read', 'file:write'] });
    const { api: owner } = await make('owner');
    const project = await owner.ask<{ id: string }>('POST', '/api/v1/projects', { body: { name: 'One' } });
    const { data } = echoFlow();
    const flow = await owner.ask<{ id: string }>('POST', '/api/v1/flows', { body: { name: 'One', data } });
    for (const [level, role, place] of [
      ['flow', 'runner', { flowId: flow.id }],
      ['project', 'editor', { projectId: project.id }],
    ] as const) {
      const { api: one } = await make(role, { place });
      identities.set(`${role} of one ${level}`, {
        api: one,
        held: [],
        objects: permissionsOfRole(role, undefined, level),
      });
    }
    const none = await make('owner', { key: { permissions: [] } });
    identities.set('a key without permissions', { api: none.api, held: [] });
    identities.set('an owner of another organisation', {
      api: await foreignOwner(stack),
      held: permissions,
      isOfOrganisation: true,
    });
    await waitFor(async () => (await expired.api.send('GET', '/api/platform/v1/access')).status === 403, {
      what: 'the key to expire',
    });
  }, 120_000);

  describe('the route matrix', () => {
    test('N3: has every declared route, and no other', () => {
      const declared = routes.map(({ method, path }) => `${method} ${path}`);
      expect(table.map(({ route }) => route).toSorted()).toEqual(declared.toSorted());
    });

    test('N3, N29, N37: is what every kind of caller gets', async () => {
      const unexpected: string[] = [];
      let asked = 0;
      for (const [name, identity] of identities)
        for (const { route, method, path, needs, decided } of table) {
          asked += 1;
          const leaving = new AbortController();
          const response = await identity.api.open(method, filled(path, team.id), { signal: leaving.signal });
          const { code = '', detail = '', status } = await errorOf(response);
          leaving.abort();
          const problem = problemOf(heldAt(identity, decided), needs, status, code, detail);
          if (problem !== undefined) unexpected.push(`${name}: ${route}: ${problem}`);
        }
      expect(unexpected).toEqual([]);
      expect(asked).toBe(table.length * 18);
    });
  });
}

/** An identity with what it may do where a route decides. */
function heldAt(
  identity: Identity,
  decided: string | undefined,
): Identity & { readonly isAnywhere: boolean } {
  const { held, objects = [], isOfOrganisation = false } = identity;
  const isAnywhere = decided === '@place';
  if (decided === '@object') return { ...identity, held: [...held, ...objects], isAnywhere };
  const givesRoles = decided === '@people' && held.includes('member:write');
  const isLacking = decided === '@organisation' || (decided === '@people' && !givesRoles);
  return { ...identity, held: isLacking && !isOfOrganisation ? [] : held, isAnywhere };
}

/** What is wrong with an answer; undefined when it is the expected one. */
function problemOf(
  { refused, held, objects, isAnywhere }: ReturnType<typeof heldAt>,
  needs: readonly string[],
  status: number,
  code: string,
  detail: string,
): string | undefined {
  const told = `${status} ${code} ${detail.slice(0, 200)}`;
  if (status >= 500) return told;
  const isRefusal = /^(KEY_(MISSING|INVALID|UNUSABLE)|PERMISSION_DENIED)$/.test(code);
  if (needs[0] === 'public') return isRefusal ? told : undefined;
  // None of these callers is an identity provider.
  if (needs[0] === 'scim') return status === 401 && code === 'SCIM_TOKEN_NEEDED' ? undefined : told;
  if (refused !== undefined) return status === 403 && code === refused ? undefined : told;
  // The service decides: nothing in these requests is about the object of which it has a role.
  if (isAnywhere && needs.every((permission) => objects?.includes(permission))) return undefined;
  const lacked = needs[0] === 'any' ? undefined : needs.find((permission) => !held.includes(permission));
  if (lacked === undefined) return isRefusal || status === 403 ? told : undefined;
  const isRight = status === 403 && code === 'PERMISSION_DENIED' && detail.includes(`permission ${lacked},`);
  return isRight ? undefined : `${told}, although ${lacked} is lacked`;
}

/** The error of an answer, also of a page; without one only the status. */
async function errorOf(response: Response): Promise<{ status: number; code?: string; detail?: string }> {
  const { status } = response;
  const type = response.headers.get('content-type') ?? '';
  // Who is not signed in is sent to where they can do it.
  if (response.headers.get('location')?.startsWith('/sign-in?to='))
    return { status: 403, code: 'KEY_MISSING' };
  if (type.includes('html') && status >= 400) {
    const text = await response.text();
    return { status, code: />Error (\w+),/.exec(text)?.[1] ?? '', detail: text };
  }
  if (!type.includes('json')) return { status };
  const body = (await response.json().catch(() => ({}))) as { code?: string; detail?: unknown } | null;
  return { status, code: body?.code ?? '', detail: typeof body?.detail === 'string' ? body.detail : '' };
}

/** A path of objects that do not exist, about a team where the route takes one. */
function filled(path: string, teamId: string): string {
  const query = path.endsWith('/role-bindings') ? `?team_id=${teamId}` : '';
  return path.replace('{flow}', 'none').replace(/\{\w+\}/g, () => randomUUID()) + query;
}
