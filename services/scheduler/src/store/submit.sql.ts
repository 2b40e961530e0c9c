import { SYSTEM_ID, lockSlots } from './slot.sql.js';

/**
 * Accepts a batch of runs in one statement.
 *
 * - A run id or an idempotency key that exists already inserts nothing. The caller then looks up the existing run.
 * - A run is `released` at once when system, team and flow have a free slot for it and no waiting run can be released, else `queued`.
 * - Slots are counted from the inserted rows, so that the same batch sent again takes no slots.
 * - A run whose flow has no slot row inserts nothing, not even its key. The caller creates the row and sends the run again.
 * - The system's slot row is locked first, as in every change of slots, so that no deadlock is possible.
 * - A lane in which no run waited starts at the turn of the other lanes, however long it was empty.
 *
 * $1..$14: one array per column of `input`; $15: subject of the audit batch. Returns (id, status) of the inserted runs.
 */
export const submitSql = `
WITH input AS MATERIALIZED (
  SELECT t.*, row_number() OVER (ORDER BY ord) AS rank, row_number() OVER (PARTITION BY team_id ORDER BY ord) AS team_rank,
         row_number() OVER (PARTITION BY flow_id ORDER BY ord) AS flow_rank
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[],
              $10::int[], $11::text[], $12::text[], $13::uuid[], $14::text[])
    WITH ORDINALITY AS t(run_id, organisation_id, team_id, project_id, flow_id, version_hash, run_trigger, principal_id,
                         envelope, queue_ttl_s, idempotency_key, request_hash, outbox_id, outbox_payload, ord)
  WHERE NOT EXISTS (SELECT FROM run WHERE run.id = t.run_id)
), locked AS MATERIALIZED (${lockSlots('scope, id, capacity - held AS free', 'SELECT team_id FROM input UNION ALL SELECT flow_id FROM input')}
), keyed AS (
  INSERT INTO idempotency (team_id, key, request_hash, run_id, organisation_id)
  SELECT team_id, idempotency_key, request_hash, run_id, organisation_id FROM input i
  WHERE idempotency_key IS NOT NULL AND EXISTS (SELECT FROM locked WHERE scope = 'flow' AND id = i.flow_id)
  ON CONFLICT DO NOTHING
  RETURNING run_id
), contended AS MATERIALIZED (
  SELECT EXISTS (
    SELECT FROM slot f JOIN slot t ON t.scope = 'team' AND t.id = f.team_id AND t.held < t.capacity
    WHERE f.scope = 'flow' AND f.waiting > 0 AND f.held < f.capacity
  ) AS by_somebody
), inserted AS (
  INSERT INTO run (id, organisation_id, team_id, project_id, flow_id, version_hash, status, trigger, principal_id, envelope,
                   released_at, asked_at, queue_expires_at)
  SELECT run_id, organisation_id, i.team_id, project_id, flow_id, version_hash,
         CASE WHEN ready THEN 'released' ELSE 'queued' END, run_trigger, principal_id, envelope,
         CASE WHEN ready THEN clock_timestamp() END, CASE WHEN ready THEN clock_timestamp() END,
         clock_timestamp() + make_interval(secs => queue_ttl_s)
  FROM input i
  JOIN locked s ON s.scope = 'system'
  JOIN locked t ON t.scope = 'team' AND t.id = i.team_id
  JOIN locked f ON f.scope = 'flow' AND f.id = i.flow_id
  CROSS JOIN contended
  CROSS JOIN LATERAL (SELECT NOT by_somebody AND i.rank <= s.free AND i.team_rank <= t.free AND i.flow_rank <= f.free AS ready) r
  WHERE i.idempotency_key IS NULL OR i.run_id IN (SELECT run_id FROM keyed)
  ON CONFLICT (id) DO NOTHING
  RETURNING id, organisation_id, team_id, flow_id, trigger, status
), taken AS (
  UPDATE slot SET held = held + n.released, waiting = waiting + n.queued
  FROM (
    SELECT scope, k.id, count(*) FILTER (WHERE status = 'released')::int AS released,
           count(*) FILTER (WHERE status = 'queued')::int AS queued
    FROM inserted CROSS JOIN LATERAL (VALUES ('flow', flow_id), ('team', team_id), ('system', '${SYSTEM_ID}'::uuid)) k(scope, id)
    GROUP BY scope, k.id
  ) n
  WHERE slot.scope = n.scope AND slot.id = n.id
), lined_up AS (
  INSERT INTO lane (team_id, trigger, organisation_id, waiting, turn)
  SELECT team_id, trigger, organisation_id, count(*)::int, (SELECT coalesce(min(turn), 0) FROM lane WHERE waiting > 0)
  FROM inserted WHERE status = 'queued' GROUP BY team_id, trigger, organisation_id
  ON CONFLICT (team_id, trigger) DO UPDATE
  SET waiting = lane.waiting + excluded.waiting, turn = CASE WHEN lane.waiting = 0 THEN excluded.turn ELSE lane.turn END
), told AS (
  INSERT INTO outbox (id, subject, payload, organisation_id, team_id)
  SELECT outbox_id, $15, outbox_payload, i.organisation_id, i.team_id FROM input i JOIN inserted ON inserted.id = i.run_id
)
SELECT id, status FROM inserted`;
