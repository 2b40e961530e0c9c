import type { Database } from './database.js';
import type { DatabaseOptions } from './database-options.js';

/**
 * A database outside of `runService`, as tests of a store need one; close it with `database.pool.end()`.
 * Loads the driver only here: services without a database do without it.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { makeDatabase } = await import('./make-database.js');
  return makeDatabase(options);
}
