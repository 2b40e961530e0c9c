import { z } from 'zod';
import { AccessName, PlaceIds } from '../access.js';
import { request } from '../contract.js';
import { Level, PageRequest, Principal } from '../tenancy.js';

const Actor = z.object({ principal: Principal, requestId: z.string() });
const Hash = z.string().regex(/^[0-9a-f]{64}$/);
/** Sealed by the gateway, because passwords and codes are in no message as they are. */
const Sealed = z.string().max(5_000);

/** What somebody types to sign in here: an e-mail address or a name, in lower case. */
export const Login = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^\S{1,200}$/, { error: 'must have 1 to 200 characters and no spaces' })
  .refine((text) => !text.includes('\u0000') && text.isWellFormed(), {
    error: 'holds a NUL character or a half of a character',
  });

const From = z.object({
  tokenHash: Hash,
  /** Hash of the token of the session that the same browser has until now: it ends. */
  formerHash: Hash.optional(),
  address: z.string().max(200).optional(),
  /** For whose turn it is: the address, or the network that one caller has. @default the address */
  network: z.string().max(200).optional(),
  userAgent: z.string().max(500).optional(),
  requestId: z.string().max(200),
});

/** A password as it is sealed in messages. */
export const SealedPassword = z.object({ login: Login, password: z.string().max(1_000) });
/** What somebody signs in with, as it is sealed in messages. */
export const SealedSignIn = SealedPassword.extend({ code: z.string().max(20).optional() });

/** An invitation, without what its link holds. */
export const Invitation = z.object({
  id: z.uuid(),
  name: z.string(),
  email: z.string().nullable(),
  role: z.string().nullable(),
  level: Level.nullable(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type Invitation = z.infer<typeof Invitation>;

/**
 * Gives a person a password with which they sign in here. The sessions that they began with the former one end. A break-glass administrator may also sign in while SSO is
 * enforced, and needs an authenticator for it: `sealedUri` is what its app reads, sealed. Needs every permission in the organisation.
 *
 * @throws CausewayError PERMISSION_DENIED, USER_UNKNOWN, LOGIN_TAKEN, PASSWORD_WEAK, SSO_ENFORCED
 */
export const setPassword = request('req.auth.password.set.v1', {
  input: Actor.extend({
    userId: z.uuid(),
    /** Sealed `SealedPassword`. */
    sealed: Sealed,
    isBreakGlass: z.boolean().default(false),
  }),
  reply: z.object({ sealedUri: Sealed.optional() }),
  timeoutMs: 15_000,
});

/** Takes a person's password away, and ends the sessions that began with it. @throws CausewayError PERMISSION_DENIED, USER_UNKNOWN */
export const deletePassword = request('req.auth.password.delete.v1', {
  input: Actor.extend({ userId: z.uuid() }),
  reply: z.object({}),
});

/**
 * Signs in with a password, and begins a session with the token that has this hash.
 *
 * @throws CausewayError PASSWORD_WRONG, also for a login that does not exist, PASSWORD_LOCKED, PASSWORD_CODE_NEEDED, SSO_ENFORCED, USER_DISABLED, OVERLOADED
 */
export const signInWithPassword = request('req.auth.password.sign-in.v1', {
  gatewayActsFor: 'itself',
  input: From.extend({
    /** Sealed `SealedSignIn`. */
    sealed: Sealed,
  }),
  reply: z.object({ expiresAt: z.iso.datetime() }),
  timeoutMs: 15_000,
});

/** Whether anybody may sign in with a password, or only break-glass administrators. */
export const offerPasswords = request('req.auth.password.offer.v1', {
  gatewayActsFor: 'itself',
  input: z.object({}),
  reply: z.object({ forEverybody: z.boolean() }),
});

/**
 * Invites somebody by a link that is valid for seven days and used once. They get one role, if one is given, which the caller must be able to give.
 *
 * @throws CausewayError PERMISSION_DENIED, TEAM_UNKNOWN, ROLE_UNKNOWN, ROLE_TOO_WIDE, SSO_ENFORCED, LIMIT_REACHED
 */
export const createInvitation = request('req.auth.invitation.create.v1', {
  input: Actor.extend({
    ...PlaceIds.shape,
    tokenHash: Hash,
    name: AccessName,
    email: z.email().max(320).optional(),
    role: AccessName.optional(),
  }),
  reply: Invitation,
});

/** The invitations that are still valid, oldest first. Needs member:write in the organisation. @throws CausewayError PERMISSION_DENIED */
export const listInvitations = request('req.auth.invitation.list.v1', {
  input: z.object({ principal: Principal, page: PageRequest.prefault({}) }),
  reply: z.object({ items: z.array(Invitation), next: z.string().optional() }),
});

/** Takes an invitation back. @throws CausewayError PERMISSION_DENIED, INVITATION_UNKNOWN */
export const deleteInvitation = request('req.auth.invitation.delete.v1', {
  input: Actor.extend({ invitationId: z.uuid() }),
  reply: z.object({}),
});

/** What a link invites to. @throws CausewayError INVITATION_UNKNOWN */
export const readInvitation = request('req.auth.invitation.read.v1', {
  gatewayActsFor: 'itself',
  input: z.object({ tokenHash: Hash }),
  reply: z.object({ name: z.string(), email: z.string().nullable(), organisation: z.string() }),
});

/**
 * Accepts an invitation: makes the person with a password and begins a session.
 *
 * @throws CausewayError INVITATION_UNKNOWN, LOGIN_TAKEN, PASSWORD_WEAK, SSO_ENFORCED, LIMIT_REACHED
 */
export const acceptInvitation = request('req.auth.invitation.accept.v1', {
  gatewayActsFor: 'itself',
  input: From.extend({
    invitationHash: Hash,
    /** Sealed `SealedPassword`. */
    sealed: Sealed,
  }),
  reply: z.object({ expiresAt: z.iso.datetime() }),
  timeoutMs: 15_000,
});

/** An organisation, and how its people may sign in. */
export const Organisation = z.object({
  id: z.uuid(),
  name: z.string(),
  ssoEnforcedAt: z.iso.datetime().nullable(),
});
export type Organisation = z.infer<typeof Organisation>;

/** The caller’s organisation. */
export const getOrganisation = request('req.auth.organisation.get.v1', {
  input: z.object({ principal: Principal }),
  reply: Organisation,
});

/**
 * Renames the organisation, or enforces SSO: then only break-glass administrators sign in with a password, and the other sessions that began with one
 * end. Enforcing needs every permission in the organisation and a connection that is enabled.
 *
 * @throws CausewayError PERMISSION_DENIED, SSO_WITHOUT_CONNECTION
 */
export const updateOrganisation = request('req.auth.organisation.update.v1', {
  input: Actor.extend({ name: AccessName.optional(), ssoEnforced: z.boolean().optional() }),
  reply: Organisation,
});
