import { PLAN_FORMAT } from '@causeway/dag';
import type { Cache } from '@causeway/platform';
import { testVault } from '@causeway/platform/testing';
import { expect, it } from 'vitest';
import type { FlowRegistryClient } from '../clients/flow-registry.client.js';
import { Plans } from './plans.js';

const tenant = { organisationId: 'an-organisation', teamId: 'a-team' };
/** Plans of so many characters are requested from the registry, whose answers no Redis keeps. */
function plansOf(characters: number): { asked: string[]; get(flowId: string): Promise<unknown> } {
  const asked: string[] = [];
  const text = JSON.stringify({ format: PLAN_FORMAT, text: 'x'.repeat(characters) });
  const registry = {
    plan: async ({ flowId }: { flowId: string }, compiledBy: string) => {
      asked.push(flowId);
      return { plan: { inline: text }, flowName: flowId, compiledBy };
    },
  } as unknown as FlowRegistryClient;
  const cache = { get: async () => undefined, set: async () => undefined } as unknown as Cache;
  const plans = new Plans(cache, registry, testVault());
  return { asked, get: (flowId) => plans.get({ ...tenant, flowId, versionHash: 'v' }) };
}

it('small plans stay in memory', async () => {
  const { asked, get } = plansOf(1_000);
  for (const flowId of ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd']) await get(flowId);
  expect(asked).toEqual(['a', 'b', 'c', 'd']);
});

it('large plans leave memory when they are too large together, the one first that was used last the longest ago', async () => {
  const { asked, get } = plansOf(12_000_000);
  for (const flowId of ['a', 'b', 'a', 'c', 'a', 'b']) await get(flowId);
  expect(asked).toEqual(['a', 'b', 'c', 'b']);
});
