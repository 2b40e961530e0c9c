import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { log } from '../logging/log.js';
import { gauge } from '../telemetry/metrics.js';
import { Database } from './database.js';
import type { DatabaseOptions } from './database-options.js';

/** Requests fail within 2 s when Postgres does not answer; connecting and waiting for a connection may take this much of it. */
const CONNECT_TIMEOUT_MS = 1_500;
/** A transaction whose process does not respond must not hold its locks for ever. */
const IDLE_IN_TRANSACTION_MS = 15_000;
/** Most of Prisma's statements that are prepared by name; later ones, such as lists of changing lengths, are not prepared. */
const MAX_PREPARED = 500;

/** Creates the pool. It connects when it is first used. */
export function makeDatabase(options: DatabaseOptions): Database {
  const { poolSize = 10, statementTimeoutMs = 15_000 } = options;
  const url = new URL(options.url);
  const fromOptions = /search_path=("?)([\w-]+)\1/.exec(url.searchParams.get('options') ?? '')?.[2];
  const schema = url.searchParams.get('schema') ?? fromOptions ?? options.service.replaceAll('-', '_');
  url.searchParams.delete('schema');
  if (fromOptions === undefined) url.searchParams.set('options', `-c search_path=${schema}`);
  const pool = new Pool({
    connectionString: url.href,
    application_name: options.service,
    max: poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
    // So a server that has disappeared is noticed even while a statement waits for its answer.
    query_timeout: statementTimeoutMs + 5_000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
  });
  pool.on('error', (error) => log.warn({ error }, 'postgres connection lost'));
  gauge('causeway_db_pool_size', 'Connections that may be open.', () => poolSize);
  gauge('causeway_db_pool_in_use', 'Connections in use.', () => pool.totalCount - pool.idleCount);
  gauge('causeway_db_pool_waiting', 'Callers that wait for a connection.', () => pool.waitingCount);
  return new Database(pool, schema, adapterMaker());
}

/** All adapters of a pool share the names of statements, since a connection prepares each name for one text only. */
function adapterMaker(): (pool: Pool, schema: string) => PrismaPg {
  const names = new Map<string, string>();
  const statementNameGenerator = ({ sql }: { sql: string }): string => {
    let name = names.get(sql);
    if (name === undefined && names.size < MAX_PREPARED) {
      name = `prisma_${names.size}`;
      names.set(sql, name);
    }
    // An empty name leaves the statement unprepared.
    return name ?? '';
  };
  return (pool, schema) => new PrismaPg(pool, { schema, statementNameGenerator });
}
