/** Id of the one slot row that counts all runs. */
export const SYSTEM_ID = '00000000-0000-0000-0000-000000000000';

/** Gives a team and a flow their slot rows. $1 organisation, $2 team, $3 flow, $4 and $5 their capacities. */
export const ensureSlotsSql = `
INSERT INTO slot (scope, id, organisation_id, team_id, capacity)
VALUES ('team', $2, $1, $2, $4), ('flow', $3, $1, $2, $5) ON CONFLICT DO NOTHING`;

/**
 * Brings capacities to what the settings say now, except where a row has one of its own. $1 and $2: capacities of a team and of a
 * flow. The system's row is locked first, as by whatever else changes slots.
 */
export const settleCapacitiesSql = `
WITH wanted AS MATERIALIZED (
  SELECT scope, id, coalesce(own_capacity, CASE scope WHEN 'team' THEN $1::int WHEN 'flow' THEN $2::int ELSE capacity END) AS capacity
  FROM slot ORDER BY scope = 'system' DESC, scope, id FOR UPDATE
)
UPDATE slot SET capacity = w.capacity FROM wanted w
WHERE slot.scope = w.scope AND slot.id = w.id AND slot.capacity <> w.capacity`;

/** How many runs of the system and of a team wait. $1: the team. */
export const countWaitingSql = `
SELECT coalesce(max(waiting) FILTER (WHERE scope = 'system'), 0) AS system,
       coalesce(max(waiting) FILTER (WHERE scope = 'team'), 0) AS team
FROM slot WHERE (scope, id) IN (('system', '${SYSTEM_ID}'::uuid), ('team', $1::uuid))`;

/** How many runs may be handed over in all. $1: so many. */
export const setCapacitySql = `
UPDATE slot SET capacity = $1 WHERE scope = 'system' AND id = '${SYSTEM_ID}' AND capacity <> $1`;
