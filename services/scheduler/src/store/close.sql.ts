import { SYSTEM_ID, lockSlots } from './slot.sql.js';

/**
 * Copies terminal states, once per run, because a terminal state never changes. Frees the slots of runs that held one.
 * $1 uuid[] ids, $2 text[] statuses, $3 timestamptz[] times, $4 text[] error codes, $5 text[] messages,
 * $6 text[]: the status each run must have now ('released' for reports, 'queued' for endings in the queue),
 * $7 uuid[], $8 text[]: id and payload of the audit event of an ending in the queue (null for reports: the executor sends its own),
 * $9 subject of the audit batch.
 * Returns the ids of the runs that it closed, how many runs still wait in the whole system, and whether a slot had a lower count than
 * the number of freed slots. The count of such a slot is then zero until it is counted again, so that no report fails because of it.
 */
export const closeSql = `
WITH input AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[])
    AS t(run_id, new_status, at, error_code, error_message, expected, outbox_id, outbox_payload)
), locked AS MATERIALIZED (${lockSlots(
  'scope, id, held, waiting',
  `SELECT k.id FROM run CROSS JOIN LATERAL (VALUES (flow_id), (team_id)) k(id) WHERE run.id IN (SELECT run_id FROM input)`,
)}
), closed AS (
  UPDATE run SET status = i.new_status, finished_at = i.at, error_code = i.error_code, error_message = i.error_message,
                 envelope = NULL
  FROM input i
  WHERE run.id = i.run_id AND run.status = i.expected AND (SELECT count(*) FROM locked) >= 0
  RETURNING run.id, run.organisation_id, run.team_id, run.flow_id, run.trigger, i.expected, i.outbox_id, i.outbox_payload
), leaving AS MATERIALIZED (
  SELECT scope, k.id, count(*) FILTER (WHERE expected = 'released')::int AS released,
         count(*) FILTER (WHERE expected = 'queued')::int AS queued
  FROM closed CROSS JOIN LATERAL (VALUES ('flow', flow_id), ('team', team_id), ('system', '${SYSTEM_ID}'::uuid)) k(scope, id)
  GROUP BY scope, k.id
), freed AS (
  UPDATE slot SET held = greatest(0, held - n.released), waiting = greatest(0, waiting - n.queued)
  FROM leaving n
  WHERE slot.scope = n.scope AND slot.id = n.id
  RETURNING slot.scope, slot.waiting
), left_the_line AS (
  UPDATE lane SET waiting = greatest(0, lane.waiting - n.queued)
  FROM (SELECT team_id, trigger, count(*)::int AS queued FROM closed WHERE expected = 'queued' GROUP BY team_id, trigger) n
  WHERE lane.team_id = n.team_id AND lane.trigger = n.trigger
), told AS (
  INSERT INTO outbox (id, subject, payload, organisation_id, team_id)
  SELECT outbox_id, $9, outbox_payload, organisation_id, team_id FROM closed WHERE outbox_id IS NOT NULL
)
SELECT id, (SELECT waiting FROM freed WHERE scope = 'system') AS waiting,
       EXISTS (SELECT FROM locked l JOIN leaving n USING (scope, id) WHERE l.held < n.released OR l.waiting < n.queued) AS miscounted
FROM closed`;
