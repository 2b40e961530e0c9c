import { randomBytes } from 'node:crypto';
import { type Principal, verifyKey } from '@causeway/contracts';
import { type Bus, Vault, apiKeyHash, runService } from '@causeway/platform';
import { type BootedService, bootService, testKeys } from '@causeway/platform/testing';
import { testDatabase, testNats } from '@causeway/testing';
import { Module } from '@nestjs/common';
import { Client } from 'pg';
import { afterAll } from 'vitest';

@Module({})
class NothingModule {}

/** The started auth service. */
export interface Auth {
  readonly service: BootedService;
  readonly bus: Bus;
  /** Seals as the gateway does. */
  readonly vault: Vault;
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
    CAUSEWAY_MASTER_KEY: randomBytes(32).toString('base64'),
    ...more,
  });
  const gateway = await runService({
    name: 'gateway',
    settings: {},
    vault: true,
    module: async () => NothingModule,
    environment: { ...testKeys, CAUSEWAY_NATS_URL: nats.url, CAUSEWAY_LOG_LEVEL: 'silent' },
    embedded: true,
  });
  const admin = new Client({ connectionString: database.adminUrl });
  await admin.connect();
  afterAll(async () => {
    await gateway.drain('test over');
    await service.close();
    await admin.end();
  });
  const { bus } = service;
  return {
    service,
    bus,
    vault: gateway.get(Vault),
    admin,
    principalOf: async (key) => (await bus.request(verifyKey, { keyHash: apiKeyHash(key) })).principal,
  };
}
