/** A server that belongs to one test file. */
export interface StartedServer {
  readonly id: string;
  readonly url: string;
}

/** A migrated database that belongs to one test file. */
export interface StartedDatabase {
  readonly name: string;
  /** Address of this database as superuser. */
  readonly adminUrl: string;
  /** Addresses by service (its folder's name), with the role and the schema of the running service. */
  readonly urls: Readonly<Record<string, string>>;
}

export interface WantedDatabase {
  /** Names of the services whose schemas it has. @default all */
  readonly services?: readonly string[];
}

/**
 * The requests of test files, each in a process of its own, to the process that runs Vitest. That process owns all servers, so that
 * a test file that crashes or is ended leaves none behind.
 */
export interface HostCalls {
  postgres(nothing: Record<string, never>): Promise<string>;
  database(wanted: WantedDatabase): Promise<StartedDatabase>;
  nats(nothing: Record<string, never>): Promise<StartedServer>;
  redis(nothing: Record<string, never>): Promise<StartedServer>;
  start(server: { readonly id: string }): Promise<void>;
  stop(server: { readonly id: string }): Promise<void>;
  kill(server: { readonly id: string }): Promise<void>;
  freeze(server: { readonly id: string }): Promise<void>;
  thaw(server: { readonly id: string }): Promise<void>;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the process that owns the test servers; its path is a secret of this run. */
    causewayTestHost: string;
  }
}
