import { z } from 'zod';
import { request } from '../contract.js';
import { Principal } from '../tenancy.js';
import { JsonObject } from '../values/json.js';
import { ConnectionName } from './sign-in.js';

/** SCIM 2.0 (RFC 7643, RFC 7644): the identity provider of a connection says which people and groups there are. */

const Actor = z.object({ principal: Principal, requestId: z.string() });
const Hash = z.string().regex(/^[0-9a-f]{64}$/);

/** The kinds of resources, as SCIM names them. */
export const ScimType = z.enum(['User', 'Group']);
export type ScimType = z.infer<typeof ScimType>;

/** A SCIM token without the token, which nobody has stored. */
export const ScimToken = z.object({
  id: z.uuid(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type ScimToken = z.infer<typeof ScimToken>;

const OfConnection = { connection: ConnectionName };

/**
 * Makes a token with which the identity provider of a connection sends people and groups. A connection has at most two, so that one can take
 * the place of the other without a gap. The gateway makes the token where it is shown; here is its hash. Needs every permission in the organisation.
 *
 * @throws CausewayError PERMISSION_DENIED, CONNECTION_UNKNOWN, LIMIT_REACHED, TOKEN_NOT_ENOUGH
 */
export const createScimToken = request('req.auth.scim-token.create.v1', {
  input: Actor.extend({ ...OfConnection, tokenHash: Hash }),
  reply: ScimToken,
});

/** Ends a SCIM token. @throws CausewayError PERMISSION_DENIED, CONNECTION_UNKNOWN, SCIM_TOKEN_UNKNOWN */
export const deleteScimToken = request('req.auth.scim-token.delete.v1', {
  input: Actor.extend({ ...OfConnection, tokenId: z.uuid() }),
  reply: z.object({}),
});

/** The SCIM tokens of a connection, and how much its identity provider has sent. Needs organisation:write. @throws CausewayError PERMISSION_DENIED, CONNECTION_UNKNOWN */
export const getScimStatus = request('req.auth.scim.status.v1', {
  input: z.object({ principal: Principal, ...OfConnection }),
  reply: z.object({
    tokens: z.array(ScimToken),
    /** The claim of a sign-in that is equal to the person’s `externalId`. */
    idClaim: z.string(),
    /** Those that the provider sees. */
    people: z.number().int(),
    groups: z.number().int(),
  }),
});

/** The principal of the SCIM token with this hash: it may do SCIM for its connection, and nothing else. @throws CausewayError SCIM_TOKEN_INVALID */
export const verifyScimToken = request('req.auth.scim-token.verify.v1', {
  gatewayActsFor: 'itself',
  input: z.object({ tokenHash: Hash }),
  reply: z.object({ principal: Principal }),
});

const OfType = { type: ScimType };
/** What every answer is made with: the address before `/Users`, and which attributes are asked for. */
const Shown = {
  base: z.url().max(500),
  attributes: z.string().max(2_000).optional(),
  excludedAttributes: z.string().max(2_000).optional(),
};
const One = { ...OfType, ...Shown, id: z.string().max(200) };
const Answer = z.object({ resource: JsonObject });

/** Finds resources of the token’s connection, oldest first. @throws CausewayError SCIM_TOKEN_INVALID, SCIM_INVALID */
export const listScim = request('req.auth.scim.list.v1', {
  input: z.object({
    principal: Principal,
    ...OfType,
    ...Shown,
    filter: z.string().max(10_000).optional(),
    startIndex: z.number().int().optional(),
    count: z.number().int().optional(),
  }),
  reply: Answer,
});

/** @throws CausewayError SCIM_TOKEN_INVALID, SCIM_UNKNOWN */
export const getScim = request('req.auth.scim.get.v1', {
  input: z.object({ principal: Principal, ...One }),
  reply: Answer,
});

/**
 * Makes a person or a group, or joins one that exists: a person whose sign-in through this connection has the same id, and a group that stands for
 * the same name of this connection.
 *
 * @throws CausewayError SCIM_TOKEN_INVALID, SCIM_INVALID, SCIM_TAKEN, LIMIT_REACHED
 */
export const createScim = request('req.auth.scim.create.v1', {
  input: Actor.extend({ ...OfType, ...Shown, resource: JsonObject }),
  reply: Answer,
  timeoutMs: 15_000,
});

/** Idempotent: the same resource again changes nothing. @throws CausewayError as `createScim`, and SCIM_UNKNOWN, OWNER_LAST, KEY_OF_OWNER_LAST */
export const replaceScim = request('req.auth.scim.replace.v1', {
  input: Actor.extend({ ...One, resource: JsonObject }),
  reply: Answer,
  timeoutMs: 15_000,
});

/** @throws CausewayError as `replaceScim` */
export const patchScim = request('req.auth.scim.patch.v1', {
  input: Actor.extend({ ...One, patch: JsonObject }),
  reply: Answer,
  timeoutMs: 15_000,
});

/** A person is disabled and their rows are kept; a group is removed with its roles. @throws CausewayError SCIM_TOKEN_INVALID, SCIM_UNKNOWN, OWNER_LAST, KEY_OF_OWNER_LAST */
export const deleteScim = request('req.auth.scim.delete.v1', {
  input: Actor.extend({ ...OfType, id: z.string().max(200) }),
  reply: z.object({}),
});

/** What SCIM says of itself: its settings, its types of resources and its schemas. @throws CausewayError SCIM_TOKEN_INVALID, SCIM_UNKNOWN */
export const describeScim = request('req.auth.scim.describe.v1', {
  input: z.object({
    principal: Principal,
    what: z.enum(['ServiceProviderConfig', 'ResourceTypes', 'Schemas']),
    id: z.string().max(200).optional(),
    base: Shown.base,
  }),
  reply: Answer,
});
