import { SYSTEM_ID } from './slot.sql.js';

/**
 * Runs that could go: of flows and teams that have slots, the oldest of each flow and class.
 * $1: at most so many of each. Returns them oldest first, with what is free for them and their lane's turn. Locks nothing: it is a
 * proposal, and the statement that hands over looks again.
 */
export const findReleasableSql = `
SELECT r.id, f.team_id, f.id AS flow_id, r.trigger, s.capacity - s.held AS system_free, t.capacity - t.held AS team_free,
       f.capacity - f.held AS flow_free, coalesce(l.turn, 0) AS turn
FROM slot f
JOIN slot s ON s.scope = 'system' AND s.held < s.capacity
JOIN slot t ON t.scope = 'team' AND t.id = f.team_id AND t.held < t.capacity
CROSS JOIN (VALUES ('api'), ('webhook'), ('schedule'), ('batch')) AS class(trigger)
CROSS JOIN LATERAL (
  SELECT id, trigger, submitted_at FROM run
  WHERE run.flow_id = f.id AND run.trigger = class.trigger AND run.status = 'queued'
  ORDER BY submitted_at, id LIMIT least($1, s.capacity - s.held, t.capacity - t.held, f.capacity - f.held)
) r
LEFT JOIN lane l ON l.team_id = f.team_id AND l.trigger = r.trigger
WHERE f.scope = 'flow' AND f.waiting > 0 AND f.held < f.capacity
ORDER BY r.submitted_at, r.id`;

/**
 * Hands these runs over, as far as they still wait and there are slots for them. The only statement that holds the system's row to
 * do so: a scheduler that is frozen between two statements holds up no other.
 * $1 uuid[]: the runs, in order; $2 uuid[], $3 text[]: their teams and classes; $4 uuid[]: their flows; $5 float8[]: how far each puts its
 * lane back. Returns their envelopes.
 */
export const releaseSql = `
WITH input AS MATERIALIZED (
  SELECT t.*, row_number() OVER (ORDER BY ord) AS rank, row_number() OVER (PARTITION BY team_id ORDER BY ord) AS team_rank,
         row_number() OVER (PARTITION BY flow_id ORDER BY ord) AS flow_rank
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::float8[])
    WITH ORDINALITY AS t(run_id, team_id, class, flow_id, step, ord)
), locked AS MATERIALIZED (
  SELECT scope, id, capacity - held AS free FROM slot
  WHERE (scope, id) IN (SELECT 'system', '${SYSTEM_ID}'::uuid UNION ALL SELECT 'team', team_id FROM input
                        UNION ALL SELECT 'flow', flow_id FROM input)
  ORDER BY scope = 'system' DESC, scope, id FOR UPDATE
), ready AS MATERIALIZED (
  SELECT run_id, step FROM input i
  JOIN locked s ON s.scope = 'system' AND i.rank <= s.free
  JOIN locked t ON t.scope = 'team' AND t.id = i.team_id AND i.team_rank <= t.free
  JOIN locked f ON f.scope = 'flow' AND f.id = i.flow_id AND i.flow_rank <= f.free
), released AS (
  UPDATE run SET status = 'released', released_at = clock_timestamp(), asked_at = clock_timestamp()
  FROM ready WHERE run.id = ready.run_id AND run.status = 'queued'
  RETURNING run.id, run.flow_id, run.team_id, run.trigger, run.envelope, ready.step
), taken AS (
  UPDATE slot SET held = held + n.released, waiting = greatest(0, waiting - n.released)
  FROM (
    SELECT scope, k.id, count(*)::int AS released
    FROM released CROSS JOIN LATERAL (VALUES ('flow', flow_id), ('team', team_id), ('system', '${SYSTEM_ID}'::uuid)) k(scope, id)
    GROUP BY scope, k.id
  ) n
  WHERE slot.scope = n.scope AND slot.id = n.id
), served AS (
  UPDATE lane SET waiting = greatest(0, lane.waiting - n.released), turn = lane.turn + n.steps
  FROM (SELECT team_id, trigger, count(*)::int AS released, sum(step) AS steps FROM released GROUP BY team_id, trigger) n
  WHERE lane.team_id = n.team_id AND lane.trigger = n.trigger
)
SELECT id, envelope FROM released`;
