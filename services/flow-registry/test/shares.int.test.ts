import { createHash, randomUUID } from 'node:crypto';
import {
  type ObjectGrant,
  type Permission,
  deleteFlows,
  deleteWebhook,
  findWebhook,
  getAllowedHosts,
  getFlow,
  publishVersion,
  setAllowedHosts,
  setWebhook,
  updateFlow,
} from '@causeway/contracts';
import { aFlow } from '@causeway/testing';
import { describe, expect, it } from 'vitest';
import { type Actor, anActor, startRegistry, tenant } from './registry.js';

const registry = await startRegistry();
const { bus } = registry;

/** Somebody who has nothing in the team but these permissions in one flow: by a role there or, with `ownRuns`, by a share. */
function actorIn(flowId: string, permissions: Permission[], ownRuns?: true): Actor {
  const { principal, requestId } = anActor();
  const grant: ObjectGrant = { level: 'flow', objectId: flowId, permissions, ...(ownRuns && { ownRuns }) };
  return { requestId, principal: { ...principal, permissions: [], objects: [grant] } };
}
const may: Permission[] = ['flow:read', 'flow:run', 'flow:write', 'flow:publish'];
const newHash = (): string => createHash('sha256').update(randomUUID()).digest('hex');
const denied = { code: 'PERMISSION_DENIED', details: { permission: 'flow:write' } };

/** A flow whose model has a key typed into it. */
const keyed = (key: string) =>
  aFlow(`Keyed ${randomUUID()}`).chatInput().model({ api_key: key }).chatOutput().build();
const create = async () => {
  const { flows } = await registry.import(JSON.stringify(keyed('sk-none')));
  return flows[0]?.id as string;
};

describe('a file of two flows', () => {
  it('is read as a whole only by whoever may write in the team; a role in one flow reads that flow, a share no secrets', async () => {
    const [mine, theirs] = [`sk-proj-${randomUUID()}`, `sk-proj-${randomUUID()}`];
    const bytes = JSON.stringify({ flows: [keyed(mine), keyed(theirs)] });
    const { flows } = await registry.import(bytes);
    const [first, second] = flows.map(({ id }) => id) as [string, string];
    const read = async (actor: Actor) => (await registry.source(first, actor)).bytes.toString();
    expect(await read(anActor())).toBe(bytes);
    const alone = await read(actorIn(first, may));
    expect(JSON.parse(alone)).toMatchObject({ id: first });
    expect([mine, theirs].map((key) => alone.includes(key))).toEqual([true, false]);
    const shared = await read(actorIn(first, may, true));
    expect(JSON.parse(shared)).toMatchObject({ id: first, data: { edges: expect.anything() } });
    expect([mine, theirs].map((key) => shared.includes(key))).toEqual([false, false]);
    await bus.request(updateFlow, { ...anActor(), flowId: first, settings: { description: 'changed here' } });
    expect(await read(actorIn(first, may, true))).not.toContain(mine);
    await expect(read(actorIn(second, may))).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
  });
});

describe('a flow that somebody has only by a share', () => {
  it('gets no webhook, no hosts and no end by them, but by whoever has a role in it', async () => {
    const flowId = await create();
    const tokenHash = newHash();
    await bus.request(setWebhook, { ...anActor(), flowId, webhookId: randomUUID(), tokenHash });
    await bus.request(setAllowedHosts, { ...anActor(), flowId, hosts: ['a.test'] });
    const changes = (actor: Actor) => [
      () => bus.request(setWebhook, { ...actor, flowId, webhookId: randomUUID(), tokenHash: newHash() }),
      () => bus.request(deleteWebhook, { ...actor, flowId }),
      () => bus.request(setAllowedHosts, { ...actor, flowId, hosts: ['evil.test'] }),
      () => bus.request(deleteFlows, { ...actor, flowIds: [flowId] }),
    ];
    for (const change of changes(actorIn(flowId, may, true)))
      await expect(change()).rejects.toMatchObject(denied);
    expect((await bus.request(findWebhook, { tokenHash })).webhook).toMatchObject({ flowId });
    expect((await bus.request(getAllowedHosts, { ...tenant, flowId })).hosts).toEqual(['a.test']);
    for (const change of changes(actorIn(flowId, may))) await change();
    await expect(bus.request(getFlow, { ...tenant, flowId })).rejects.toMatchObject({
      code: 'FLOW_UNKNOWN',
    });
  });

  it('is changed and published by them, within what the share gives', async () => {
    const flowId = await create();
    const byShare = actorIn(flowId, may, true);
    const { versionHash } = await bus.request(updateFlow, {
      ...byShare,
      flowId,
      settings: { description: 'better' },
    });
    await bus.request(publishVersion, { ...byShare, flowId, versionHash });
    const editor = actorIn(flowId, ['flow:read', 'flow:write'], true);
    await expect(bus.request(publishVersion, { ...editor, flowId, versionHash: null })).rejects.toMatchObject(
      { code: 'PERMISSION_DENIED' },
    );
  });
});
