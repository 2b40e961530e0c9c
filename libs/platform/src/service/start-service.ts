import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openCache } from '../cache/cache.js';
import { openDatabase } from '../database/open-database.js';
import { log, startLog } from '../logging/log.js';
import { Bus } from '../messaging/bus.js';
import { BusConnection } from '../messaging/bus-connection.js';
import { Doorbells } from '../messaging/doorbells.js';
import { ObjectStore } from '../objects/object-store.js';
import { Payloads } from '../objects/payloads.js';
import { OutboxRelay } from '../outbox/outbox-relay.js';
import type { SettingsDefinition } from '../settings/define-settings.js';
import {
  type PlatformSettings,
  type ServiceSettings,
  platformSettings,
} from '../settings/platform-settings.js';
import { readSettings } from '../settings/read-settings.js';
import { scrapeMetrics } from '../telemetry/metrics.js';
import { declareProcessMetrics } from '../telemetry/process-metrics.js';
import { Vault } from '../vault/vault.js';
import { drainService } from './drain-service.js';
import { startInternalServer } from './internal-server.js';
import { Lifecycle } from './lifecycle.js';
import { type PlatformParts, rootModule } from './platform-module.js';
import { checkReadiness, readMigrationNames } from './readiness.js';
import type { RunningService, ServiceOptions } from './run-service.js';

/**
 * Starts everything in the one order that holds: settings, telemetry, log, connections, the service's own code, and last
 * what lets others in.
 *
 * @throws SettingsError before anything else is touched
 */
export async function startService<D extends SettingsDefinition>(
  options: ServiceOptions<D>,
): Promise<RunningService<D>> {
  const startedMs = performance.now();
  const settings = settingsOf(options);
  const home = packageOf(process.argv[1]);
  const identity = {
    name: options.name,
    version: options.version ?? home?.version ?? '0.0.0',
    environment: settings.environment,
  };
  startLog(identity, settings.logLevel);
  const telemetry = await startTelemetry(settings, identity);
  const [connection, parts] = await connect(options, settings);
  const { createHttpApp, createMessageApp } = await import('./nest-app.js');
  const { ContractServer } = await import('../messaging/contract-server.js');
  const strategy = new ContractServer(connection, options.name, parts.doorbells);
  const module = rootModule(await options.module(), parts);
  const app = options.http
    ? await createHttpApp(module, strategy, options.http(settings), settings)
    : await createMessageApp(module, strategy);
  let drained: Promise<void> | undefined;
  const migrations = readMigrationNames(options.migrations ?? join(home?.folder ?? '.', 'prisma/migrations'));
  const { bus, database, lifecycle } = parts;
  const internal = await startInternalServer({
    host: settings.internalHost,
    port: settings.internalPort,
    readiness: () => checkReadiness({ bus, database, lifecycle, migrations, isStarted: () => isStarted }),
    scrape: telemetry.scrape,
  });
  let isStarted = false;
  let httpPort: number | undefined;
  const service: RunningService<D> = {
    settings,
    internalPort: internal.port,
    get httpPort() {
      return httpPort;
    },
    get: (token) => app.context.get(token as never, { strict: false }),
    drain: (reason) => {
      drained ??= drainService({
        reason,
        settings,
        app,
        parts,
        connection,
        internal,
        stopTelemetry: telemetry.stop,
      });
      return drained;
    },
  };
  await options.prepare?.(service);
  httpPort = await app.listen();
  parts.relay?.start();
  isStarted = true;
  const startMs = Math.round(performance.now() - startedMs);
  log.info({ internalPort: internal.port, httpPort, startMs }, 'service ready');
  return service;
}

function settingsOf<D extends SettingsDefinition>(options: ServiceOptions<D>): ServiceSettings<D> {
  const required = [
    ...(options.database || options.outbox ? ['databaseUrl'] : []),
    ...(options.vault ? ['masterKey'] : []),
  ];
  const definition = { ...platformSettings, ...options.settings };
  // The one place that reads the environment.
  return readSettings(definition, options.environment ?? process.env, required) as ServiceSettings<D>;
}

interface Telemetry {
  readonly scrape: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

async function startTelemetry(
  settings: PlatformSettings,
  identity: { name: string; version: string; environment: string },
): Promise<Telemetry> {
  const stopProcessMetrics = declareProcessMetrics(identity.version);
  const stopTracing =
    settings.otlpEndpoint === undefined
      ? undefined
      : (await import('../telemetry/start-tracing.js')).startTracing(settings.otlpEndpoint, identity);
  return {
    scrape: () => scrapeMetrics({ service: identity.name }),
    stop: async () => {
      stopProcessMetrics();
      await stopTracing?.();
    },
  };
}

async function connect<D extends SettingsDefinition>(
  options: ServiceOptions<D>,
  settings: PlatformSettings,
): Promise<[BusConnection, PlatformParts]> {
  const [connection, cache, database] = await Promise.all([
    BusConnection.open(settings.natsUrl, options.name, settings.natsReplicas),
    openCache(settings.redisUrl, options.name),
    settings.databaseUrl === undefined
      ? undefined
      : openDatabase({
          url: settings.databaseUrl,
          service: options.name,
          poolSize: settings.databasePoolSize,
          statementTimeoutMs: settings.statementTimeoutMs,
        }),
  ]);
  const bus = new Bus(connection);
  const objects = new ObjectStore(settings.objectStore);
  const vault = settings.masterKey === undefined ? undefined : new Vault(settings.masterKey);
  return [
    connection,
    {
      settings,
      bus,
      doorbells: new Doorbells(),
      lifecycle: new Lifecycle(),
      cache,
      objects,
      payloads: new Payloads(objects, vault),
      database,
      relay: options.outbox && database ? new OutboxRelay(database, bus) : undefined,
      vault,
    },
  ];
}

/** The package that holds the started program: where its version and migrations are. */
function packageOf(program: string | undefined): { folder: string; version: string } | undefined {
  for (let folder = dirname(program ?? '.'); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      const { version = '0.0.0' } = JSON.parse(readFileSync(file, 'utf8')) as { version?: string };
      return { folder, version };
    }
  }
  return undefined;
}
