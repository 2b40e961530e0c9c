/**
 * Notes that the program with the device code of hash $1 asks now, while nobody has answered. Who asks sooner than agreed, with a second's tolerance for the
 * network, has to leave five seconds more from then on. Source: RFC 8628, 3.5.
 */
export const NOTE_POLL = `
update oauth_device_code code
set polled_at = clock_timestamp(), interval_s = case when was.too_soon then least(code.interval_s + 5, 60) else code.interval_s end
from (
  select id, coalesce(polled_at > clock_timestamp() - make_interval(secs => interval_s - 1), false) as too_soon
  from oauth_device_code
  where token_hash = $1 and decided_at is null and expires_at > clock_timestamp() for no key update
) was
where code.id = was.id
returning was.too_soon`;

/** A person answers the code $1: of several at the same time, one does. */
export const CLAIM_CODE = `
update oauth_device_code set decided_at = clock_timestamp()
where token_hash = $1 and decided_at is null and expires_at > clock_timestamp()`;

/** The tokens of the code $1 are given: of several at the same time, one gets them. */
export const CONSUME_CODE = `
update oauth_device_code set consumed_at = clock_timestamp() where token_hash = $1 and consumed_at is null`;
