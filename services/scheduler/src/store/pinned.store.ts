import type { InputOf, findPinned } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/**
 * Reads only those runs of a flow that are older than the ends of its versions. Usually there are none, and where there are many they
 * are read once for all versions. $1 uuid[] flows, $2 text[] versions or nulls, $3 timestamptz[] their ends.
 */
const PINNED = `
WITH asked AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) WITH ORDINALITY AS t(flow_id, version_hash, until, ord)
), used AS MATERIALIZED (
  SELECT run.flow_id, run.version_hash, min(run.submitted_at) AS first
  FROM (SELECT flow_id, max(until) AS until FROM asked WHERE version_hash IS NOT NULL GROUP BY flow_id) a
  JOIN run ON run.flow_id = a.flow_id AND run.submitted_at <= a.until
  GROUP BY run.flow_id, run.version_hash
)
SELECT CASE
    WHEN version_hash IS NULL THEN EXISTS (SELECT FROM run WHERE run.flow_id = a.flow_id AND run.submitted_at <= a.until)
    ELSE EXISTS (SELECT FROM used u WHERE u.flow_id = a.flow_id AND u.version_hash = a.version_hash AND u.first <= a.until)
  END AS pinned
FROM asked a ORDER BY ord`;

/** Finds out which flow versions stored runs are pinned to. */
@Injectable()
export class PinnedStore {
  constructor(private readonly database: Database) {}

  /** For each item, in the same order: whether a stored run is pinned to it. */
  async find(items: InputOf<typeof findPinned>['items']): Promise<boolean[]> {
    const { rows } = await this.database.query<{ pinned: boolean }>(
      PINNED,
      [
        items.map(({ flowId }) => flowId),
        items.map(({ versionHash }) => versionHash ?? null),
        items.map(({ until }) => until),
      ],
      { name: 'find-pinned' },
    );
    return rows.map(({ pinned }) => pinned);
  }
}
