import { type Cache, openCache } from '../cache/cache.js';
import type { Database } from '../database/database.js';
import { openDatabase } from '../database/open-database.js';
import { BusConnection } from '../messaging/bus-connection.js';
import type { PlatformSettings } from '../settings/platform-settings.js';

/** What a process is connected to. */
export interface Connections {
  readonly nats: BusConnection;
  /** Connects in the background. */
  readonly cache: Cache;
  /** Connects when first used; absent without a URL. */
  readonly database: Database | undefined;
}

/** @throws Error when NATS does not answer; nothing is left open then */
export async function connect(service: string, settings: PlatformSettings): Promise<Connections> {
  const nats = await BusConnection.open(settings.natsUrl, service, settings.natsReplicas);
  const [cache, database] = await Promise.all([
    openCache(settings.redisUrl, service),
    settings.databaseUrl === undefined
      ? undefined
      : openDatabase({
          url: settings.databaseUrl,
          service,
          poolSize: settings.databasePoolSize,
          statementTimeoutMs: settings.statementTimeoutMs,
        }),
  ]);
  return { nats, cache, database };
}

/** Closes everything, side by side; never throws. */
export async function disconnect({ nats, cache, database }: Connections): Promise<void> {
  cache.close();
  await Promise.allSettled([nats.close(), database?.pool.end()]);
}
