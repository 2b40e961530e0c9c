/**
 * Puts the runs of dead runners into quarantine groups: those of a runner that takes new runs into one, those of a quarantine runner
 * into two halves. So the run that kills its runners is alone after a few deaths, and only deaths while it is alone count. A group is
 * named by the first of its runs.
 *
 * The epoch stays until a runner takes the group over. Time after the last heartbeat of their runner does not count toward the deadlines.
 *
 * Returns (run_id, quarantine, crashes) of the runs that it moved.
 */
export const quarantineSql = `
WITH orphan AS MATERIALIZED (
  SELECT e.run_id, e.owner, e.claimed_at, x.kind, least(x.ended_at, x.heartbeat_at) AS since
  FROM execution e JOIN executor x ON x.id = e.owner AND x.ended_at IS NOT NULL
  WHERE e.status = 'running'
  ORDER BY e.run_id
  FOR UPDATE OF e
), placed AS (
  SELECT *, count(*) OVER mine AS size, row_number() OVER (mine ORDER BY claimed_at, run_id) AS place FROM orphan
  WINDOW mine AS (PARTITION BY owner)
), grouped AS (
  SELECT *, first_value(run_id) OVER (PARTITION BY owner, kind = 'quarantine' AND place * 2 > size + 1 ORDER BY run_id) AS named_by
  FROM placed
)
UPDATE execution e
SET owner = NULL, paused_at = g.since, quarantine = g.named_by,
    crashes = e.crashes + CASE WHEN g.kind = 'quarantine' AND g.size = 1 THEN 1 ELSE 0 END
FROM grouped g WHERE e.run_id = g.run_id
RETURNING e.run_id, e.quarantine, e.crashes`;

/** How many quarantine groups wait for a runner. $1 int[]: engine versions; $2: deaths alone that are too many. */
export const countGroupsSql = `
SELECT count(DISTINCT quarantine)::int AS groups FROM execution
WHERE status = 'running' AND owner IS NULL AND quarantine IS NOT NULL AND engine_version = ANY($1) AND crashes < $2`;
