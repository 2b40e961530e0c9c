import { join } from 'node:path';
import { onceReachable } from '../database/once-reachable.js';
import { publicKeyOf, readSigningKey, readTrustedKeys } from '../identity/keys.js';
import { MessageSigner } from '../identity/message-signer.js';
import { MessageVerifier } from '../identity/message-verifier.js';
import { log, startLog } from '../logging/log.js';
import { Bus } from '../messaging/bus/bus.js';
import { Doorbells } from '../messaging/servers/doorbells.js';
import { DiskGuard } from '../disk/disk-guard.js';
import { Passing } from '../objects/passing.js';
import { Payloads } from '../objects/payloads.js';
import { sweepHourly } from '../objects/sweeping.js';
import { OutboxRelay } from '../outbox/outbox-relay.js';
import type { SettingsDefinition } from '../settings/define-settings.js';
import {
  type PlatformSettings,
  type ServiceSettings,
  platformSettings,
} from '../settings/platform-settings.js';
import { SettingsError, readSettings } from '../settings/read-settings.js';
import { type Telemetry, startTelemetry } from '../telemetry/start-telemetry.js';
import { AuthKeys } from '../vault/auth-keys.js';
import { DataKeys } from '../vault/data-keys.js';
import { KeyExchange } from '../vault/key-exchange.js';
import { Vault } from '../vault/vault.js';
import { followDataKeys } from '../vault/follow-data-keys.js';
import { type Connections, connect, disconnect } from './connections.js';
import { drainService } from './drain-service.js';
import { startInternalServer } from './internal-server.js';
import { Lifecycle } from './lifecycle.js';
import { findPackage } from './own-package.js';
import { type PlatformParts, rootModule } from './platform-module.js';
import { checkReadiness, readMigrationNames } from './readiness.js';
import type { RunningService, ServiceOptions } from './service-options.js';

/**
 * Starts everything in the only order that works: settings, telemetry, log, connections, the service's own code, and last
 * the ports and subscriptions. A start that fails leaves nothing open.
 *
 * @throws SettingsError before anything else is started
 */
export async function startService<D extends SettingsDefinition>(
  options: ServiceOptions<D>,
): Promise<RunningService<D>> {
  const startedMs = performance.now();
  const settings = settingsOf(options);
  const version = options.version ?? findPackage(process.argv[1])?.version ?? '0.0.0';
  const identity = { name: options.name, version, environment: settings.environment };
  startLog(identity, settings.logLevel);
  const telemetry = await startTelemetry(identity, settings.otlpEndpoint);
  // Nest takes longest to load, so connections are opened at the same time.
  const [connections] = await Promise.all([
    connect(options.name, options.login ?? options.name, settings),
    import('./nest-app.js'),
    import('../messaging/servers/contract-server.js'),
  ]);
  try {
    const service = await assemble(options, settings, connections, telemetry);
    const { internalPort, httpPort } = service;
    const startMs = Math.round(performance.now() - startedMs);
    log.info({ internalPort, httpPort, startMs }, 'service ready');
    return service;
  } catch (error) {
    await Promise.allSettled([disconnect(connections), telemetry.stop()]);
    throw error;
  }
}

async function assemble<D extends SettingsDefinition>(
  options: ServiceOptions<D>,
  settings: ServiceSettings<D>,
  connections: Connections,
  telemetry: Telemetry,
): Promise<RunningService<D>> {
  const { createHttpApp, createMessageApp } = await import('./nest-app.js');
  const { ContractServer } = await import('../messaging/servers/contract-server.js');
  const parts = partsOf(options, settings, connections);
  const strategy = new ContractServer(connections.nats, options.name, parts);
  const module = rootModule(await options.module(), parts);
  const app = options.http
    ? await createHttpApp(module, strategy, options.http(settings), settings, options.name)
    : await createMessageApp(module, strategy);
  const migrations = readMigrationNames(options.migrations ?? ownMigrations());
  let isStarted = false;
  const internal = await startInternalServer({
    host: settings.internalHost,
    port: settings.internalPort,
    token: settings.internalToken,
    readiness: () => checkReadiness({ ...parts, migrations, isStarted: () => isStarted }),
    scrape: telemetry.scrape,
  });
  let httpPort: number | undefined;
  let drained: Promise<void> | undefined;
  const service: RunningService<D> = {
    settings,
    internalPort: internal.port,
    get httpPort() {
      return httpPort;
    },
    get: (token) => app.context.get(token as never, { strict: false }),
    drain: (reason) =>
      (drained ??= drainService({ reason, settings, app, parts, connections, internal, telemetry })),
  };
  try {
    const { database } = parts;
    if (database && options.prepare) await onceReachable(() => database.query('select 1'));
    await options.prepare?.(service);
    if (parts.keys instanceof DataKeys) followDataKeys(parts.keys, parts.bus, parts.lifecycle);
    httpPort = await app.listen();
  } catch (error) {
    await service.drain('start failed');
    throw error;
  }
  parts.relay?.start();
  if (options.disk) await parts.disk.start(parts.lifecycle.signal);
  sweepHourly(parts.lifecycle.signal, (nowMs) => parts.objects.sweep(nowMs));
  isStarted = true;
  return service;
}

function settingsOf<D extends SettingsDefinition>(options: ServiceOptions<D>): ServiceSettings<D> {
  const required = options.database || options.outbox ? ['databaseUrl'] : [];
  const definition = { ...platformSettings, ...options.settings };
  // The one place that reads the environment.
  const settings = readSettings(
    definition,
    options.environment ?? process.env,
    required,
  ) as ServiceSettings<D>;
  if (!options.embedded) checkOwnKey(options.login ?? options.name, settings);
  return settings;
}

/** A service that the others do not know would start, and then be refused by all of them. @throws SettingsError */
function checkOwnKey(name: string, { signingKey, trustedKeys }: PlatformSettings): void {
  const own = publicKeyOf(signingKey);
  const known = readTrustedKeys(trustedKeys).get(name) ?? [];
  if (known.some((key) => key.export({ format: 'jwk' }).x === own)) return;
  throw new SettingsError([
    `CAUSEWAY_TRUSTED_KEYS has no key of ${name} that belongs to CAUSEWAY_SIGNING_KEY; add ${name}=${own} in the settings of every service`,
  ]);
}

function partsOf<D extends SettingsDefinition>(
  options: ServiceOptions<D>,
  settings: ServiceSettings<D>,
  { nats, cache, database, objects }: Connections,
): PlatformParts {
  const passing = new Passing(objects);
  const signingKey = readSigningKey(settings.signingKey);
  const trusted = readTrustedKeys(settings.trustedKeys);
  const signer = new MessageSigner(signingKey);
  const bus = new Bus(nats, passing, (contract, message) => {
    const [sender = options.login ?? options.name] = options.embedded ? contract.from : [];
    return signer.sign(sender, contract, options.callerOf?.(message));
  });
  const keys =
    options.keys ??
    (options.vault
      ? new DataKeys(new AuthKeys(bus, new KeyExchange(options.name, signingKey, trusted)))
      : undefined);
  const vault = keys && new Vault(keys);
  return {
    settings,
    bus,
    verifier: new MessageVerifier(trusted),
    doorbells: new Doorbells(),
    lifecycle: new Lifecycle(),
    disk: new DiskGuard({
      paths: settings.diskPaths,
      warnPercent: settings.diskWarnPercent,
      refusePercent: settings.diskRefusePercent,
      lookMs: settings.diskLookMs,
    }),
    cache,
    objects,
    payloads: new Payloads(objects, vault),
    passing,
    database,
    relay: options.outbox && database ? new OutboxRelay(database, bus) : undefined,
    vault,
    keys,
  };
}

function ownMigrations(): string {
  return join(findPackage(process.argv[1])?.folder ?? '.', 'prisma/migrations');
}
