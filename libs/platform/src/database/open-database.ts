import type { Database } from './database.js';
import type { DatabaseOptions } from './database-options.js';

/**
 * A database outside of `runService`, for tests of a store; close it with `database.pool.end()`.
 * The driver is loaded only here, so that services without a database do not load it.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { makeDatabase } = await import('./make-database.js');
  return makeDatabase(options);
}
