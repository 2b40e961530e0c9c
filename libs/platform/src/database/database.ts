import type { PrismaPg } from '@prisma/adapter-pg';
import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';
import { unavailableDatabase } from './connection-errors.js';

/** An object that executes SQL: the pool or one transaction. */
export interface Queryable {
  /**
   * @param options.name  prepares the statement once per connection under this name; each name must always have the same text
   * @throws CausewayError UNAVAILABLE when Postgres is unreachable; pg's DatabaseError when it refuses the statement
   */
  query<R extends QueryResultRow = QueryResultRow>(
    sql: string,
    values?: readonly unknown[],
    options?: { readonly name?: string },
  ): Promise<QueryResult<R>>;
}

/** The process's connections to Postgres: one pool for SQL and for Prisma. Injectable. */
export class Database implements Queryable {
  /** For uses that `query` and `transaction` do not cover, such as a connection for a session. */
  readonly pool: Pool;
  /** The schema of this service; it is first in every connection's search path. */
  readonly schema: string;
  readonly #makeAdapter: (pool: Pool, schema: string) => PrismaPg;

  /** @internal */
  constructor(pool: Pool, schema: string, makeAdapter: (pool: Pool, schema: string) => PrismaPg) {
    this.pool = pool;
    this.schema = schema;
    this.#makeAdapter = makeAdapter;
  }

  query<R extends QueryResultRow = QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
    options: { readonly name?: string } = {},
  ): Promise<QueryResult<R>> {
    return run(this.pool, sql, values, options.name);
  }

  /**
   * Runs `fn` in one transaction; an error rolls it back.
   *
   * @param options.idleMs  Postgres ends the connection after a longer pause between two statements, in milliseconds. @default 15_000
   * @throws CausewayError UNAVAILABLE; with `details.commitUnknown` true when the connection broke during COMMIT
   */
  async transaction<T>(
    fn: (transaction: Queryable) => Promise<T>,
    options: { readonly idleMs?: number } = {},
  ): Promise<T> {
    const client = await this.pool.connect().catch(rethrow);
    let broken: unknown;
    const onError = (error: unknown): void => {
      broken = error;
    };
    client.on('error', onError);
    try {
      await run(client, beginSql(options.idleMs));
      const result = await fn({
        query: (sql, values = [], options = {}) => run(client, sql, values, options.name),
      });
      await client.query('COMMIT').catch((error: unknown) => {
        throw unavailableDatabase(error, { commitUnknown: true }) ?? error;
      });
      return result;
    } catch (error) {
      broken ??= await client.query('ROLLBACK').then(
        () => undefined,
        (rollback: unknown) => rollback,
      );
      throw error;
    } finally {
      client.off('error', onError);
      // A connection that could not roll back is not used again.
      client.release(broken !== undefined);
    }
  }

  /** For `new PrismaClient({ adapter: database.prismaAdapter() })`: Prisma on the same pool and schema. */
  prismaAdapter(): PrismaPg {
    return this.#makeAdapter(this.pool, this.schema);
  }
}

function beginSql(idleMs: number | undefined): string {
  return idleMs === undefined ? 'BEGIN' : `BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${idleMs}`;
}

async function run<R extends QueryResultRow>(
  on: Pool | PoolClient,
  text: string,
  values: readonly unknown[] = [],
  name?: string,
): Promise<QueryResult<R>> {
  try {
    const query = { text, values: values as unknown[], ...(name === undefined ? {} : { name }) };
    return await on.query<R>(query);
  } catch (error) {
    return rethrow(error);
  }
}

function rethrow(error: unknown): never {
  throw unavailableDatabase(error) ?? error;
}
