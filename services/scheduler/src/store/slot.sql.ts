/** The id of the slot row for the whole system. */
export const SYSTEM_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Locks the rows of the system and of these teams and flows, the system's first, as every change of slots does. It reads no other table and
 * joins nothing: with a join, Postgres leaves out rows that others have changed while it waited for their locks (seen with 18.4).
 *
 * @param ids  a query for the ids of the teams and flows
 */
export const lockSlots = (columns: string, ids: string): string => `
  SELECT ${columns} FROM slot
  WHERE scope IN ('system', 'team', 'flow') AND id = ANY (ARRAY(SELECT '${SYSTEM_ID}'::uuid UNION ALL ${ids}))
  ORDER BY scope = 'system' DESC, scope, id FOR UPDATE`;

/** Creates the slot rows of a team and a flow. $1 organisation, $2 team, $3 flow, $4 and $5 their capacities. */
export const ensureSlotsSql = `
INSERT INTO slot (scope, id, organisation_id, team_id, capacity)
VALUES ('team', $2, $1, $2, $4), ('flow', $3, $1, $2, $5) ON CONFLICT DO NOTHING`;

/**
 * Sets capacities to the values of the settings, except where a row has its own capacity. $1 and $2: capacities of a team and of a
 * flow. The system's row is locked first, as in every change of slots.
 */
export const settleCapacitiesSql = `
WITH wanted AS MATERIALIZED (
  SELECT scope, id, coalesce(own_capacity, CASE scope WHEN 'team' THEN $1::int WHEN 'flow' THEN $2::int ELSE capacity END) AS capacity
  FROM slot ORDER BY scope = 'system' DESC, scope, id FOR UPDATE
)
UPDATE slot SET capacity = w.capacity, capacity_since = clock_timestamp() FROM wanted w
WHERE slot.scope = w.scope AND slot.id = w.id AND slot.capacity <> w.capacity`;

/** How many runs wait in the whole system and in the team $1. */
export const countWaitingSql = `
SELECT coalesce(max(waiting) FILTER (WHERE scope = 'system'), 0) AS system,
       coalesce(max(waiting) FILTER (WHERE scope = 'team'), 0) AS team
FROM slot WHERE (scope, id) IN (('system', '${SYSTEM_ID}'::uuid), ('team', $1::uuid))`;

/** Sets how many runs of all teams may be released at the same time: $1. */
export const setCapacitySql = `
UPDATE slot SET capacity = $1, capacity_since = clock_timestamp() WHERE scope = 'system' AND id = '${SYSTEM_ID}' AND capacity <> $1`;

/** Locks the system's row. While it is locked, no other transaction changes slots, lanes or their counts. */
export const lockSlotsSql = `SELECT FROM slot WHERE scope = 'system' AND id = '${SYSTEM_ID}' FOR UPDATE`;

/**
 * Counts slots and lanes again from the stored runs. It is a separate statement after the lock, because it must see what was
 * committed while it waited. Returns how many counts were wrong.
 */
export const recountSql = `
WITH counted AS MATERIALIZED (
  SELECT flow_id, team_id, trigger, count(*) FILTER (WHERE status = 'released') AS held,
         count(*) FILTER (WHERE status = 'queued') AS waiting
  FROM run WHERE status IN ('released', 'queued') GROUP BY flow_id, team_id, trigger
), slots AS (
  UPDATE slot SET held = n.held, waiting = n.waiting
  FROM (
    SELECT s.scope, s.id, coalesce(sum(c.held), 0)::int AS held, coalesce(sum(c.waiting), 0)::int AS waiting
    FROM slot s LEFT JOIN (
      SELECT k.scope, k.id, held, waiting
      FROM counted CROSS JOIN LATERAL (VALUES ('flow', flow_id), ('team', team_id), ('system', '${SYSTEM_ID}'::uuid)) k(scope, id)
    ) c USING (scope, id)
    GROUP BY s.scope, s.id
  ) n
  WHERE slot.scope = n.scope AND slot.id = n.id AND (slot.held <> n.held OR slot.waiting <> n.waiting)
  RETURNING 1
), lanes AS (
  UPDATE lane SET waiting = n.waiting
  FROM (
    SELECT l.team_id, l.trigger, coalesce(sum(c.waiting), 0)::int AS waiting
    FROM lane l LEFT JOIN counted c USING (team_id, trigger) GROUP BY l.team_id, l.trigger
  ) n
  WHERE lane.team_id = n.team_id AND lane.trigger = n.trigger AND lane.waiting <> n.waiting
  RETURNING 1
)
SELECT (SELECT count(*) FROM slots)::int AS slots, (SELECT count(*) FROM lanes)::int AS lanes`;
