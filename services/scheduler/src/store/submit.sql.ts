/**
 * Accepts a batch of runs in one statement.
 *
 * - A run id that is there already, or an idempotency key that is taken, inserts nothing: the caller looks up what is there.
 * - A run is `released` at once when its team has a free slot and none of the team's runs waits, else `queued`.
 * - Slots are counted from the rows that were really inserted, so that the same batch sent again takes none.
 * - Slot rows are locked in key order: two schedulers never wait for each other in a circle.
 *
 * $1..$14: one array per column of `input`; $15: subject of the audit batch. Returns (id, status) of the inserted runs.
 */
export const submitSql = `
WITH input AS MATERIALIZED (
  SELECT t.*, row_number() OVER (PARTITION BY team_id ORDER BY ord) AS rank
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[],
              $10::int[], $11::text[], $12::text[], $13::uuid[], $14::text[])
    WITH ORDINALITY AS t(run_id, organisation_id, team_id, project_id, flow_id, version_hash, run_trigger, principal_id,
                         envelope, queue_ttl_s, idempotency_key, request_hash, outbox_id, outbox_payload, ord)
  WHERE NOT EXISTS (SELECT FROM run WHERE run.id = t.run_id)
), keyed AS (
  INSERT INTO idempotency (team_id, key, request_hash, run_id, organisation_id)
  SELECT team_id, idempotency_key, request_hash, run_id, organisation_id FROM input WHERE idempotency_key IS NOT NULL
  ON CONFLICT DO NOTHING
  RETURNING run_id
), locked AS MATERIALIZED (
  SELECT team_id, capacity - held AS free FROM slot
  WHERE team_id IN (SELECT team_id FROM input) ORDER BY team_id FOR UPDATE
), waiting AS MATERIALIZED (
  SELECT DISTINCT run.team_id FROM run JOIN locked USING (team_id) WHERE run.status = 'queued'
), inserted AS (
  INSERT INTO run (id, organisation_id, team_id, project_id, flow_id, version_hash, status, trigger, principal_id, envelope,
                   released_at, asked_at, queue_expires_at)
  SELECT run_id, organisation_id, i.team_id, project_id, flow_id, version_hash,
         CASE WHEN ready THEN 'released' ELSE 'queued' END, run_trigger, principal_id, envelope,
         CASE WHEN ready THEN clock_timestamp() END, CASE WHEN ready THEN clock_timestamp() END,
         clock_timestamp() + make_interval(secs => queue_ttl_s)
  FROM input i
  LEFT JOIN locked l ON l.team_id = i.team_id
  CROSS JOIN LATERAL (SELECT coalesce(i.rank <= l.free, false) AND i.team_id NOT IN (SELECT team_id FROM waiting) AS ready) r
  WHERE i.idempotency_key IS NULL OR i.run_id IN (SELECT run_id FROM keyed)
  ON CONFLICT (id) DO NOTHING
  RETURNING id, team_id, status
), taken AS (
  UPDATE slot SET held = held + n.released
  FROM (SELECT team_id, count(*)::int AS released FROM inserted WHERE status = 'released' GROUP BY team_id) n
  WHERE slot.team_id = n.team_id
), told AS (
  INSERT INTO outbox (id, subject, payload, organisation_id, team_id)
  SELECT outbox_id, $15, outbox_payload, organisation_id, i.team_id FROM input i JOIN inserted ON inserted.id = i.run_id
)
SELECT id, status FROM inserted`;
