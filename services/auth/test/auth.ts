import { type Principal, verifyKey } from '@causeway/contracts';
import { type Bus, apiKeyHash } from '@causeway/platform';
import { type BootedService, bootService } from '@causeway/platform/testing';
import { testDatabase, testNats } from '@causeway/testing';
import { Client } from 'pg';
import { afterAll } from 'vitest';

/** The started auth service. */
export interface Auth {
  readonly service: BootedService;
  readonly bus: Bus;
  /** As superuser. */
  readonly admin: Client;
  /** The holder of a key. */
  principalOf(key: string): Promise<Principal>;
}

/** Starts auth, with this bootstrap key, on servers of this test file's own. Call it at the file's top level. */
export async function startAuth(bootstrapKey: string, more: Record<string, string> = {}): Promise<Auth> {
  const database = await testDatabase({ services: ['auth'] });
  const nats = await testNats();
  const service = await bootService(new URL('../dist/main.js', import.meta.url), {
    CAUSEWAY_NATS_URL: nats.url,
    CAUSEWAY_DATABASE_URL: database.urls['auth'] as string,
    CAUSEWAY_BOOTSTRAP_API_KEY: bootstrapKey,
    CAUSEWAY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    ...more,
  });
  const admin = new Client({ connectionString: database.adminUrl });
  await admin.connect();
  afterAll(async () => {
    await service.close();
    await admin.end();
  });
  const { bus } = service;
  return {
    service,
    bus,
    admin,
    principalOf: async (key) => (await bus.request(verifyKey, { keyHash: apiKeyHash(key) })).principal,
  };
}
