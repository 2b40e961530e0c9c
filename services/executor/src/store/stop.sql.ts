/**
 * Ends a run that no runner has claimed: it inserts the finished row, which a later claim finds.
 *
 * $1..$6: ids and version of the run; $7: engine version; $8: time; $9: JSON of the principal who cancelled, or null; $10: JSON of the
 * run's error; $11..$13: ids, subjects and payloads of the outbox rows; $14: the status; $15: who started it. Returns a row when it was in time.
 */
export const tombstoneSql = `
WITH stone AS (
  INSERT INTO execution (run_id, organisation_id, team_id, project_id, flow_id, version_hash, engine_version, status, epoch,
                         cancel_requested_at, finished_at, cancel_requested_by, error, principal_id)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $14, 0, CASE WHEN $9::text IS NOT NULL THEN $8::timestamptz END, $8, $9, $10, $15)
  ON CONFLICT DO NOTHING
  RETURNING run_id, organisation_id, team_id
), told AS (
  INSERT INTO outbox (id, subject, payload, organisation_id, team_id)
  SELECT t.id, t.subject, t.payload, stone.organisation_id, stone.team_id
  FROM stone, unnest($11::uuid[], $12::text[], $13::text[]) AS t(id, subject, payload)
)
SELECT run_id FROM stone`;

/** Marks a run that is not over: its owner ends it. $1 run, $2 team, $3 JSON of the principal. Returns its status when marked. */
export const requestCancelSql = `
UPDATE execution
SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
    cancel_requested_by = coalesce(cancel_requested_by, $3)
WHERE run_id = $1 AND team_id = $2 AND finished_at IS NULL
RETURNING status`;
