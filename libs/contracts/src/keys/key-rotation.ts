import { z } from 'zod';
import { request } from '../contract.js';
import { Principal } from '../tenancy.js';
import { ApiKey } from './auth.js';

/** For so long a key stays valid beside its successor, in seconds, unless another time is given, and at most. */
export const DEFAULT_OVERLAP_S = 86_400;
export const MOST_OVERLAP_S = 30 * 86_400;

/**
 * Makes the successor of a key: with the same holder, team, name, permissions and expiry. The former key ends after the overlap. With the key itself, or the one that made it, the successor is one that the former key has made: revoking that one revokes both, and
 * what was made with the former key belongs to the successor from now on. With another key it is one that this key has made, and what was made with the former one stays with that one: whoever had that key may know it. Needs nothing more than the key itself; for other keys of its holder key:write, for those of a
 * service account member:write in its team, and all that the key allows.
 *
 * @throws CausewayError KEY_UNKNOWN, KEY_NOT_ROTATABLE, KEY_OF_MORE, KEY_OUTLIVES_MAKER, KEY_OF_OWNER_LAST, PERMISSION_DENIED, TOKEN_NOT_ENOUGH, LIMIT_REACHED
 */
export const rotateKey = request('req.auth.key.rotate.v1', {
  input: z.object({
    principal: Principal,
    requestId: z.string(),
    keyId: z.uuid(),
    /** Of the successor. */
    keyHash: z.string().regex(/^[0-9a-f]{64}$/),
    masked: z.string().regex(/^[\w-]{8}\*{8,100}$/),
    overlapS: z.number().int().min(0).max(MOST_OVERLAP_S),
  }),
  /** `formerUntil`: when the former key ends. */
  reply: z.object({ key: ApiKey, formerUntil: z.iso.datetime() }),
});
