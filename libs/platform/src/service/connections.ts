import { type Cache, openCache } from '../cache/cache.js';
import type { Database } from '../database/database.js';
import { openDatabase } from '../database/open-database.js';
import { BusConnection } from '../messaging/bus/bus-connection.js';
import type { ObjectStore } from '../objects/object-store.js';
import { openObjectStore } from '../objects/open-object-store.js';
import type { PlatformSettings } from '../settings/platform-settings.js';

/** The connections of a process. */
export interface Connections {
  readonly nats: BusConnection;
  /** Connects in the background. */
  readonly cache: Cache;
  /** Connects when it is first used; undefined without a URL. */
  readonly database: Database | undefined;
  readonly objects: ObjectStore;
}

/**
 * @param login  the name of its login for NATS
 * @throws Error when NATS does not answer; SettingsError when the object store refuses access; then nothing is left open
 */
export async function connect(
  service: string,
  login: string,
  settings: PlatformSettings,
): Promise<Connections> {
  const objects = await openObjectStore(settings);
  const nats = await BusConnection.open(settings.natsUrl, login, settings.natsReplicas).catch(
    (error: unknown) => {
      objects.close();
      throw error;
    },
  );
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
  return { nats, cache, database, objects };
}

/** Closes all connections at the same time; never throws. */
export async function disconnect({ nats, cache, database, objects }: Connections): Promise<void> {
  cache.close();
  objects.close();
  await Promise.allSettled([nats.close(), database?.pool.end()]);
}
