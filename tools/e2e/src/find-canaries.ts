import { escapeIdentifier } from 'pg';
import type { Ledger } from './invariants/invariant.js';

/** The place of a text that must not be anywhere. */
export interface Sighting {
  /** `schema.table.column`. */
  readonly where: string;
  readonly rows: number;
}

/** Rows with any of the texts, in any column of any table of the services, also in partitions and binary columns. Needs a superuser. */
export async function findInDatabase(
  query: Ledger['query'],
  texts: readonly string[],
): Promise<{ looked: number; sightings: Sighting[] }> {
  const columns = await query<{
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
    const name = escapeIdentifier(column);
    const text = type === 'bytea' ? `encode(${name}, 'escape')` : `${name}::text`;
    const rows = await query<{ n: number }>(
      `SELECT count(*)::int AS n FROM ${escapeIdentifier(schema)}.${escapeIdentifier(table)}
       WHERE EXISTS (SELECT FROM unnest($1::text[]) AS t WHERE position(t IN ${text}) > 0)`,
      [texts],
    );
    if (rows[0] && rows[0].n > 0) sightings.push({ where: `${schema}.${table}.${column}`, rows: rows[0].n });
  }
  return { looked: columns.length, sightings };
}

/**
 * A text of ASCII as it may stand somewhere: as it is, in base64 wherever it begins within a longer text, in hex, percent-encoded, and
 * as escapes of JSON.
 */
export function encodingsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const within = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    // The first and the last characters also depend on what stands beside the text.
    return encoded.slice(before === 0 ? 0 : before + 1, -2);
  });
  const each = (write: (hex: string) => string): string =>
    [...bytes].map((byte) => write(byte.toString(16).padStart(2, '0'))).join('');
  return [
    text,
    ...within,
    ...within.map((one) => one.replaceAll('+', '-').replaceAll('/', '_')),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    each((hex) => `%${hex}`),
    each((hex) => `%${hex.toUpperCase()}`),
    each((hex) => `\\u00${hex}`),
  ];
}
