import { escapeIdentifier } from 'pg';
import type { Ledger } from './invariants/invariant.js';
import type { TextFinder } from './text-finder.js';

/** The place of a text that must not be anywhere. */
export interface Sighting<Owner> {
  /** `schema.table.column`. */
  readonly where: string;
  readonly rows: number;
  readonly owners: ReadonlySet<Owner>;
}

interface Table {
  readonly schema: string;
  readonly table: string;
  readonly blocks: number;
  readonly columns: readonly string[];
  readonly types: readonly string[];
}

/** So many pages of a table are read at a time, 512 KiB, and what its rows have elsewhere. */
const BLOCKS = 64;

/** Rows with any of the texts, in any column of any table of the services, also in partitions and binary columns. Needs a superuser. */
export async function findInDatabase<Owner>(
  query: Ledger['query'],
  finder: TextFinder<Owner>,
): Promise<{ looked: number; sightings: Sighting<Owner>[] }> {
  const tables = await query<Table>(`
    SELECT n.nspname AS schema, c.relname AS table,
      ceil(pg_relation_size(c.oid) / current_setting('block_size')::float)::int AS blocks,
      array_agg(a.attname::text ORDER BY a.attnum) AS columns,
      array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum) AS types
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
      AND n.nspname NOT IN ('information_schema', 'pg_catalog', 'pg_toast')
    GROUP BY n.nspname, c.oid, c.relname
    ORDER BY 1, 2`);
  const sightings = new Map<string, { rows: number; owners: Set<Owner> }>();
  for (const table of tables)
    for (let block = 0; block < table.blocks; block += BLOCKS) {
      const rows = await query<Record<string, string | null>>(selectOf(table), [
        `(${block},0)`,
        `(${block + BLOCKS},0)`,
      ]);
      // Hardly any row has one, so all are searched at once before each is.
      if (finder.find(rows.map((row) => Object.values(row).join('\n')).join('\n')).size === 0) continue;
      for (const row of rows)
        for (const [at, text] of Object.values(row).entries()) {
          const owners = text === null ? new Set<Owner>() : finder.find(text);
          if (owners.size === 0) continue;
          const where = `${table.schema}.${table.table}.${table.columns[at]}`;
          const seen = sightings.get(where) ?? { rows: 0, owners: new Set() };
          sightings.set(where, { rows: seen.rows + 1, owners: new Set([...seen.owners, ...owners]) });
        }
    }
  return {
    looked: tables.reduce((sum, { columns }) => sum + columns.length, 0),
    sightings: [...sightings].map(([where, seen]) => ({ where, ...seen })),
  };
}

function selectOf({ schema, table, columns, types }: Table): string {
  const shown = columns.map((column, at) => {
    const name = escapeIdentifier(column);
    // Bytes as text, for what is readable in them, and in hex, for what is not.
    const text =
      types[at] === 'bytea' ? `encode(${name}, 'escape') || ' ' || encode(${name}, 'hex')` : `${name}::text`;
    return `${text} AS c${at}`;
  });
  return `SELECT ${shown.join(', ')} FROM ${escapeIdentifier(schema)}.${escapeIdentifier(table)}
    WHERE ctid >= $1::tid AND ctid < $2::tid`;
}

/**
 * A text of ASCII as it may stand somewhere: as it is, in base64 wherever it begins within a longer text, in hex, percent-encoded, as
 * escapes of JSON, and as it is written in JSON, also within JSON, in addresses, in forms and in HTML.
 */
export function encodingsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const each = (write: (hex: string) => string): string =>
    [...bytes].map((byte) => write(byte.toString(16).padStart(2, '0'))).join('');
  const inJson = (inner: string): string => JSON.stringify(inner).slice(1, -1);
  return [
    ...new Set([
      text,
      ...encodingsOfBytes(bytes),
      each((hex) => `%${hex}`),
      each((hex) => `%${hex.toUpperCase()}`),
      each((hex) => `\\u00${hex}`),
      each((hex) => `\\\\u00${hex}`),
      inJson(text),
      inJson(inJson(text)),
      encodeURIComponent(text),
      new URLSearchParams({ a: text }).toString().slice(2),
      text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
      text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    ]),
  ];
}

/** Bytes as they may stand in a text: in base64 wherever they begin within longer ones, and in hex. */
export function encodingsOfBytes(bytes: Buffer): string[] {
  const within = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    // The first and the last characters also depend on what stands beside the text.
    return encoded.slice(before === 0 ? 0 : before + 1, -2);
  });
  return [
    ...within,
    ...within.map((one) => one.replaceAll('+', '-').replaceAll('/', '_')),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
  ];
}
