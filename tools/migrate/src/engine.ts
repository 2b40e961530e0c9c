import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlResultSet,
  bindMigrationAwareSqlAdapterFactory,
  mockAdapter,
} from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { DatabaseError, Pool } from 'pg';

/** The connection for a service's migrations, as its owner and in its schema; as fields, not as an address. */
export interface OwnerConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly schema: string;
}

export type SchemaEngine = bindings.SchemaEngine;
export type MigrationList = bindings.MigrationList;

/**
 * Runs Prisma's schema engine in this process, on one schema: nothing is downloaded.
 *
 * @param refused  is called with the database's error when it refuses a script; the engine's own error has no details
 */
export async function withEngine<T>(
  connection: OwnerConnection,
  refused: (error: DatabaseError) => void,
  use: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const { schema, ...fields } = connection;
  // With a connection string instead of fields the engine would use this database as a scratch copy.
  const pool = new Pool({ ...fields, options: `-c search_path=${schema}`, max: 2 });
  try {
    const engine = await newEngine(sendScriptsWhole(new PrismaPg(pool, { schema }), pool, refused));
    return await use(engine);
  } finally {
    // The engine never closes its sessions, and one of them holds the lock that keeps other engines waiting.
    await pool.end();
  }
}

/** Answers of an empty Postgres 15 to the engine's first queries: the schema exists, version, number of the version. */
const OPENING_ANSWER: SqlResultSet = {
  columnNames: ['exists', 'version', 'numeric_version'],
  columnTypes: [ColumnTypeEnum.Boolean, ColumnTypeEnum.Text, ColumnTypeEnum.Int32],
  rows: [[true, 'PostgreSQL 15.0', 150_000]],
};

/** The engine without a database: enough to compare two schemas. */
export function openOfflineEngine(): Promise<SchemaEngine> {
  const connect = async (): Promise<SqlDriverAdapter> => ({
    ...mockAdapter('postgres'),
    queryRaw: async () => OPENING_ANSWER,
    dispose: async () => {},
  });
  return newEngine({ provider: 'postgres', adapterName: 'offline', connect, connectToShadowDb: connect });
}

async function newEngine(factory: SqlMigrationAwareDriverAdapterFactory): Promise<SchemaEngine> {
  await loadEngine();
  return bindings.SchemaEngine.new(
    { datamodels: undefined },
    () => {},
    bindMigrationAwareSqlAdapterFactory(factory),
  );
}

/**
 * The adapter splits a script at each semicolon, which breaks function bodies, and runs the parts one by one. Sent
 * whole, the database itself splits it and makes one transaction of it: a migration is applied entirely or not at all.
 */
function sendScriptsWhole(
  factory: PrismaPg,
  pool: Pool,
  refused: (error: DatabaseError) => void,
): SqlMigrationAwareDriverAdapterFactory {
  const executeScript = async (script: string): Promise<void> => {
    await pool.query(script).catch((error: unknown) => {
      if (error instanceof DatabaseError) refused(error);
      throw error;
    });
  };
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => Object.assign(await factory.connect(), { executeScript }),
    connectToShadowDb: () =>
      Promise.reject(new Error('no scratch database: migrations are drafted from schema snapshots')),
  };
}

let loading: Promise<void> | undefined;

function loadEngine(): Promise<void> {
  loading ??= instantiate();
  return loading;
}

/** The part of WebAssembly used here; TypeScript declares it for browsers only. */
interface WebAssemblyApi {
  instantiate(
    bytes: Uint8Array,
    imports: object,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
}

async function instantiate(): Promise<void> {
  // The package's own entry imports a .wasm file, which Node does not support.
  const folder = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'));
  const bytes = await readFile(join(folder, 'schema_engine_bg.wasm'));
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi };
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings });
  (bindings as unknown as { __wbg_set_wasm(exports: object): void }).__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}
