import { type RequestContract, countKeyUses, permissions } from '@causeway/contracts';
import type { Bus } from '@causeway/platform';
import { expect, it } from 'vitest';
import type { Settings } from '../config.js';
import { Identity } from './identity.js';

it('waits at a stop until auth has counted the last uses of keys', async () => {
  const principal = { kind: 'user', id: 'u', name: 'u', keyId: 'k', permissions: [...permissions] };
  const counted = Promise.withResolvers<object>();
  const request = (operation: RequestContract): Promise<object> =>
    operation.subject === countKeyUses.subject
      ? counted.promise
      : Promise.resolve({ principal, expiresAt: null });
  const identity = new Identity({ request } as unknown as Bus, { keyCacheMs: 10_000 } as Settings);
  for (let n = 0; n < 2; n++) await identity.verify({ kind: 'key', secret: 'sk-a' });
  let isStopped = false;
  const stop = identity.onApplicationShutdown().then(() => (isStopped = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isStopped).toBe(false);
  counted.resolve({});
  await stop;
});
