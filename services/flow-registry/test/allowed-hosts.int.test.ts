import { randomUUID } from 'node:crypto';
import {
  createFlow,
  createVariable,
  deleteFlows,
  getFlow,
  getAllowedHosts,
  getFlowSource,
  getVariableValues,
  publishVersion,
  setAllowedHosts,
  updateFlow,
  updateVariable,
} from '@causeway/contracts';
import type { Permission } from '@causeway/contracts';
import { inlineText } from '@causeway/platform';
import { aFlow } from '@causeway/testing';
import { describe, expect, it } from 'vitest';
import { aStranger, anActor, givenValue, startRegistry, tenant } from './registry.js';

const { bus, vault, told } = await startRegistry();

async function create(id: string = randomUUID()): Promise<string> {
  const data = { inline: JSON.stringify(aFlow().chatInput().chatOutput().build().data) };
  return (await bus.request(createFlow, { ...anActor(), id, settings: { name: randomUUID() }, data })).id;
}
const allow = (flowId: string, hosts: string[], actor = anActor()) =>
  bus.request(setAllowedHosts, { ...actor, flowId, hosts });
const allowed = async (flowId: string, of = tenant) =>
  (await bus.request(getAllowedHosts, { ...of, flowId })).hosts;

describe('hosts to which a flow’s secrets may be sent', () => {
  it('are none until they are set, and setting them is recorded in the audit log', async () => {
    const flowId = await create();
    expect(await allowed(flowId)).toEqual([]);
    await allow(flowId, ['API.example.com', 'http://10.0.0.5:8080', 'api.example.com']);
    expect(await allowed(flowId)).toEqual(['api.example.com', 'http://10.0.0.5:8080']);
    await allow(flowId, ['api.example.com', 'http://10.0.0.5:8080']);
    const events = (await told(flowId)).filter(({ action }) => action === 'flow.update');
    expect(events.map(({ detail }) => detail)).toEqual([
      { changed: ['allowedHosts'], allowedHosts: ['api.example.com', 'http://10.0.0.5:8080'] },
    ]);
  });

  it('stay when the flow changes, are in no export, and are removed with the flow', async () => {
    const flowId = await create();
    await allow(flowId, ['canary.example.com']);
    await bus.request(updateFlow, { ...anActor(), flowId, settings: { description: 'other' } });
    expect(await allowed(flowId)).toEqual(['canary.example.com']);
    const { source } = await bus.request(getFlowSource, { ...anActor(), flowId });
    expect(Buffer.from(inlineText(source), 'base64').toString()).not.toContain('canary');
    await bus.request(deleteFlows, { ...anActor(), flowIds: [flowId] });
    await create(flowId);
    expect(await allowed(flowId)).toEqual([]);
  });

  it('of a flow with a published version are set only by who may publish', async () => {
    const flowId = await create();
    await allow(flowId, ['a.test']);
    const { versionHash } = await bus.request(getFlow, { ...tenant, flowId });
    await bus.request(publishVersion, { ...anActor(), flowId, versionHash });
    const { principal, ...rest } = anActor();
    const editor = {
      ...rest,
      principal: { ...principal, permissions: ['flow:read', 'flow:write'] as Permission[] },
    };
    await expect(allow(flowId, ['evil.test'], editor)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      details: { permission: 'flow:publish' },
    });
    expect(await allowed(flowId)).toEqual(['a.test']);
    await bus.request(publishVersion, { ...anActor(), flowId, versionHash: null });
    await allow(flowId, ['b.test'], editor);
  });

  it.each([
    '',
    'a b',
    'https://a.test/path',
    '*',
    '*.test',
    'ftp://a.test',
    'https://u:p@a.test',
    'a'.repeat(301),
  ])('cannot be %j', async (host) => {
    const flowId = await create();
    await expect(allow(flowId, [host])).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('are neither shown to another team nor changed by it', async () => {
    const flowId = await create();
    await allow(flowId, ['a.test']);
    await expect(allow(flowId, [], aStranger())).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
    expect(await allowed(flowId, { ...tenant, teamId: randomUUID() })).toEqual([]);
  });
});

it('hosts to which a variable may be sent reach the executor with its value', async () => {
  const name = `V_${randomUUID()}`;
  const made = await bus.request(createVariable, {
    ...anActor(),
    name,
    type: 'Credential',
    sealedValue: await givenValue(vault, 'x'),
    allowedHosts: ['a.test'],
  });
  expect(made.allowedHosts).toEqual(['a.test']);
  const values = async () => (await bus.request(getVariableValues, { ...tenant, names: [name] })).variables;
  expect(await values()).toMatchObject([{ name, allowedHosts: ['a.test'] }]);
  await bus.request(updateVariable, { ...anActor(), variableId: made.id, allowedHosts: [] });
  expect(await values()).toEqual([expect.not.objectContaining({ allowedHosts: expect.anything() })]);
  expect((await told(made.id)).map(({ detail }) => detail)).toEqual([
    { type: 'Credential', allowedHosts: ['a.test'] },
    { changed: ['allowedHosts'] },
  ]);
});
