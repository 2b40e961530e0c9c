import type { Principal } from '@causeway/contracts';
import type { Type } from '@nestjs/common';
import type { KeySource } from '../vault/key-source.js';
import type { HttpOptions } from '../http/http-options.js';
import type { SettingsDefinition } from '../settings/define-settings.js';
import type { ServiceSettings } from '../settings/platform-settings.js';

/** The parts of a service. */
export interface ServiceOptions<D extends SettingsDefinition> {
  /** As in subjects: `flow-registry`. */
  readonly name: string;
  /** @default the version of the package that holds the started program */
  readonly version?: string;
  readonly settings: D;
  /** The service's Nest module; imported only once telemetry runs. */
  readonly module: () => Promise<Type>;
  readonly http?: (settings: ServiceSettings<D>) => HttpOptions;
  /** Runs before the service takes messages and requests, when connections exist and Nest's modules are initialised. */
  readonly prepare?: (service: RunningService<D>) => Promise<void>;
  /** The service needs Postgres. If false, there is a Database only when the URL is set. @default false */
  readonly database?: boolean;
  /** Starts the OutboxRelay; implies `database`. @default false */
  readonly outbox?: boolean;
  /** The service seals and opens: it asks auth for the data keys of organisations. @default false */
  readonly vault?: boolean;
  /** The name of its login for NATS and of its signing key, for a process that may do less than its service. @default the service's name */
  readonly login?: string;
  /** Where a process that seals and opens gets keys from in place of auth. */
  readonly keys?: KeySource;
  /** Starts the DiskGuard, which watches the disks of the settings. @default false */
  readonly disk?: boolean;
  /** Folder with the service's migrations, for /ready. @default prisma/migrations of the package of the started program */
  readonly migrations?: string;
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /**
   * For tests: leaves signals, exit and crashes to the caller, throws where it would exit, and signs each message in the name of a service
   * that may send it. @default false
   */
  readonly embedded?: boolean;
  /** For tests: for whom a message is sent. @default the caller of the current context */
  readonly callerOf?: (message: unknown) => Principal;
}

/** A started service. */
export interface RunningService<D extends SettingsDefinition = SettingsDefinition> {
  readonly settings: ServiceSettings<D>;
  readonly internalPort: number;
  /** The public port; undefined without `http`. */
  readonly httpPort: number | undefined;
  /** An injectable of the service or of the platform. */
  get<T>(token: (abstract new (...args: never[]) => T) | symbol): T;
  /** Stops in this order: take nothing new, wait for running work, flush, close. A second call returns the same promise. */
  drain(reason: string): Promise<void>;
}
