import { rolesOf } from '../roles.sql.js';

const VALID = `
select s.id, s.organisation_id, s.team_id, s.expires_at, s.last_used_at, u.id as holder_id, u.name as holder_name, ${rolesOf('s.user_id', 's.organisation_id')}
from session s join "user" u on u.id = s.user_id and u.disabled_at is null
where s.ended_at is null and s.expires_at > clock_timestamp()
  and s.last_used_at > clock_timestamp() - make_interval(secs => $2::float8 / 1000)`;

/** The session with the token's hash $1 that has neither ended nor expired and was used within $2 milliseconds, its user and their roles. */
export const FIND_SESSION = `${VALID} and s.token_hash = $1`;

/** The same for the session with the id $1. */
export const FIND_SESSION_BY_ID = `${VALID} and s.id = $1::uuid`;

/** Notes that the session $1 is in use, at most once a minute. */
export const USE_SESSION = `
update session set last_used_at = clock_timestamp()
where id = $1::uuid and last_used_at < clock_timestamp() - interval '1 minute'`;
