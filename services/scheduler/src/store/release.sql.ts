import { SYSTEM_ID } from './slot.sql.js';

/** Whoever holds this row is the only one who hands over, takes in or closes. Returns how many slots are free. */
export const lockSystemSql = `
SELECT capacity - held AS free FROM slot WHERE scope = 'system' AND id = '${SYSTEM_ID}' AND waiting > 0 FOR UPDATE`;

/**
 * Runs that could go: of flows and teams that have slots, the oldest of each flow and class.
 * $1: at most so many of each. Returns them oldest first, with what is free for them and their lane's turn.
 */
export const findReleasableSql = `
SELECT r.id, f.team_id, f.id AS flow_id, r.trigger, t.capacity - t.held AS team_free, f.capacity - f.held AS flow_free,
       coalesce(l.turn, 0) AS turn
FROM slot f
JOIN slot t ON t.scope = 'team' AND t.id = f.team_id AND t.held < t.capacity
CROSS JOIN (VALUES ('api'), ('webhook'), ('schedule'), ('batch')) AS class(trigger)
CROSS JOIN LATERAL (
  SELECT id, trigger, submitted_at FROM run
  WHERE run.flow_id = f.id AND run.trigger = class.trigger AND run.status = 'queued'
  ORDER BY submitted_at, id LIMIT least($1, t.capacity - t.held, f.capacity - f.held)
) r
LEFT JOIN lane l ON l.team_id = f.team_id AND l.trigger = r.trigger
WHERE f.scope = 'flow' AND f.waiting > 0 AND f.held < f.capacity
ORDER BY r.submitted_at, r.id`;

/**
 * Hands these runs over. $1 uuid[]: the runs; $2 uuid[], $3 text[], $4 float8[]: lanes and the turns that this leaves.
 * Returns their envelopes.
 */
export const releaseSql = `
WITH released AS (
  UPDATE run SET status = 'released', released_at = clock_timestamp(), asked_at = clock_timestamp()
  WHERE id = ANY($1::uuid[]) AND status = 'queued'
  RETURNING id, flow_id, team_id, trigger, envelope
), taken AS (
  UPDATE slot SET held = held + n.released, waiting = greatest(0, waiting - n.released)
  FROM (
    SELECT scope, k.id, count(*)::int AS released
    FROM released CROSS JOIN LATERAL (VALUES ('flow', flow_id), ('team', team_id), ('system', '${SYSTEM_ID}'::uuid)) k(scope, id)
    GROUP BY scope, k.id
  ) n
  WHERE slot.scope = n.scope AND slot.id = n.id
), served AS (
  UPDATE lane SET waiting = greatest(0, lane.waiting - n.released), turn = t.turn
  FROM (SELECT team_id, trigger, count(*)::int AS released FROM released GROUP BY team_id, trigger) n
  JOIN unnest($2::uuid[], $3::text[], $4::float8[]) AS t(team_id, trigger, turn) USING (team_id, trigger)
  WHERE lane.team_id = n.team_id AND lane.trigger = n.trigger
)
SELECT id, envelope FROM released`;
