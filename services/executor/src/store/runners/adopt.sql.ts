/** The part that both takeovers share: it takes over the runs that \`orphan\` has locked. $1: the runner. */
const takeOver = `
UPDATE execution e
SET epoch = e.epoch + 1, owner = $1, paused_at = NULL,
    deadline_at = e.deadline_at + coalesce(clock_timestamp() - o.paused_at, interval '0')
FROM orphan o
WHERE e.run_id = o.run_id AND EXISTS (SELECT FROM executor WHERE id = $1 AND ended_at IS NULL)
RETURNING e.run_id, e.epoch, e.envelope, e.quarantine, e.cancel_requested_at IS NOT NULL AS cancel_requested,
          (extract(epoch FROM e.claimed_at) * 1000)::float8 AS claimed_ms,
          (extract(epoch FROM e.deadline_at) * 1000)::float8 AS deadline_ms,
          (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms`;

/**
 * Takes over runs that a runner gave back when it stopped. The epoch rises, so that a runner which only seemed dead cannot write any
 * more; the journal must be read after this has committed. The time that a run waited for a runner does not count: its deadline
 * moves by as much.
 *
 * $1: the runner; $2 int[]: engine versions it can read; $3: at most so many.
 */
export const adoptReleasedSql = `
WITH orphan AS MATERIALIZED (
  SELECT run_id, paused_at FROM execution
  WHERE status = 'running' AND owner IS NULL AND quarantine IS NULL AND engine_version = ANY($2)
  ORDER BY claimed_at LIMIT $3
  FOR UPDATE SKIP LOCKED
)${takeOver}`;

/**
 * Takes over one quarantine group, in the same way. A runner that already has a group takes another one only when that one has waited
 * for long and holds no run that must be executed alone.
 *
 * $4: deaths alone after which no runner takes a run any more; $5: seconds that the group must have waited; 0 for a runner without runs.
 */
export const adoptGroupSql = `
WITH chosen AS MATERIALIZED (
  SELECT quarantine FROM execution
  WHERE status = 'running' AND owner IS NULL AND quarantine IS NOT NULL AND engine_version = ANY($2) AND crashes < $4
    AND ($5::int = 0 OR (crashes = 0 AND paused_at < clock_timestamp() - make_interval(secs => $5)))
  ORDER BY paused_at, run_id LIMIT 1
  FOR UPDATE SKIP LOCKED
), orphan AS MATERIALIZED (
  SELECT e.run_id, e.paused_at FROM execution e JOIN chosen USING (quarantine)
  WHERE e.status = 'running' AND e.owner IS NULL AND e.engine_version = ANY($2) AND e.crashes < $4
  ORDER BY e.run_id LIMIT $3
  FOR UPDATE OF e SKIP LOCKED
)${takeOver}`;
