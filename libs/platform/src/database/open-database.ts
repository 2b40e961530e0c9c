import type { Database } from './database.js';

export interface DatabaseOptions {
  readonly url: string;
  /** The service's name: application name in Postgres, and the schema when the URL names none. */
  readonly service: string;
  /** @default 10 */
  readonly poolSize?: number;
  /** @default 15_000 */
  readonly statementTimeoutMs?: number;
}

/**
 * A database outside of `runService`, as tests of a store need one; close it with `database.pool.end()`.
 * Loads the driver only here: services without a database do without it.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { makeDatabase } = await import('./make-database.js');
  return makeDatabase(options);
}
