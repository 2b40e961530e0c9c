/** A server that belongs to one test file. */
export interface StartedServer {
  readonly id: string;
  readonly url: string;
}

/** A migrated database that belongs to one test file. */
export interface StartedDatabase {
  readonly name: string;
  /** As superuser, in this database. */
  readonly adminUrl: string;
  /** Per service (its folder's name) as the role that runs it, in its schema. */
  readonly urls: Readonly<Record<string, string>>;
}

export interface WantedDatabase {
  /** Names of the services whose schemas it has. @default all */
  readonly services?: readonly string[];
}

/**
 * What test files, each in a process of its own, ask the process that runs Vitest. It owns all servers, so that a
 * test file that crashes or is cut off leaves none behind.
 */
export interface HostCalls {
  postgres(nothing: Record<string, never>): Promise<string>;
  database(wanted: WantedDatabase): Promise<StartedDatabase>;
  nats(nothing: Record<string, never>): Promise<StartedServer>;
  redis(nothing: Record<string, never>): Promise<StartedServer>;
  start(server: { readonly id: string }): Promise<void>;
  stop(server: { readonly id: string }): Promise<void>;
  kill(server: { readonly id: string }): Promise<void>;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the process that owns the test servers listens; the path is a secret of this run. */
    causewayTestHost: string;
  }
}
