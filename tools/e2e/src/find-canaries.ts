import type { Client } from 'pg';

/** The place of a text that must not be anywhere. */
export interface Sighting {
  /** `schema.table.column`. */
  readonly where: string;
  readonly rows: number;
}

/** Rows with any of the texts, in any column of any table of the services, also in partitions and binary columns. Needs a superuser. */
export async function findInDatabase(client: Client, texts: readonly string[]): Promise<Sighting[]> {
  const { rows: columns } = await client.query<{
    schema: string;
    table: string;
    column: string;
    type: string;
  }>(`
    SELECT n.nspname AS schema, c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
      AND n.nspname NOT IN ('information_schema', 'pg_catalog', 'pg_toast')
    ORDER BY 1, 2, a.attnum`);
  const sightings: Sighting[] = [];
  for (const { schema, table, column, type } of columns) {
    const name = client.escapeIdentifier(column);
    const text = type === 'bytea' ? `encode(${name}, 'escape')` : `${name}::text`;
    const { rows } = await client.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM ${client.escapeIdentifier(schema)}.${client.escapeIdentifier(table)}
       WHERE EXISTS (SELECT FROM unnest($1::text[]) AS t WHERE position(t IN ${text}) > 0)`,
      [texts],
    );
    if (rows[0] && rows[0].n > 0) sightings.push({ where: `${schema}.${table}.${column}`, rows: rows[0].n });
  }
  return sightings;
}
