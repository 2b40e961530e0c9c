import { areMakersEnabled } from './makers.sql.js';
import { isTokenStanding } from './oauth/token.sql.js';
import { rolesOf } from './roles.sql.js';

const ROLES = rolesOf('coalesce(k.user_id, k.service_account_id)', 'k.organisation_id');

const VALID = `
select k.id, k.organisation_id, k.team_id, k.permissions, k.expires_at, k.origins, k.made_by_token_id,
       case when k.user_id is null then 'service_account' else 'user' end as kind,
       coalesce(u.id, s.id) as holder_id, coalesce(u.name, s.name) as holder_name, ${ROLES}
from api_key k
left join "user" u on u.id = k.user_id and u.disabled_at is null
left join service_account s on s.id = k.service_account_id and s.disabled_at is null
where k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp())
  and (u.id is not null or s.id is not null) and ${areMakersEnabled('k.made_by_id', 'k.made_by_user_id')}
  and ${isTokenStanding('k.made_by_token_id')}`;

/**
 * The valid key with the hash $1, its holder, and the holder's roles. The key is neither revoked nor expired, and neither the holder is
 * disabled nor whoever made it, and the token with which it was made has not ended.
 */
export const FIND_VALID = `${VALID} and k.key_hash = $1`;

/** Who holds the key with the hash $1, which is neither revoked nor expired, and for which team. */
export const FIND_HOLDER = `
select coalesce(u.name, s.name) as holder_name, coalesce(u.disabled_at, s.disabled_at) is not null as is_disabled,
       not (${areMakersEnabled('k.made_by_id', 'k.made_by_user_id')}) as is_maker_disabled,
       not ${isTokenStanding('k.made_by_token_id')} as is_token_ended,
       t.name as team_name
from api_key k
left join "user" u on u.id = k.user_id left join service_account s on s.id = k.service_account_id
left join team t on t.id = k.team_id
where k.key_hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp())`;

/** The keys $1 with the roles of their holders, valid or not. */
export const FIND_ROLES = `
select k.id, k.organisation_id, k.team_id, k.permissions, ${ROLES} from api_key k where k.id = any($1::uuid[])`;

/** The valid key with the id $1, as `FIND_VALID` finds it. */
export const FIND_VALID_BY_ID = `${VALID} and k.id = $1::uuid`;

/** Whether a valid key is for pages of the origin $1. */
export const LISTS_ORIGIN = `
select exists (select from api_key where origins @> array[$1::text] and origins <> '{}' and revoked_at is null
               and (expires_at is null or expires_at > clock_timestamp())) as found`;

/** Whether the service account $1 has a valid key for pages. */
export const HAS_PAGE_KEY = `
select exists (select from api_key where service_account_id = $1::uuid and origins <> '{}' and revoked_at is null
               and (expires_at is null or expires_at > clock_timestamp())) as found`;

/** Adds uses: $1 uuid[] keys, $2 bigint[] counts, $3 timestamptz[] times. Rows are locked in the order of their ids. */
export const ADD_USES = `
with uses as (
  select * from unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) as t (id, count, last_used_at)
), locked as materialized (
  select id from api_key where id in (select id from uses) order by id for update
)
update api_key k
set total_uses = k.total_uses + u.count, last_used_at = greatest(k.last_used_at, u.last_used_at)
from uses u
where k.id = u.id and k.id in (select id from locked)`;

/**
 * Locks the key $1 of the organisation $2 and every key that was made with it, directly or indirectly. The order
 * is that of their ids, as in `ADD_USES`. Keys made with a revoked key need no search: they were revoked with it.
 */
export const LOCK_TREE = `
with recursive tree as (
  select id from api_key where id = $1::uuid and organisation_id = $2::uuid and revoked_at is null
  union
  select k.id from api_key k join tree t on k.made_by_id = t.id where k.revoked_at is null
)
select id, team_id, coalesce(user_id, service_account_id) as holder_id from api_key where id in (select id from tree) and revoked_at is null order by id for update`;

/** Whether the key $1 is $2 or was made with it, directly or indirectly. Revoked keys count too. */
export const IS_MADE_WITH = `
with recursive makers as (
  select id, made_by_id from api_key where id = $1::uuid
  union
  select k.id, k.made_by_id from api_key k join makers m on k.id = m.made_by_id
)
select exists (select from makers where id = $2::uuid) as found`;

/** The valid keys of enabled owners of the organisation $1 that have all permissions $2. */
const FULL_KEYS = `
  select k.id, coalesce(k.expires_at, 'infinity') as until
  from api_key k
  join "user" u on u.id = k.user_id and u.disabled_at is null
  where k.organisation_id = $1::uuid and k.permissions @> $2::text[] and k.revoked_at is null
    and (k.expires_at is null or k.expires_at > clock_timestamp()) and ${areMakersEnabled('k.made_by_id', 'k.made_by_user_id')}
    and ${isTokenStanding('k.made_by_token_id')}
    and exists (select from role_binding b
                where b.subject_id = u.id and b.level = 'organisation' and b.object_id = $1::uuid and b.role = 'owner')`;

/** Whether owners of the organisation $1 have a valid key with all permissions $2, and whether one of these never expires. */
export const FULL = `
select count(*) > 0 as any, coalesce(bool_or(until = 'infinity'), false) as lasting from (${FULL_KEYS}) as full_key`;

/**
 * Whether one of the keys $3 has all permissions $2 and the organisation $1 would have no valid key of an owner with them any more, or
 * none that never expires where it has one now.
 */
export const LEAVES_NO_FULL = `
with full_key as (${FULL_KEYS})
select coalesce(bool_or(id = any($3::uuid[])), false) and (
         count(*) filter (where id <> all($3::uuid[])) = 0
         or (max(until) = 'infinity' and max(until) filter (where id <> all($3::uuid[])) < 'infinity')
       ) as found
from full_key`;
