import { SYSTEM_ID, lockSlots } from './slot.sql.js';

/**
 * The waiting runs that may be released next, for at most $1 free slots. Oldest first, each with the free slots for it and the turn
 * of its lane. It takes no lock: the statement that releases the runs checks again.
 *
 * A run that is left out cannot get a slot. `head` is the oldest run of each flow and lane that have free slots, one index read each.
 * Lanes are served by turn, then by the age of their oldest run. A released run may raise the turn of its own lane and fill its team
 * for the three other classes, so four lanes for each free slot are enough. A lane gets as many runs as its team and the system have
 * free slots (`most`), because its run is skipped only when another lane of the team has taken a slot. So no run is needed that is
 * younger than the oldest runs of that many flows (`latest`).
 */
export const findReleasableSql = `
WITH head AS (
  SELECT f.id AS flow_id, f.team_id, l.trigger, l.turn, least($1, s.capacity - s.held) AS system_free, t.capacity - t.held AS team_free,
         f.capacity - f.held AS flow_free, least($1, s.capacity - s.held, t.capacity - t.held) AS most, r.submitted_at, r.id
  FROM slot s
  JOIN slot f ON f.scope = 'flow' AND f.waiting > 0 AND f.held < f.capacity
  JOIN slot t ON t.scope = 'team' AND t.id = f.team_id AND t.held < t.capacity
  JOIN lane l ON l.team_id = f.team_id AND l.waiting > 0
  CROSS JOIN LATERAL (
    SELECT submitted_at, id FROM run WHERE run.flow_id = f.id AND run.trigger = l.trigger AND run.status = 'queued'
    ORDER BY submitted_at, id LIMIT 1
  ) r
  WHERE s.scope = 'system' AND s.held < s.capacity
), in_lane AS (
  SELECT *, row_number() OVER oldest AS flow_rank, first_value(submitted_at) OVER oldest AS lane_at, first_value(id) OVER oldest AS lane_id,
         nth_value(submitted_at, most) OVER oldest AS latest
  FROM head
  WINDOW oldest AS (PARTITION BY team_id, trigger ORDER BY submitted_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
), in_turn AS MATERIALIZED (
  SELECT *, dense_rank() OVER (ORDER BY turn, lane_at, lane_id) AS lane_rank FROM in_lane
), candidate AS (
  SELECT h.*, r.id AS run_id, r.submitted_at AS at, row_number() OVER (PARTITION BY h.team_id, h.trigger ORDER BY r.submitted_at, r.id) AS rank
  FROM in_turn h
  CROSS JOIN LATERAL (
    SELECT id, submitted_at FROM run WHERE run.flow_id = h.flow_id AND run.trigger = h.trigger AND run.status = 'queued'
      AND submitted_at <= coalesce(h.latest, 'infinity')
    ORDER BY submitted_at, id LIMIT least(h.flow_free, h.most - h.flow_rank + 1)
  ) r
  WHERE h.lane_rank <= 4 * h.system_free AND h.flow_rank <= h.most
)
SELECT run_id AS id, team_id, flow_id, trigger, system_free, team_free, flow_free, turn
FROM candidate WHERE rank <= most
ORDER BY at, run_id`;

/**
 * Releases those of these runs that still wait and for which there are slots. It is the only statement that locks the system's row
 * for this, so a scheduler that stops between two statements does not delay others.
 * $1 uuid[]: the runs, in order; $2 uuid[], $3 text[]: their teams and classes; $4 uuid[]: their flows; $5 float8[]: how much each
 * raises the turn of its lane. Returns the envelopes of the released runs.
 */
export const releaseSql = `
WITH input AS MATERIALIZED (
  SELECT t.*, row_number() OVER (ORDER BY ord) AS rank, row_number() OVER (PARTITION BY team_id ORDER BY ord) AS team_rank,
         row_number() OVER (PARTITION BY flow_id ORDER BY ord) AS flow_rank
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::float8[])
    WITH ORDINALITY AS t(run_id, team_id, class, flow_id, step, ord)
), locked AS MATERIALIZED (${lockSlots('scope, id, capacity - held AS free', 'SELECT team_id FROM input UNION ALL SELECT flow_id FROM input')}
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
