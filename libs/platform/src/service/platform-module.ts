import type { DynamicModule, InjectionToken, Type } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Doorbells } from '../messaging/servers/doorbells.js';
import { Bus } from '../messaging/bus/bus.js';
import { Cache } from '../cache/cache.js';
import { DiskGuard } from '../disk/disk-guard.js';
import type { MessageVerifier } from '../identity/message-verifier.js';
import { ObjectStore } from '../objects/object-store.js';
import { OutboxRelay } from '../outbox/outbox-relay.js';
import type { Passing } from '../objects/passing.js';
import { Payloads } from '../objects/payloads.js';
import { SealedFiles } from '../objects/sealed-files.js';
import { DataKeys } from '../vault/data-keys.js';
import { KeySource } from '../vault/key-source.js';
import { Vault } from '../vault/vault.js';
import { Lifecycle } from './lifecycle.js';

/** Injection token of the settings: `@Inject(SETTINGS) settings: ServiceSettings<typeof settings>`. */
export const SETTINGS = Symbol('causeway.settings');

/** What a service can have injected; parts that its settings do not provide are absent. */
export interface PlatformParts {
  readonly settings: unknown;
  readonly bus: Bus;
  readonly doorbells: Doorbells;
  readonly lifecycle: Lifecycle;
  readonly cache: Cache;
  readonly objects: ObjectStore;
  readonly disk: DiskGuard;
  readonly payloads: Payloads;
  /** Only for the bus; not injectable. */
  readonly passing: Passing;
  /** Only for the server of messages; not injectable. */
  readonly verifier: MessageVerifier;
  readonly database: Database | undefined;
  readonly relay: OutboxRelay | undefined;
  readonly vault: Vault | undefined;
  readonly keys: KeySource | undefined;
}

class PlatformModule {}
class RootModule {}

/** The root module: the service's module and the platform's parts, which every module of the service can have injected. */
export function rootModule(service: Type, parts: PlatformParts): DynamicModule {
  const values: [InjectionToken, unknown][] = [
    [SETTINGS, parts.settings],
    [Bus, parts.bus],
    [Doorbells, parts.doorbells],
    [Lifecycle, parts.lifecycle],
    [Cache, parts.cache],
    [ObjectStore, parts.objects],
    [DiskGuard, parts.disk],
    [Payloads, parts.payloads],
    [Database, parts.database],
    [OutboxRelay, parts.relay],
    [Vault, parts.vault],
    [KeySource, parts.keys],
    [DataKeys, parts.keys instanceof DataKeys ? parts.keys : undefined],
    [SealedFiles, parts.vault && parts.keys && new SealedFiles(parts.objects, parts.vault, parts.keys)],
  ];
  const providers = values
    .filter(([, value]) => value !== undefined)
    .map(([provide, useValue]) => ({ provide, useValue }));
  const platform = { module: PlatformModule, global: true, providers, exports: providers };
  return { module: RootModule, imports: [platform, service] };
}
