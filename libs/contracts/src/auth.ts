import { z } from 'zod';
import { live, request } from './contract.js';
import { RetentionPlan } from './retention.js';
import { PageRequest, Permission, Principal, Tenant } from './tenancy.js';

/** An API key without its secret. */
export const ApiKey = z.object({
  id: z.uuid(),
  name: z.string(),
  /** The first eight characters, then asterisks. */
  masked: z.string(),
  userId: z.string(),
  permissions: z.array(Permission),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
  totalUses: z.number().int(),
  isActive: z.boolean(),
});
export type ApiKey = z.infer<typeof ApiKey>;

const Actor = z.object({ principal: Principal, requestId: z.string() });

/**
 * Who holds this key. The key itself never travels: only its SHA-256 in hex. Unknown, expired and revoked all give
 * KEY_INVALID. Counts as one use, unless it is asked `again` for a request that goes on; what a cache answers in between is
 * told by `countKeyUses`.
 */
export const verifyKey = request('req.auth.key.verify.v1', {
  input: z.object({ keyHash: z.string().regex(/^[0-9a-f]{64}$/), again: z.boolean().optional() }),
  reply: z.object({ principal: Principal, expiresAt: z.iso.datetime().nullable() }),
});

/** Uses of keys that a cache of `verifyKey` answered, every few seconds. For the counters of the key's page: loss is harmless. */
export const countKeyUses = request('req.auth.key.count.v1', {
  input: z.object({
    uses: z
      .array(z.object({ keyId: z.uuid(), count: z.number().int().positive(), lastUsedAt: z.iso.datetime() }))
      .max(500),
  }),
  reply: z.object({}),
});

/** A key was revoked: caches of `verifyKey` drop it. May be lost, so caches also expire. */
export const keyChanged = live('live.auth.key.changed.v1', {
  input: Tenant.extend({ keyId: z.uuid() }),
});

/**
 * Makes a key whose permissions are at most its maker's; the secret is in this reply and nowhere else. Asking twice makes
 * two keys. It ends at the latest with the key that its maker showed, and then when no expiry is given.
 *
 * @throws CausewayError KEY_SCOPE_TOO_WIDE, KEY_OUTLIVES_MAKER, REQUEST_INVALID for an expiry that has passed, KEY_INVALID
 *         when the maker's key has ended meanwhile
 */
export const createKey = request('req.auth.key.create.v1', {
  input: Actor.extend({
    name: z.string().min(1).max(200),
    permissions: z.array(Permission).optional(),
    expiresAt: z.iso.datetime().optional(),
  }),
  reply: z.object({ key: ApiKey, secret: z.string() }),
});

/** The valid and expired keys of one user or service account in a team, oldest first; revoked ones are gone. */
export const listKeys = request('req.auth.key.list.v1', {
  input: Tenant.extend({ userId: z.string(), page: PageRequest.default({ limit: 500 }) }),
  reply: z.object({ keys: z.array(ApiKey), next: z.string().optional() }),
});

/**
 * Revokes a key of the caller's team, and every key that was made with it. The caller's own key, a key made with it, or one that may do
 * no more than the caller; KEY_OF_MORE otherwise. KEY_LAST for the team's last key with every permission, KEY_UNKNOWN when there is no
 * such key, or none any more.
 */
export const deleteKey = request('req.auth.key.delete.v1', {
  input: Actor.extend({ keyId: z.uuid() }),
  reply: z.object({}),
});

/** Which keys would be removed now: of all teams. */
export const planKeyRetention = request('req.auth.retention.plan.v1', {
  input: z.object({}),
  reply: RetentionPlan,
  timeoutMs: 15_000,
});
