import { z } from 'zod';
import { request } from './contract.js';
import { Permission, Principal, Tenant } from './tenancy.js';

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

/** Who holds this key. The key itself never travels: only its SHA-256 in hex. Unknown, expired and revoked all give KEY_INVALID. */
export const verifyKey = request('req.auth.key.verify.v1', {
  input: z.object({ keyHash: z.string().regex(/^[0-9a-f]{64}$/) }),
  reply: z.object({ principal: Principal, expiresAt: z.iso.datetime().nullable() }),
});

/** Makes a key whose permissions are at most its maker's; the secret is in this reply and nowhere else. */
export const createKey = request('req.auth.key.create.v1', {
  input: Actor.extend({
    name: z.string().min(1).max(200),
    permissions: z.array(Permission).optional(),
    expiresAt: z.iso.datetime().optional(),
  }),
  reply: z.object({ key: ApiKey, secret: z.string() }),
});

export const listKeys = request('req.auth.key.list.v1', {
  input: Tenant.extend({ userId: z.string() }),
  reply: z.object({ keys: z.array(ApiKey) }),
});

export const deleteKey = request('req.auth.key.delete.v1', {
  input: Actor.extend({ keyId: z.uuid() }),
  reply: z.object({}),
});
