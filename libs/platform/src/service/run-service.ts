import type { Type } from '@nestjs/common';
import type { HttpOptions } from '../http/http-options.js';
import { flushLog, log } from '../logging/log.js';
import type { SettingsDefinition } from '../settings/define-settings.js';
import type { ServiceSettings } from '../settings/platform-settings.js';
import { SETTINGS_EXIT_CODE, SettingsError } from '../settings/read-settings.js';
import { guardProcess } from './process-guard.js';
import { startService } from './start-service.js';

export interface ServiceOptions<D extends SettingsDefinition> {
  /** As in subjects: `flow-registry`. */
  readonly name: string;
  /** @default the version of the package that holds the started program */
  readonly version?: string;
  readonly settings: D;
  /** The service's Nest module; imported only once telemetry runs. */
  readonly module: () => Promise<Type>;
  readonly http?: (settings: ServiceSettings<D>) => HttpOptions;
  /** Runs before the service takes anything: connections are there, Nest's modules are initialised. */
  readonly prepare?: (service: RunningService<D>) => Promise<void>;
  /** The service cannot do without Postgres. Without it a Database is there only when the URL is set. @default false */
  readonly database?: boolean;
  /** Starts the OutboxRelay; implies `database`. @default false */
  readonly outbox?: boolean;
  /** The service cannot do without the master key. @default false */
  readonly vault?: boolean;
  /** Folder with the service's migrations, for /ready. @default prisma/migrations of the package of the started program */
  readonly migrations?: string;
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** For tests: leaves signals, exit and crashes to the caller, and throws where it would exit. @default false */
  readonly embedded?: boolean;
}

/** A started service. */
export interface RunningService<D extends SettingsDefinition = SettingsDefinition> {
  readonly settings: ServiceSettings<D>;
  readonly internalPort: number;
  /** Of the public side; undefined without `http`. */
  readonly httpPort: number | undefined;
  /** An injectable of the service or of the platform. */
  get<T>(token: (abstract new (...args: never[]) => T) | symbol): T;
  /** Stops in order: nothing new, wait for what runs, flush, close. Again gives the same promise. */
  drain(reason: string): Promise<void>;
}

/** What a forked service tells its parent when it is ready. */
export interface ReadyMessage {
  readonly type: 'causeway.ready';
  readonly internalPort: number;
  readonly httpPort: number | undefined;
}

/**
 * Starts a service; settles when it is ready. The whole of its main.ts.
 * The process then ends by SIGTERM, SIGINT, or (forked) when its parent goes: it drains and exits with 0; a second signal
 * ends it at once with 1. Wrong settings end it with 78, anything else that stops the start, or a crash, with 1.
 */
export async function runService<D extends SettingsDefinition>(
  options: ServiceOptions<D>,
): Promise<RunningService<D>> {
  if (options.embedded) return startService(options);
  const guard = guardProcess();
  try {
    const service = await startService(options);
    guard.drainWith((reason) => service.drain(reason));
    const ready: ReadyMessage = {
      type: 'causeway.ready',
      internalPort: service.internalPort,
      httpPort: service.httpPort,
    };
    process.send?.(ready);
    return service;
  } catch (error) {
    if (error instanceof SettingsError) {
      process.stderr.write(`${options.name} does not start. ${error.message}\n`);
      process.exit(SETTINGS_EXIT_CODE);
    }
    log.fatal({ error }, 'start failed');
    flushLog();
    process.exit(1);
  }
}
