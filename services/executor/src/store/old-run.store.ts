import { Database, MOST_COUNTED, firstIdAt } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** The runs among these that may be removed, because they are over or unknown. $1 uuid[]. */
const ENDED = `
WITH ended AS MATERIALIZED (
  SELECT run_id FROM unnest($1::uuid[]) AS t(run_id)
  WHERE NOT EXISTS (SELECT FROM execution e WHERE e.run_id = t.run_id AND e.finished_at IS NULL)
)`;

const TABLES = ['step_result', 'step_attempt', 'effect', 'incident', 'execution'] as const;

const forgetSql = `${ENDED}, ${TABLES.map(
  (table) => `of_${table} AS (DELETE FROM ${table} t USING ended WHERE t.run_id = ended.run_id RETURNING 1)`,
).join(', ')}
SELECT coalesce(array_agg(run_id::text), '{}') AS ended,
       ${TABLES.map((table) => `(SELECT count(*) FROM of_${table})`).join(' + ')} AS rows
FROM ended`;

const forgetPayloadsSql = `${ENDED}, steps AS (
  UPDATE step_result t SET outputs = NULL FROM ended WHERE t.run_id = ended.run_id AND t.outputs IS NOT NULL RETURNING 1
), answers AS (
  UPDATE execution t SET result = NULL, envelope = NULL FROM ended
  WHERE t.run_id = ended.run_id AND (t.result IS NOT NULL OR t.envelope IS NOT NULL) RETURNING 1
)
SELECT coalesce(array_agg(run_id::text), '{}') AS ended, (SELECT count(*) FROM steps) + (SELECT count(*) FROM answers) AS rows
FROM ended`;

/** The rows of runs that are over. */
@Injectable()
export class OldRunStore {
  constructor(private readonly database: Database) {}

  /** Removes all rows of runs, or their payloads only; runs that are not over are kept. */
  async forget(
    runIds: readonly string[],
    what: 'all' | 'payloads',
  ): Promise<{ kept: string[]; rows: number }> {
    const { rows } = await this.database.query<{ ended: string[]; rows: string }>(
      what === 'all' ? forgetSql : forgetPayloadsSql,
      [runIds],
      { name: `forget-runs-${what}` },
    );
    const ended = new Set(rows[0]?.ended);
    return { kept: runIds.filter((id) => !ended.has(id)), rows: Number(rows[0]?.rows ?? 0) };
  }

  /** How many rows and bytes the runs take that ended before a time, estimated by the mean of all runs. */
  async measure(endedBefore: string): Promise<{ rows: number; bytes: number }> {
    const { rows } = await this.database.query<{ rows: number; bytes: number }>(
      `SELECT n AS rows, (n * (SELECT sum(pg_total_relation_size(t::regclass)) FROM unnest($3::text[]) AS t)
                            / greatest(reltuples, pg_stat_get_live_tuples(oid), n, 1))::float8 AS bytes
       FROM pg_class, (
         SELECT count(*)::int AS n FROM (SELECT FROM execution WHERE run_id < $1 AND finished_at < $2 LIMIT ${MOST_COUNTED}) AS due
       ) AS counted
       WHERE oid = 'execution'::regclass`,
      [firstIdAt(Date.parse(endedBefore)), endedBefore, TABLES],
    );
    return rows[0] ?? { rows: 0, bytes: 0 };
  }
}
