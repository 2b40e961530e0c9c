import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServiceSettings } from '../settings/platform-settings.js';
import type { SettingsDefinition } from '../settings/define-settings.js';

/** The public HTTP side of a service. */
export interface HttpOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** @default 1 MiB */
  readonly bodyLimitBytes?: number;
  /** Origins whose pages may call; none by default. */
  readonly corsOrigins?: readonly string[];
  /** Name of the setting behind `bodyLimitBytes`, for the error. */
  readonly bodyLimitName?: string;
  /** Whether `x-forwarded-*` is believed, and from whom. @default false */
  readonly trustProxy?: boolean | string | readonly string[];
  /** Registers Fastify plugins and hooks, before routes. */
  readonly configure?: (app: NestFastifyApplication) => Promise<void> | void;
}

export interface ServiceOptions<D extends SettingsDefinition> {
  /** As in subjects: `flow-registry`. */
  readonly name: string;
  /** @default the version of the nearest package.json of the started program */
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
  /** Folder with the service's migrations, for /ready. @default prisma/migrations beside the service's dist */
  readonly migrations?: string | URL;
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** For tests: leaves signals, exit and crashes to the caller, and throws where it would exit. @default false */
  readonly embedded?: boolean;
}

/** A started service. */
export interface RunningService<D extends SettingsDefinition> {
  readonly settings: ServiceSettings<D>;
  readonly internalPort: number;
  /** Of the public side; undefined without `http`. */
  readonly httpPort: number | undefined;
  /** An injectable of the service. */
  get<T>(token: Type<T> | (abstract new (...args: never[]) => T) | symbol): T;
  /** Stops in order: nothing new, wait for what runs, flush, close. */
  drain(reason: string): Promise<void>;
}

/** Starts a service; settles when it is ready. Its whole main.ts. */
export async function runService<D extends SettingsDefinition>(
  _options: ServiceOptions<D>,
): Promise<RunningService<D>> {
  throw new Error('not yet');
}

/** Injection token of the settings: `@Inject(SETTINGS) settings: ServiceSettings<typeof settings>`. */
export const SETTINGS = Symbol('causeway.settings');
