import { randomBytes } from 'node:crypto';
import { Vault } from '@causeway/platform';
import { afterAll, expect, it, vi } from 'vitest';
import type { FlowRegistryClient } from '../../clients/flow-registry.client.js';
import type { Settings } from '../../config.js';
import { Variables } from './variables.js';

// Values are read again after a second: here time does not pass.
vi.useFakeTimers({ toFake: ['performance'] });
afterAll(() => vi.useRealTimers());

const tenant = { organisationId: 'an-organisation', teamId: 'a-team' };

it('large values leave memory when they are too large together; small ones stay', async () => {
  const vault = new Vault(randomBytes(32).toString('base64'));
  const large = vault.seal('x'.repeat(9_000_000));
  const asked: string[] = [];
  const registry = {
    variables: async (_tenant: unknown, names: readonly string[]) => {
      asked.push(...names);
      return names.map((name) => ({
        name,
        type: 'Generic',
        sealed: name.length > 1 ? large : vault.seal('x'),
      }));
    },
  } as unknown as FlowRegistryClient;
  const settings = { variablesFromEnvironment: {} } as unknown as Settings;
  const variables = new Variables(registry, vault, settings);
  const find = (...names: string[]) => variables.find(tenant, {}, names);
  await find('A', 'B');
  await find('A', 'B');
  expect(asked.splice(0)).toEqual(['A', 'B']);
  await find('LARGE');
  await find('LARGE');
  await find('LARGER');
  expect((await find('LARGE')).get('LARGE')?.value).toHaveLength(9_000_000);
  expect(asked).toEqual(['LARGE', 'LARGER', 'LARGE']);
});
