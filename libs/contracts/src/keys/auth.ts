import { z } from 'zod';
import { live, request } from '../contract.js';
import { RetentionPlan } from '../retention.js';
import { PageRequest, Permission, Principal, Tenant } from '../tenancy.js';
import { NOT_ONE_LINE, isOneLine } from '../values/one-line.js';

/** An API key without its secret. */
export const ApiKey = z.object({
  id: z.uuid(),
  name: z.string(),
  /** The first eight characters, then asterisks. */
  masked: z.string(),
  userId: z.string(),
  permissions: z.array(Permission),
  /** Pages that may use it; absent: it is for programs. */
  origins: z.array(z.string()).optional(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
  totalUses: z.number().int(),
  isActive: z.boolean(),
});
export type ApiKey = z.infer<typeof ApiKey>;

/** Where a page is from, as browsers say it: `https://www.example.com`. */
export const PageOrigin = z
  .string()
  .max(300)
  .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text, {
    error: 'must be an origin as browsers send it, such as https://www.example.com, without a path',
  });

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Actor = z.object({ principal: Principal, requestId: z.string() });

/**
 * The holder of a key. The key itself is never sent: only its SHA-256 in hex. An unknown, expired or revoked key gives
 * KEY_INVALID; one whose holder is disabled or has no role in its team, KEY_UNUSABLE. Counts as one use of the key, except with `again`, which is for a request that is still running;
 * `countKeyUses` reports the uses that a cache answered.
 */
export const verifyKey = request('req.auth.key.verify.v1', {
  gatewayActsFor: 'itself',
  input: z.object({ keyHash: Hash, again: z.boolean().optional() }),
  reply: z.object({ principal: Principal, expiresAt: z.iso.datetime().nullable() }),
});

/**
 * Uses of keys that a cache of `verifyKey` answered, every few seconds. For the counters of the key's page: a lost one
 * does no harm.
 */
export const countKeyUses = request('req.auth.key.count.v1', {
  gatewayActsFor: 'itself',
  input: z.object({
    uses: z
      .array(z.object({ keyId: z.uuid(), count: z.number().int().positive(), lastUsedAt: z.iso.datetime() }))
      .max(500),
  }),
  reply: z.object({}),
});

/** A key was revoked: caches of `verifyKey` drop it. May be lost, so caches also expire. */
export const keyChanged = live('live.auth.key.changed.v1', {
  to: ['gateway'],
  input: Tenant.extend({ keyId: z.uuid() }),
});

/**
 * Makes a key whose permissions are at most its maker's. The gateway, which hands the key out, has made its text and sends only what is
 * stored of it. It ends at the latest with the key that its maker used, and at that time if no expiry is given. It is the caller's
 * own, or that of a service account, which needs member:write in the account's team.
 *
 * @throws CausewayError KEY_SCOPE_TOO_WIDE, KEY_OUTLIVES_MAKER, REQUEST_INVALID for an expiry that has passed,
 * KEY_INVALID when the maker's key has ended meanwhile, PERMISSION_DENIED, ACCOUNT_UNKNOWN, LIMIT_REACHED
 */
export const createKey = request('req.auth.key.create.v2', {
  input: Actor.extend({
    name: z.string().min(1).max(200).refine(isOneLine, { error: NOT_ONE_LINE }),
    /** SHA-256 of the key, in hex. */
    keyHash: Hash,
    /** Its first eight characters, then asterisks. */
    masked: z.string().regex(/^[\w-]{8}\*{8,100}$/),
    permissions: z.array(Permission).optional(),
    expiresAt: z.iso.datetime().optional(),
    serviceAccountId: z.uuid().optional(),
    /** For a key in a public page: of which pages browsers may use it. Everybody can read it there, so it only runs, for a service account. */
    origins: z.array(PageOrigin).min(1).max(20).optional(),
  }),
  reply: z.object({ key: ApiKey }),
});

/** Whether a valid key is for pages of an origin: browsers ask before they send the key. */
export const findPageOrigin = request('req.auth.key.origin.v1', {
  gatewayActsFor: 'itself',
  input: z.object({ origin: z.string().max(300) }),
  reply: z.object({ isListed: z.boolean() }),
});

/** The caller's own valid and expired keys in its team, oldest first, without revoked ones. */
export const listKeys = request('req.auth.key.list.v2', {
  needs: ['key:read'],
  input: z.object({ principal: Principal, page: PageRequest.default({ limit: 500 }) }),
  reply: z.object({ keys: z.array(ApiKey), next: z.string().optional() }),
});

/**
 * Revokes a key, and every key that was made with it. Allowed are the caller's own key and those made with it; with key:write other
 * keys of the same holder, and with member:write in the key's team those of others (else PERMISSION_DENIED), if none of the keys
 * allows what the caller may not do in its team; else KEY_OF_MORE. KEY_LAST when the organisation's other
 * keys of owners with every permission all expire sooner, or when there is no other one; KEY_UNKNOWN when the key does not
 * exist, is already revoked, or belongs to a team in which the caller has no role.
 */
export const deleteKey = request('req.auth.key.delete.v1', {
  input: Actor.extend({ keyId: z.uuid() }),
  /** How many keys are revoked by it, this one included. */
  reply: z.object({ revoked: z.number().int() }),
});

/** Which keys are due for removal now, of all teams. */
export const planKeyRetention = request('req.auth.retention.plan.v1', {
  needs: ['log:read'],
  input: z.object({}),
  reply: RetentionPlan,
  timeoutMs: 15_000,
});
