import { randomUUID } from 'node:crypto';
import {
  AuditEvent,
  type DeletedObject,
  type PlaceIds,
  type Principal,
  accessChanged,
  createKey,
  createRoleBinding,
  createServiceAccount,
  createTeam,
  deleteKey,
  deleteRoleBinding,
  endObjectRoles,
  explainAccess,
  listRoleBindings,
} from '@causeway/contracts';
import { newApiKey } from '@causeway/platform';
import { waitFor } from '@causeway/testing';
import { expect, it } from 'vitest';
import { startAuth } from './auth.js';

const ROOT = 'sk-the-bootstrap-key-of-the-object-role-test';
const { bus, admin, principalOf } = await startAuth(ROOT);
const owner = await principalOf(ROOT);
const { organisationId } = owner;
const by = (principal: Principal) => ({ principal, requestId: 'r' });
const name = () => `n ${randomUUID()}`;
const { id: teamId } = await bus.request(createTeam, { ...by(owner), name: name() });
const page = { limit: 500 };

/** A service account with a role at a place of the team, and its principal. */
async function newAccount(role: string, place: PlaceIds = {}) {
  const wanted = { ...place, teamId, name: name(), role };
  const { id } = await bus.request(createServiceAccount, { ...by(owner), ...wanted });
  const { secret, ...stored } = newApiKey();
  await bus.request(createKey, { ...by(owner), ...stored, name: 'k', serviceAccountId: id });
  return { id, read: () => principalOf(secret) };
}
const give = (id: string, role: string, place: PlaceIds, giver = owner) =>
  bus.request(createRoleBinding, {
    ...by(giver),
    subject: { kind: 'service_account', id },
    role,
    ...place,
    teamId,
  });
const deleted = (level: DeletedObject['level'], objectId: string, at = new Date()): DeletedObject => ({
  organisationId,
  teamId,
  level,
  objectId,
  at: at.toISOString(),
});
const end = (...objects: DeletedObject[]) =>
  bus.request(endObjectRoles, { items: objects.map((payload) => ({ id: randomUUID(), payload })) });

it('a role for a flow or a project is in the principal of its key, beside what holds in the team', async () => {
  const [flowId, projectId] = [randomUUID(), randomUUID()];
  const account = await newAccount('viewer', { flowId, projectId });
  expect(await account.read()).toMatchObject({
    permissions: [],
    objects: [{ level: 'flow', objectId: flowId }],
  });
  await give(account.id, 'editor', { projectId });
  const { objects = [], permissions } = await account.read();
  expect([permissions, objects.map(({ objectId }) => objectId)]).toEqual([[], [flowId, projectId]]);
  expect(objects.at(1)?.permissions).toContain('flow:write');
  expect(objects.flatMap((one) => one.permissions)).not.toContain('variable:read');
  await give(account.id, 'viewer', {});
  expect((await account.read()).permissions).toContain('key:read');
});

it('a list of a place has what holds there; that of a team has everything in it', async () => {
  const [flowId, projectId, other] = [randomUUID(), randomUUID(), randomUUID()];
  const inFlow = await newAccount('viewer', { flowId, projectId });
  const inProject = await newAccount('viewer', { projectId });
  const elsewhere = await newAccount('viewer', { flowId: other, projectId });
  const listed = async (place: PlaceIds) => {
    const { items } = await bus.request(listRoleBindings, { principal: owner, ...place, page });
    const made = [inFlow.id, inProject.id, elsewhere.id];
    return items.map(({ subject }) => subject.id).filter((id) => made.includes(id));
  };
  expect(await listed({ teamId })).toEqual([inFlow.id, inProject.id, elsewhere.id]);
  expect(await listed({ teamId, projectId })).toEqual([inProject.id]);
  expect(await listed({ teamId, projectId, flowId })).toEqual([inFlow.id, inProject.id]);
  expect(await listed({})).toEqual([]);
});

it('whoever may share a project gives roles there and in its flows, and nowhere else', async () => {
  const [flowId, projectId] = [randomUUID(), randomUUID()];
  const sharer = await (await newAccount('admin', { projectId })).read();
  const { id } = await newAccount('viewer', { projectId });
  const binding = await give(id, 'editor', { projectId, flowId }, sharer);
  expect(binding).toMatchObject({ level: 'flow', objectId: flowId, teamId });
  await give(id, 'admin', { projectId }, sharer);
  const denied = { code: 'PERMISSION_DENIED' };
  await expect(give(id, 'viewer', {}, sharer)).rejects.toMatchObject(denied);
  await expect(give(id, 'viewer', { projectId: randomUUID() }, sharer)).rejects.toMatchObject(denied);
  const asked = { principal: sharer, teamId, subject: { kind: 'service_account', id } } as const;
  await expect(bus.request(explainAccess, asked)).rejects.toMatchObject(denied);
  const { permissions } = await bus.request(explainAccess, { ...asked, projectId, flowId });
  expect(permissions.find(({ permission }) => permission === 'flow:write')).toEqual({
    permission: 'flow:write',
    allowed: true,
    by: [
      { role: 'editor', level: 'flow' },
      { role: 'admin', level: 'project' },
    ],
  });
});

it('what is deleted takes its roles along: those that were given before, in its team, once', async () => {
  const [flowId, kept] = [randomUUID(), randomUUID()];
  const account = await newAccount('viewer', { flowId });
  await give(account.id, 'viewer', { flowId: kept });
  const before = new Date();
  const after = await newAccount('viewer', { flowId });
  const told: string[] = [];
  const subscription = bus.subscribe(accessChanged, undefined, (message) => {
    told.push(message.organisationId);
  });
  const elsewhere = { ...deleted('flow', flowId), teamId: randomUUID() };
  await end(elsewhere, deleted('project', flowId));
  expect((await account.read()).objects).toHaveLength(2);
  await end(deleted('flow', flowId, before));
  expect((await account.read()).objects).toEqual([expect.objectContaining({ objectId: kept })]);
  expect((await after.read()).objects).toHaveLength(1);
  await waitFor(() => told.includes(organisationId));
  subscription.unsubscribe();
  await end(deleted('flow', flowId, before));
  const { rows } = await admin.query<{ payload: string }>('select payload from auth.outbox order by id');
  const events = rows
    .map(({ payload }) => AuditEvent.parse(JSON.parse(payload)))
    .filter(({ action, detail }) => action === 'role_binding.delete' && detail?.['objectId'] === flowId);
  expect(events).toMatchObject([
    { teamId, actor: { kind: 'system', id: 'auth' }, detail: { level: 'flow' } },
  ]);
});

it('the last role of an account ends its keys, and the one of a flow does not end that of another', async () => {
  const [flowId, other] = [randomUUID(), randomUUID()];
  const account = await newAccount('viewer', { flowId });
  const second = await give(account.id, 'runner', { flowId: other });
  await end(deleted('flow', flowId));
  expect((await account.read()).objects).toEqual([expect.objectContaining({ objectId: other })]);
  await bus.request(deleteRoleBinding, { ...by(owner), bindingId: second.id });
  await expect(account.read()).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
});

it('whoever may share a project takes away what was given in its flows, if it is said where the flow is', async () => {
  const [flowId, projectId] = [randomUUID(), randomUUID()];
  const sharer = await (await newAccount('admin', { projectId })).read();
  const { id } = await newAccount('viewer', { projectId });
  const { id: bindingId } = await give(id, 'editor', { projectId, flowId }, sharer);
  const unbind = (project?: string) =>
    bus.request(deleteRoleBinding, { ...by(sharer), bindingId, ...(project && { projectId: project }) });
  const unknown = { code: 'BINDING_UNKNOWN' };
  await expect(unbind()).rejects.toMatchObject(unknown);
  await expect(unbind(randomUUID())).rejects.toMatchObject(unknown);
  await unbind(projectId);
});

it('an account with a key for public pages gets no further role until that key is revoked', async () => {
  const [flowId, other, projectId] = [randomUUID(), randomUUID(), randomUUID()];
  const wanted = { teamId, name: name(), role: 'runner', flowId, projectId };
  const { id } = await bus.request(createServiceAccount, { ...by(owner), ...wanted });
  const { secret, ...stored } = newApiKey();
  const { key } = await bus.request(createKey, {
    ...by(owner),
    ...stored,
    name: 'page',
    serviceAccountId: id,
    permissions: ['flow:run'],
    origins: ['https://www.shop.example'],
  });
  for (const place of [{}, { flowId: other, projectId }])
    await expect(give(id, 'runner', place)).rejects.toMatchObject({ code: 'ACCOUNT_OF_PAGES' });
  expect((await principalOf(secret)).objects).toMatchObject([{ objectId: flowId }]);
  // The role that it has is not a further one.
  await give(id, 'runner', { flowId, projectId });
  await bus.request(deleteKey, { ...by(owner), keyId: key.id });
  await give(id, 'runner', { flowId: other, projectId });
});
