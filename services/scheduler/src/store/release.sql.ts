/**
 * Hands waiting runs over to executors, oldest first, as many as each team has free slots.
 * $1 uuid[]: the teams to look at, or null for all that have runs waiting. $2 int: at most so many per team.
 * Returns the envelopes to ring for.
 */
export const releaseSql = `
WITH locked AS MATERIALIZED (
  SELECT team_id, capacity - held AS free FROM slot
  WHERE held < capacity AND ($1::uuid[] IS NULL OR team_id = ANY($1))
    AND EXISTS (SELECT FROM run WHERE run.team_id = slot.team_id AND run.status = 'queued')
  ORDER BY team_id FOR UPDATE
), picked AS MATERIALIZED (
  SELECT r.id, l.team_id FROM locked l
  CROSS JOIN LATERAL (
    SELECT id FROM run WHERE run.team_id = l.team_id AND run.status = 'queued'
    ORDER BY submitted_at, id LIMIT least(l.free, $2) FOR UPDATE SKIP LOCKED
  ) r
), released AS (
  UPDATE run SET status = 'released', released_at = clock_timestamp(), asked_at = clock_timestamp()
  FROM picked WHERE run.id = picked.id AND run.status = 'queued'
  RETURNING run.id, run.team_id, run.envelope
), taken AS (
  UPDATE slot SET held = held + n.released
  FROM (SELECT team_id, count(*)::int AS released FROM released GROUP BY team_id) n
  WHERE slot.team_id = n.team_id
)
SELECT id, envelope FROM released`;
