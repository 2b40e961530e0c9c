import type { Queryable } from '@causeway/platform';
import pg from 'pg';
import { afterAll } from 'vitest';

/** One connection to a database, with the interface that the stores use. */
export interface Connection extends Queryable {
  readonly pid: number;
  readonly client: pg.Client;
}

/** Opens a connection that is closed when the file ends. */
export async function connect(url: string): Promise<Connection> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  afterAll(() => client.end());
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return {
    client,
    pid: rows[0]?.pid as number,
    query: (sql, values = [], options = {}) =>
      client.query({ text: sql, values: [...values], ...(options.name ? { name: options.name } : {}) }),
  };
}

/** Opens a pool as a service has it: as many connections as are needed at once. Closed when the file ends. */
export function openPool(url: string): Queryable {
  const pool = new pg.Pool({ connectionString: url, max: 5 });
  afterAll(() => pool.end());
  return {
    query: (sql, values = [], options = {}) =>
      pool.query({ text: sql, values: [...values], ...(options.name ? { name: options.name } : {}) }),
  };
}
