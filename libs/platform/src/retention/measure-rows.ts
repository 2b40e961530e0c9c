import type { Queryable } from '../database/database.js';
import { type Due, MOST_COUNTED } from './retained-kind.js';

/**
 * Counts the rows of a table that are due. Their bytes are estimated by the mean of the table with its indexes.
 *
 * @param what.due  SQL that selects one row per row that is due; its values are `what.values`
 * @param what.oldest  SQL that selects the time of the oldest row, as `oldest`
 */
export async function measureRows(
  database: Queryable,
  what: {
    readonly table: string;
    readonly due: string;
    readonly values: readonly unknown[];
    readonly oldest: string;
  },
): Promise<Due> {
  const [counted, oldest] = await Promise.all([
    database.query<{ rows: number; mean: number }>(
      `SELECT n AS rows, (pg_total_relation_size(oid) / greatest(reltuples, pg_stat_get_live_tuples(oid), n, 1))::float8 AS mean
       FROM pg_class, (SELECT count(*)::int AS n FROM (${what.due} LIMIT ${MOST_COUNTED}) AS due) AS counted
       WHERE oid = '"${what.table}"'::regclass`,
      what.values,
    ),
    database.query<{ oldest: Date | null }>(what.oldest),
  ]);
  const { rows = 0, mean = 0 } = counted.rows[0] ?? {};
  return { rows, bytes: rows * mean, oldest: oldest.rows[0]?.oldest ?? null };
}
