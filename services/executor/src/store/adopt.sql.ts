/**
 * Takes over runs that nobody walks: released by a runner that stopped, or held by one that ended. The epoch rises, so
 * that a runner which only seemed dead cannot write any more; the journal must be read after this has committed.
 *
 * A run whose runner died is a suspect: it is given to runners that take one run at a time. A death there counts, and at
 * \`$5\` deaths nobody takes it any more. The time it waited for a runner is no running time: its deadline moves by as much.
 *
 * $1: the runner; $2 boolean: takes suspects, or only runs that are none; $3 int[]: engine versions it can read;
 * $4: at most so many; $5: deaths alone that are too many.
 */
export const adoptSql = `
WITH orphan AS MATERIALIZED (
  SELECT e.run_id, x.kind AS died_as, coalesce(e.paused_at, least(x.ended_at, x.heartbeat_at)) AS paused_at
  FROM execution e LEFT JOIN executor x ON x.id = e.owner
  WHERE e.status = 'running' AND e.engine_version = ANY($3)
    -- Another one may take the run between this statement's look and its lock: the row is then looked at again, beside the
    -- owner found before. That one must still be its owner.
    AND (e.owner IS NULL OR (x.id = e.owner AND x.ended_at IS NOT NULL))
    AND (e.suspect OR e.owner IS NOT NULL) = $2
    AND e.crashes + CASE WHEN x.kind = 'solo' THEN 1 ELSE 0 END < $5
  ORDER BY e.claimed_at LIMIT $4
  FOR UPDATE OF e SKIP LOCKED
)
UPDATE execution e
SET epoch = e.epoch + 1, owner = $1, suspect = $2, crashes = e.crashes + CASE WHEN o.died_as = 'solo' THEN 1 ELSE 0 END,
    paused_at = NULL, deadline_at = e.deadline_at + coalesce(clock_timestamp() - o.paused_at, interval '0')
FROM orphan o
WHERE e.run_id = o.run_id AND EXISTS (SELECT FROM executor WHERE id = $1 AND ended_at IS NULL)
RETURNING e.run_id, e.epoch, e.envelope, e.suspect, e.cancel_requested_at IS NOT NULL AS cancel_requested,
          (extract(epoch FROM e.claimed_at) * 1000)::float8 AS claimed_ms,
          (extract(epoch FROM e.deadline_at) * 1000)::float8 AS deadline_ms,
          (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms`;
