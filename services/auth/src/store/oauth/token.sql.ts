import { areMakersEnabled } from '../makers.sql.js';
import { rolesOf } from '../roles.sql.js';

/** The client of a token, unless the key that made the client has ended. */
export const LIVE_CLIENT = `
oauth_client c left join api_key mk on mk.id = c.made_by_id`;

/** Whether that key still is valid, or there is none, and nobody who made the client is disabled. */
export const IS_LIVE_CLIENT = `
(c.made_by_id is null or (mk.revoked_at is null and (mk.expires_at is null or mk.expires_at > clock_timestamp())))
and ${areMakersEnabled('c.made_by_id', 'c.made_by_user_id')}`;

/**
 * Whether what was made with an access token still counts, or was made without one: the token has not been given back, its grant has not
 * ended, and neither its client nor the account has. Time does not matter: a key expires with its token at the latest.
 *
 * @param tokenId  as SQL; null for none
 */
export const isTokenStanding = (tokenId: string): string => `
(${tokenId} is null or exists (
  select from oauth_token mt join (${LIVE_CLIENT}) on c.id = mt.client_id
  left join oauth_grant mg on mg.id = mt.grant_id left join service_account ma on ma.id = c.service_account_id
  where mt.id = ${tokenId} and mg.ended_at is null and ma.disabled_at is null and ${IS_LIVE_CLIENT}))`;

/** Its aliases are none of those that `rolesOf` has. */
const HOLDER = 'coalesce(gr.user_id, c.service_account_id)';

const VALID = `
select t.id, t.organisation_id, coalesce(gr.team_id, s.team_id) as team_id, t.permissions, t.expires_at,
       case when gr.user_id is null then 'service_account' else 'user' end as kind,
       coalesce(u.id, s.id) as holder_id, coalesce(u.name, s.name) as holder_name, ${rolesOf(HOLDER, 't.organisation_id')}
from oauth_token t
join (${LIVE_CLIENT}) on c.id = t.client_id
left join oauth_grant gr on gr.id = t.grant_id and gr.ended_at is null and gr.expires_at > clock_timestamp() - make_interval(secs => $2)
left join "user" u on u.id = gr.user_id and u.disabled_at is null
left join service_account s on t.grant_id is null and s.id = c.service_account_id and s.disabled_at is null
where t.kind in ('AccessToken', 'ClientCredentials') and t.expires_at > clock_timestamp() - make_interval(secs => $2)
  and (u.id is not null or s.id is not null) and ${IS_LIVE_CLIENT}`;

/** The access token with the hash $1 that is valid, or expired at most $2 seconds ago, for whom it acts, and their roles now. No other kind of token is one. */
export const FIND_TOKEN = `${VALID} and t.token_hash = $1`;

/** The same for the token with the id $1. */
export const FIND_TOKEN_BY_ID = `${VALID} and t.id = $1::uuid`;

/** Uses up the code or refresh token with the hash $1, if nobody has before: of several at the same time, one succeeds. */
export const CONSUME_TOKEN = `
update oauth_token set consumed_at = clock_timestamp() where token_hash = $1 and consumed_at is null`;

/** Deletes used refresh tokens of the grant $1, all but the $2 that were made last. */
export const DELETE_OLD_CONSUMED = `
delete from oauth_token where id in (
  select id from oauth_token where grant_id = $1::uuid and kind = 'RefreshToken' and consumed_at is not null
  order by created_at desc, id desc offset $2)`;
