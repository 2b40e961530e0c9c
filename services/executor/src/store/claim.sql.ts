/**
 * Claims runs with their whole envelopes, epoch 1. A run that already has a row, because it was claimed or ended before
 * a claim, stays as it is: a second doorbell changes nothing. A runner that was found dead claims nothing.
 *
 * $1..$7: one array per column; $8 int[]: timeouts in milliseconds; $9: the runner; $10: its engine version; $11: who started them.
 * Returns (run_id, claimed_ms, deadline_ms) of the runs that are the runner's now; times in Unix milliseconds.
 */
export const claimSql = `
INSERT INTO execution (run_id, organisation_id, team_id, project_id, flow_id, version_hash, envelope, status, epoch, owner,
                       engine_version, claimed_at, deadline_at, principal_id)
SELECT run_id, organisation_id, team_id, project_id, flow_id, version_hash, envelope, 'running', 1, $9, $10,
       now.at, now.at + make_interval(secs => timeout_ms / 1000.0), principal_id
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::int[], $11::text[])
  AS t(run_id, organisation_id, team_id, project_id, flow_id, version_hash, envelope, timeout_ms, principal_id),
  (SELECT clock_timestamp() AS at) AS now
WHERE EXISTS (SELECT FROM executor WHERE id = $9 AND ended_at IS NULL)
ORDER BY run_id
ON CONFLICT DO NOTHING
RETURNING run_id, (extract(epoch FROM claimed_at) * 1000)::float8 AS claimed_ms,
          (extract(epoch FROM deadline_at) * 1000)::float8 AS deadline_ms`;
