/** Id of the one slot row that counts all runs. */
export const SYSTEM_ID = '00000000-0000-0000-0000-000000000000';

/** Gives a team and a flow their slot rows. $1 organisation, $2 team, $3 flow, $4 and $5 their capacities. */
export const ensureSlotsSql = `
INSERT INTO slot (scope, id, organisation_id, team_id, capacity)
VALUES ('team', $2, $1, $2, $4), ('flow', $3, $1, $2, $5) ON CONFLICT DO NOTHING`;

/** How many runs of the system and of a team wait. $1: the team. */
export const countWaitingSql = `
SELECT coalesce(max(waiting) FILTER (WHERE scope = 'system'), 0) AS system,
       coalesce(max(waiting) FILTER (WHERE scope = 'team'), 0) AS team
FROM slot WHERE (scope, id) IN (('system', '${SYSTEM_ID}'::uuid), ('team', $1::uuid))`;

/** How many runs may be handed over in all. $1: so many. */
export const setCapacitySql = `
UPDATE slot SET capacity = $1 WHERE scope = 'system' AND id = '${SYSTEM_ID}' AND capacity <> $1`;
