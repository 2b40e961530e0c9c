import type { Bus } from '@causeway/platform';
import { expect, it } from 'vitest';
import type { Settings } from '../config.js';
import { FlowRegistryClient } from './flow-registry.client.js';

const tenant = { organisationId: 'an-organisation', teamId: 'a-team' };

it('flows with many problems leave the cache when they are too large together; small ones stay', async () => {
  const asked: string[] = [];
  const bus = {
    request: async (_contract: unknown, { flow }: { flow: string }) => {
      asked.push(flow);
      const problems = [{ message: 'x'.repeat(flow.startsWith('large') ? 9_000_000 : 10) }];
      return { flowId: flow, release: { versions: [{ problems }] } };
    },
  } as unknown as Bus;
  const client = new FlowRegistryClient(bus, { flowCacheMs: 30_000 } as Settings);
  for (const flow of ['a', 'b', 'a', 'b']) await client.resolve(tenant, flow);
  expect(asked.splice(0)).toEqual(['a', 'b']);
  for (const flow of ['large', 'large', 'larger', 'large']) await client.resolve(tenant, flow);
  expect(asked).toEqual(['large', 'larger', 'large']);
});
