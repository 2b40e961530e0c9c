import type { Tenant } from '@causeway/contracts';
import { Database, type Queryable } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** The tables that hold sealed values, and the columns that name a row. */
const KEYS = {
  variable: ['id'],
  flow: ['id'],
  flow_version: ['flow_id', 'version_hash'],
  compiled_plan: ['flow_id', 'version_hash', 'compiled_by'],
  source: ['id'],
  file: ['id'],
  flow_hook: ['flow_id'],
} as const;
export type SealedTable = keyof typeof KEYS;
export const sealedTables = Object.keys(KEYS) as SealedTable[];

/** The sealed columns of each table; those of a file's content are in its row only as its key. */
const COLUMNS: Readonly<Record<SealedTable, readonly string[]>> = {
  variable: ['sealed_value'],
  flow: ['data'],
  flow_version: ['content'],
  compiled_plan: ['plan', 'variable_uses'],
  source: ['content'],
  file: ['sealed_key'],
  flow_hook: ['sealed_secret'],
};
/** What else is needed to seal a row again. */
const MORE: Readonly<Partial<Record<SealedTable, readonly string[]>>> = { file: ['sha256'] };

/** A row that another data key than the current one has sealed: its key and its size. */
export interface StaleRow {
  /** The values of the columns that name it. */
  readonly key: readonly string[];
  readonly bytes: number;
}

/** The sealed values of a row, by column, and what names it. */
export type SealedRow = Readonly<Record<string, string | null>>;

/** The rows that were sealed before a time without data keys ended, or with one that was retired since: three ranges of an index. */
const RANGES = ['data_key_id is null', 'data_key_id < $2', 'data_key_id > $2'] as const;

/** Finds and replaces what is sealed with another data key than the current one. */
@Injectable()
export class ResealingStore {
  constructor(private readonly database: Database) {}

  /** The organisations that have anything here, each with one of its teams. */
  async organisations(): Promise<Tenant[]> {
    const each = ['project', 'variable', 'file'].map(
      (table) =>
        `select organisation_id, min(team_id::text) as team_id from ${table} group by organisation_id`,
    );
    const { rows } = await this.database.query<{ organisationId: string; teamId: string }>(
      `select organisation_id::text as "organisationId", min(team_id) as "teamId"
       from (${each.join(' union all ')}) as found group by organisation_id`,
    );
    return rows;
  }

  /** How many rows of a table are to be sealed again. */
  async count(table: SealedTable, organisationId: string, dataKeyId: string): Promise<number> {
    const counts = RANGES.map(
      (range) => `(select count(*) from ${table} where organisation_id = $1 and ${range})`,
    );
    const { rows } = await this.database.query<{ count: number }>(
      `select (${counts.join(' + ')})::int as count`,
      [organisationId, dataKeyId],
    );
    return rows[0]?.count ?? 0;
  }

  /** Some of these rows, without those whose keys are given. */
  async find(
    table: SealedTable,
    organisationId: string,
    dataKeyId: string,
    { atMost, without }: { readonly atMost: number; readonly without: readonly string[] },
  ): Promise<StaleRow[]> {
    const name = keyText(table);
    const bytes = COLUMNS[table].map((column) => `coalesce(octet_length(${column}), 0)`).join(' + ');
    for (const range of RANGES) {
      const { rows } = await this.database.query<{ key: string[]; bytes: number }>(
        `select array[${KEYS[table].map((column) => `${column}::text`).join(', ')}] as key, ${bytes} as bytes from ${table}
         where organisation_id = $1 and ${range} and $2::text is not null and not (${name} = any($3::text[])) limit $4`,
        [organisationId, dataKeyId, without, atMost],
      );
      if (rows.length > 0) return rows;
    }
    return [];
  }

  /** Locks a row and reads what is sealed in it; undefined when it is gone, or another process holds it. */
  async take(
    transaction: Queryable,
    table: SealedTable,
    key: readonly string[],
  ): Promise<SealedRow | undefined> {
    const columns = [...COLUMNS[table], ...(MORE[table] ?? [])].join(', ');
    const { rows } = await transaction.query<Record<string, string | null>>(
      `select ${columns} from ${table} where ${where(table)} for no key update skip locked`,
      [...key],
    );
    return rows[0];
  }

  /** Stores what was sealed again. */
  async put(
    transaction: Queryable,
    table: SealedTable,
    key: readonly string[],
    values: SealedRow,
    dataKeyId: string,
  ): Promise<void> {
    const columns = Object.keys(values);
    const sets = columns.map((column, index) => `${column} = $${key.length + index + 2}`);
    await transaction.query(
      `update ${table} set ${[...sets, `data_key_id = $${key.length + 1}`].join(', ')} where ${where(table)}`,
      [...key, dataKeyId, ...columns.map((column) => values[column])],
    );
  }
}

/** The key of a row as one text, as `nameOf` writes it. */
function keyText(table: SealedTable): string {
  return KEYS[table].map((column) => `${column}::text`).join(` || '/' || `);
}

/** Names a row among those of its table. */
export function nameOf(key: readonly string[]): string {
  return key.join('/');
}

function where(table: SealedTable): string {
  return KEYS[table].map((column, index) => `${column} = $${index + 1}`).join(' and ');
}
