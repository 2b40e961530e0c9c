import { createHash, randomUUID } from 'node:crypto';
import {
  createFlow,
  deleteFlows,
  deleteWebhook,
  findWebhook,
  getWebhook,
  setWebhook,
} from '@causeway/contracts';
import type { Permission } from '@causeway/contracts';
import { aFlow } from '@causeway/testing';
import { describe, expect, it } from 'vitest';
import { aStranger, anActor, startRegistry, tenant } from './registry.js';

const { bus, admin, told } = await startRegistry();

async function create(name: string = randomUUID()): Promise<string> {
  const data = { inline: JSON.stringify(aFlow().chatInput().chatOutput().build().data) };
  return (await bus.request(createFlow, { ...anActor(), settings: { name }, data })).id;
}
const newHash = (): string => createHash('sha256').update(randomUUID()).digest('hex');
const set = (flowId: string, tokenHash: string, more: object = {}) =>
  bus.request(setWebhook, { ...anActor(), flowId, webhookId: randomUUID(), tokenHash, ...more });
const find = async (tokenHash: string) => (await bus.request(findWebhook, { tokenHash })).webhook;
const get = async (flowId: string) => (await bus.request(getWebhook, { ...tenant, flowId })).webhook;

/** Somebody who may do this with everything in the team. */
function actorWith(permissions: Permission[]) {
  const actor = anActor();
  return { ...actor, principal: { ...actor.principal, permissions } };
}

describe('the webhook of a flow', () => {
  it('is found by its address alone, with what is needed to run its flow', async () => {
    const flowId = await create('A flow with a webhook');
    expect(await get(flowId)).toBeNull();
    const tokenHash = newHash();
    const { webhook } = await set(flowId, tokenHash, { sealedSecret: 'sealed' });
    expect(webhook.isSigned).toBe(true);
    expect(await get(flowId)).toEqual(webhook);
    expect(await find(tokenHash)).toEqual({
      ...tenant,
      id: webhook.id,
      flowId,
      flowName: 'A flow with a webhook',
      sealedSecret: 'sealed',
    });
    expect(await find(newHash())).toBeNull();
  });

  it('ends when it is replaced, ended, or its flow is deleted, and the audit log has it', async () => {
    const flowId = await create();
    const [first, second] = [newHash(), newHash()];
    await set(flowId, first);
    await set(flowId, second);
    expect([await find(first), (await find(second))?.flowId]).toEqual([null, flowId]);
    await bus.request(deleteWebhook, { ...anActor(), flowId });
    await bus.request(deleteWebhook, { ...anActor(), flowId });
    expect([await find(second), await get(flowId)]).toEqual([null, null]);
    const changes = (await told(flowId)).filter(({ action }) => action === 'flow.update');
    expect(changes.map(({ detail }) => detail)).toEqual([
      { changed: ['webhook'], webhook: 'made', isSigned: false },
      { changed: ['webhook'], webhook: 'replaced', isSigned: false },
      { changed: ['webhook'], webhook: 'ended' },
    ]);
    const third = newHash();
    await set(flowId, third);
    await bus.request(deleteFlows, { ...anActor(), flowIds: [flowId] });
    expect(await find(third)).toBeNull();
    const { rows } = await admin.query('SELECT 1 FROM flow_hook WHERE flow_id = $1', [flowId]);
    expect(rows.length).toBeLessThanOrEqual(1);
  });

  it('is made once when the same message comes twice', async () => {
    const flowId = await create();
    const message = { webhookId: randomUUID() };
    const { webhook } = await set(flowId, newHash(), message);
    expect((await set(flowId, newHash(), message)).webhook).toEqual(webhook);
  });

  it('needs the right to change and to run the flow', async () => {
    const flowId = await create();
    for (const permissions of [['flow:write'], ['flow:run'], ['flow:read']] as Permission[][]) {
      const made = set(flowId, newHash(), actorWith(permissions));
      await expect(made).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    }
    const ended = bus.request(deleteWebhook, { ...actorWith(['flow:read', 'flow:run']), flowId });
    await expect(ended).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await get(flowId)).toBeNull();
  });

  it('is not for other teams', async () => {
    const flowId = await create();
    const tokenHash = newHash();
    await set(flowId, tokenHash);
    const stranger = aStranger();
    const { organisationId, teamId } = stranger.principal;
    for (const attempt of [
      () => set(flowId, newHash(), stranger),
      () => bus.request(deleteWebhook, { ...stranger, flowId }),
      () => bus.request(getWebhook, { organisationId, teamId, flowId }),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
    expect((await find(tokenHash))?.flowId).toBe(flowId);
  });
});
