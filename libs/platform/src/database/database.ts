import type { PrismaPg } from '@prisma/adapter-pg';
import type { Pool, QueryResult, QueryResultRow } from 'pg';

/** Anything that takes SQL: the pool or one transaction. */
export interface Queryable {
  /**
   * @param options.name  prepares the statement once per connection under this name; one name, one text
   * @throws CausewayError UNAVAILABLE when Postgres cannot be reached; pg's DatabaseError for what it refuses
   */
  query<R extends QueryResultRow = QueryResultRow>(
    sql: string,
    values?: readonly unknown[],
    options?: { readonly name?: string },
  ): Promise<QueryResult<R>>;
}

/** The process's connections to Postgres: one pool for SQL and for Prisma. Injectable. */
export class Database implements Queryable {
  get pool(): Pool {
    throw new Error('not yet');
  }

  /** The schema of this service. */
  get schema(): string {
    throw new Error('not yet');
  }

  query<R extends QueryResultRow = QueryResultRow>(
    _sql: string,
    _values: readonly unknown[] = [],
    _options: { readonly name?: string } = {},
  ): Promise<QueryResult<R>> {
    throw new Error('not yet');
  }

  /**
   * Runs `fn` in one transaction; a throw rolls it back.
   *
   * @throws CausewayError UNAVAILABLE; with `details.commitUnknown` true when the connection broke during COMMIT
   */
  transaction<T>(_fn: (transaction: Queryable) => Promise<T>): Promise<T> {
    throw new Error('not yet');
  }

  /** For `new PrismaClient({ adapter: database.prismaAdapter() })`: Prisma on the same pool and schema. */
  prismaAdapter(): PrismaPg {
    throw new Error('not yet');
  }
}
