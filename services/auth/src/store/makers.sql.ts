/**
 * Whether nobody is disabled who made something, or with whose keys it was made, directly or indirectly: who leaves may know what they made for others.
 *
 * @param madeBy      the id of the key with which it was made, as SQL; null for none
 * @param madeByUser  the id of the person who made it, as SQL; null for nobody
 */
export const areMakersEnabled = (madeBy: string, madeByUser: string): string => `
not exists (select from "user" mx where mx.id = ${madeByUser} and mx.disabled_at is not null)
and not exists (
  with recursive maker as (
    select mk0.id, mk0.made_by_id, mk0.user_id, mk0.made_by_user_id, mk0.service_account_id from api_key mk0 where mk0.id = ${madeBy}
    union
    select mk1.id, mk1.made_by_id, mk1.user_id, mk1.made_by_user_id, mk1.service_account_id
    from api_key mk1 join maker on mk1.id = maker.made_by_id
  )
  select from maker
  left join "user" mu on mu.id = maker.user_id left join "user" mm on mm.id = maker.made_by_user_id
  left join service_account ms on ms.id = maker.service_account_id
  where mu.disabled_at is not null or mm.disabled_at is not null or ms.disabled_at is not null)`;

/** The same for what the person $2 made with the key $1. */
export const MAKERS_ENABLED = `select ${areMakersEnabled('$1::uuid', '$2::uuid')} as found`;
