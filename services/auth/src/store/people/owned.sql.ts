/** The keys of the person $1 and those that they made, and every key that was made with them, directly or indirectly; ended ones too. */
const MADE = `
with recursive made as (
  select id from api_key where user_id = $1::uuid or made_by_user_id = $1::uuid
  union
  select k.id from api_key k join made on k.made_by_id = made.id
)`;

const IS_VALID = 'k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp())';

const keysWhere = (condition: string): string => `
${MADE}
select k.id, k.name, k.masked, t.name as team, s.name as "serviceAccount", count(*) over () as total
from api_key k join team t on t.id = k.team_id left join service_account s on s.id = k.service_account_id
where k.id in (select id from made) and ${condition} and ${IS_VALID}
order by k.created_at, k.id limit $2`;

/** The first $2 valid keys of the person $1, and how many there are. */
export const OWN_KEYS = keysWhere('k.user_id = $1::uuid');

/** The first $2 valid keys that others hold and that were made with keys of the person $1. */
export const MADE_KEYS = keysWhere('k.user_id is distinct from $1::uuid');

/** The first $2 OAuth clients that were made with keys of the person $1. */
export const MADE_CLIENTS = `
${MADE}
select c.id, c.name, c.kind, c.permissions, c.service_account_id as "serviceAccountId", count(*) over () as total
from oauth_client c where c.made_by_id in (select id from made) or c.made_by_user_id = $1::uuid
order by c.created_at, c.id limit $2`;
