import { SealedKind } from '@causeway/platform';
import { testVault } from '@causeway/platform/testing';
import { afterAll, expect, it, vi } from 'vitest';
import type { FlowRegistryClient } from '../../clients/flow-registry.client.js';
import type { Settings } from '../../config.js';
import { Variables } from './variables.js';

// Values are read again after a second: here time does not pass.
vi.useFakeTimers({ toFake: ['performance'] });
afterAll(() => vi.useRealTimers());

const tenant = { organisationId: 'an-organisation', teamId: 'a-team' };

it('large values leave memory when they are too large together; small ones stay', async () => {
  const vault = testVault();
  const { organisationId } = tenant;
  const seal = (id: string, text: string): Promise<string> =>
    vault.seal(text, { organisationId, kind: SealedKind.variable, id });
  const asked: string[] = [];
  const registry = {
    variables: async (_tenant: unknown, names: readonly string[]) => {
      asked.push(...names);
      return Promise.all(
        names.map(async (name) => ({
          id: `id of ${name}`,
          name,
          type: 'Generic',
          sealed: await seal(`id of ${name}`, 'x'.repeat(name.length > 1 ? 9_000_000 : 1)),
        })),
      );
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

it('the value of another variable, or of another organisation, does not open in the place of a variable', async () => {
  const vault = testVault();
  const sealed = await vault.seal('secret', { organisationId: 'o', kind: SealedKind.variable, id: 'one' });
  const found = async (organisationId: string, id: string) => {
    const registry = {
      variables: async () => [{ id, name: 'A', type: 'Credential', sealed }],
    } as unknown as FlowRegistryClient;
    const settings = { variablesFromEnvironment: {} } as unknown as Settings;
    return new Variables(registry, vault, settings).find({ organisationId, teamId: 't' }, {}, ['A']);
  };
  expect((await found('o', 'one')).get('A')?.value).toBe('secret');
  await expect(found('o', 'other')).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
  await expect(found('p', 'one')).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
});
