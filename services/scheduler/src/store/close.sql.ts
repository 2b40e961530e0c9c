/**
 * Copies terminal states: once per run, for it never changes after. Frees the slots of runs that held one.
 * $1 uuid[] ids, $2 text[] statuses, $3 timestamptz[] times, $4 text[] error codes, $5 text[] messages,
 * $6 text[]: the status each run must have now ('released' for reports, 'queued' for endings in the queue),
 * $7 uuid[], $8 text[]: id and payload of the audit event of an ending in the queue (null for reports: the executor sends its own),
 * $9 subject of the audit batch.
 * Returns (id, team_id) of the runs that it closed.
 */
export const closeSql = `
WITH input AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[])
    AS t(run_id, new_status, at, error_code, error_message, expected, outbox_id, outbox_payload)
), teams AS MATERIALIZED (
  SELECT team_id FROM slot
  WHERE team_id IN (SELECT team_id FROM run WHERE id IN (SELECT run_id FROM input)) ORDER BY team_id FOR UPDATE
), closed AS (
  UPDATE run SET status = i.new_status, finished_at = i.at, error_code = i.error_code, error_message = i.error_message,
                 envelope = NULL
  FROM input i
  WHERE run.id = i.run_id AND run.status = i.expected AND (SELECT count(*) FROM teams) >= 0
  RETURNING run.id, run.organisation_id, run.team_id, i.expected, i.outbox_id, i.outbox_payload
), freed AS (
  UPDATE slot SET held = held - n.closed
  FROM (SELECT team_id, count(*)::int AS closed FROM closed WHERE expected = 'released' GROUP BY team_id) n
  WHERE slot.team_id = n.team_id
), told AS (
  INSERT INTO outbox (id, subject, payload, organisation_id, team_id)
  SELECT outbox_id, $9, outbox_payload, organisation_id, team_id FROM closed WHERE outbox_id IS NOT NULL
)
SELECT id, team_id FROM closed`;
