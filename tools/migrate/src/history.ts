import type { Client } from 'pg';
import { type Migration, type Service, readMigrations } from './services.js';

export const MigrationState = { applied: 'applied', pending: 'pending', failed: 'failed' } as const;
export type MigrationState = (typeof MigrationState)[keyof typeof MigrationState];

/** The state of a migration in a database. */
export interface MigrationStatus {
  readonly service: string;
  readonly migration: string;
  readonly state: MigrationState;
}

/** A service's migrations, compared with the database's record. */
export interface History {
  readonly migrations: readonly Migration[];
  readonly statuses: readonly MigrationStatus[];
}

interface Row {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

/**
 * Reads which of a service's migrations are applied.
 *
 * @throws Error when an applied migration's file was changed since, or is not in this checkout
 */
export async function readHistory(database: Client, service: Service): Promise<History> {
  const migrations = readMigrations(service);
  const rows = await readRows(database, service.schema);
  for (const row of rows) checkRow(service, migrations, row);
  const statuses = migrations.map(({ name }): MigrationStatus => {
    const row = rows.find(({ migration_name }) => migration_name === name);
    const state = row === undefined ? 'pending' : row.finished ? 'applied' : 'failed';
    return { service: service.name, migration: name, state };
  });
  return { migrations, statuses };
}

async function readRows(database: Client, schema: string): Promise<Row[]> {
  const table = `${schema}._prisma_migrations`;
  const { rows: found } = await database.query<{ table: string | null }>('select to_regclass($1) as table', [
    table,
  ]);
  if (!found[0]?.table) return [];
  const { rows } = await database.query<Row>(
    `select migration_name, checksum, finished_at is not null as finished from ${table}
     where rolled_back_at is null order by started_at`,
  );
  return rows;
}

function checkRow(service: Service, migrations: readonly Migration[], row: Row): void {
  const migration = migrations.find(({ name }) => name === row.migration_name);
  const title = `${service.name}/${row.migration_name}`;
  if (!row.finished) return;
  if (!migration)
    throw new Error(`the database has migration ${title}, which this checkout lacks: use a newer checkout`);
  if (migration.checksum !== row.checksum) {
    throw new Error(
      `migration ${title} was changed after it was applied: restore the file and write a new migration`,
    );
  }
}
