import { z } from 'zod';
import { live, request } from '../contract.js';
import { PageRequest, Principal } from '../tenancy.js';
import { SamlCertificate, SamlResponse, samlDescription, samlFields, samlShape } from './saml.js';

const Actor = z.object({ principal: Principal, requestId: z.string() });
const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const clean = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed();
const NOT_A_TEXT = 'holds a NUL character or a half of a character';

/** Names a connection in addresses. */
export const ConnectionName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$/, {
  error: 'must have 1 to 50 lower-case letters, digits and dashes, and begin and end with a letter or digit',
});

/** The address of an identity provider, as it says it itself. Without TLS only on the machine itself. */
export const Issuer = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine(isSafeIssuer, {
    error: 'must begin with https://; http:// is accepted for 127.0.0.1, [::1] and localhost',
  })
  .refine((text) => !/[?#]/.test(text), { error: 'must have no query and no fragment' });

function isSafeIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const isLoopback = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  return (
    username === '' && password === '' && (protocol === 'https:' || (protocol === 'http:' && isLoopback))
  );
}

/** A domain of e-mail addresses, in lower case. */
export const Domain = z
  .string()
  .max(253)
  .transform((text) => text.toLowerCase())
  .refine((text) => /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])$/.test(text), {
    error: 'must be a domain such as example.com',
  });

const Label = z.string().trim().min(1).max(100).refine(clean, { error: NOT_A_TEXT });
const ClientId = z.string().min(1).max(500).refine(clean, { error: NOT_A_TEXT });

/** Claims that a person can change, or that pass from one person to another. Source: OpenID Connect Core 1.0, section 5.7. */
const CHANGING_CLAIMS = /^(.*email.*|preferred_username|upn|unique_name|.*name|.*phone.*)$/i;

/** The claim by which a person whom SCIM has sent is recognised at their sign-in. */
export const ScimIdClaim = z
  .string()
  .regex(/^[^\s]{1,200}$/, { error: 'must have 1 to 200 characters and no spaces' })
  .refine((claim) => !CHANGING_CLAIMS.test(claim), {
    error: 'must be an id that stays with one person for ever, such as sub or oid, and no name or address',
  });

/** What both kinds of connections have. */
const commonFields = {
  /** What people read when they choose it. @default the name */
  label: Label.optional(),
  /** Of the e-mail addresses of people who sign in there. */
  domains: z.array(Domain).max(50).optional(),
  /** The claim, or the attribute of a SAML assertion, that is equal to what SCIM calls a person: their `externalId`. @default sub, which is the NameID of an assertion if it is persistent */
  scimIdClaim: ScimIdClaim.optional(),
  disabled: z.boolean().optional(),
};

/** What an owner says of an OpenID Connect provider. */
export const OidcConnectionFields = z.object({
  kind: z.literal('oidc').optional(),
  ...commonFields,
  issuer: Issuer,
  clientId: ClientId,
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, { error: 'is no scope' }))
    .max(20)
    .optional(),
  /** Where tokens say the groups: names separated by dots. @default groups */
  groupsClaim: z
    .string()
    .regex(/^[^.\s]{1,100}(\.[^.\s]{1,100}){0,9}$/, { error: 'must be names separated by dots' })
    .optional(),
});

/** What an owner says of a SAML identity provider. What is not given stays as it is. */
export const SamlConnectionFields = z.object({
  ...samlFields,
  ...commonFields,
  /** What the identity provider calls Causeway. @default the address of the connection’s metadata */
  clientId: ClientId.optional(),
});

/** What an owner says of an identity provider. */
export const ConnectionFields = z.discriminatedUnion('kind', [OidcConnectionFields, SamlConnectionFields]);

const commonShape = {
  id: z.uuid(),
  name: z.string(),
  label: z.string(),
  issuer: z.string(),
  /** What the identity provider calls Causeway. */
  clientId: z.string(),
  domains: z.array(z.string()),
  scimIdClaim: z.string(),
  createdAt: z.iso.datetime(),
  disabledAt: z.iso.datetime().nullable(),
};

/** A connection to an identity provider, without its secret. */
export const Connection = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('oidc'),
    ...commonShape,
    hasSecret: z.boolean(),
    scopes: z.array(z.string()),
    groupsClaim: z.string(),
  }),
  z.object({ kind: z.literal('saml'), ...commonShape, ...samlShape }),
]);
export type Connection = z.infer<typeof Connection>;

/** A session without its token. */
export const Session = z.object({
  id: z.uuid(),
  /** Name of the connection by which it began. */
  connection: z.string().nullable(),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  isCurrent: z.boolean(),
});
export type Session = z.infer<typeof Session>;

/** The connections of the caller’s organisation by name. Needs organisation:write. @throws CausewayError PERMISSION_DENIED */
export const listConnections = request('req.auth.connection.list.v1', {
  input: z.object({ principal: Principal }),
  reply: z.object({ items: z.array(Connection) }),
});

/**
 * Makes a connection or changes one. Whoever says who signs in may become anybody, so it needs every permission in the organisation.
 * A secret that is not given stays; `null` removes it.
 *
 * @throws CausewayError PERMISSION_DENIED, CONNECTION_TAKEN, CONNECTION_OF_OTHER_KIND, DOMAIN_TAKEN, LIMIT_REACHED, SAML_OFF, SAML_INCOMPLETE,
 *   CERTIFICATE_UNUSABLE, METADATA_UNREADABLE, PROVIDER_UNUSABLE
 */
export const putConnection = request('req.auth.connection.put.v1', {
  input: Actor.extend({
    name: ConnectionName,
    fields: ConnectionFields,
    /** Sealed by the gateway. */
    sealedSecret: z.string().max(5_000).nullable().optional(),
    /** What a SAML provider calls Causeway if nothing else is said: the address of the connection’s metadata. */
    metadataUrl: z.url().max(1_000).optional(),
  }),
  reply: Connection,
  timeoutMs: 15_000,
});

/** Removes a connection that has no groups any more. Its sessions end. @throws CausewayError PERMISSION_DENIED, CONNECTION_UNKNOWN, CONNECTION_IN_USE */
export const deleteConnection = request('req.auth.connection.delete.v1', {
  input: Actor.extend({ name: ConnectionName }),
  reply: z.object({}),
});

/**
 * Reads what the identity provider says of itself, anew. A SAML provider is not asked: its certificates and its sign-in address are in the
 * connection, and whether a sign-in can begin with them is tried.
 *
 * @throws CausewayError PERMISSION_DENIED, CONNECTION_UNKNOWN, PROVIDER_UNUSABLE, SAML_OFF
 */
export const testConnection = request('req.auth.connection.test.v1', {
  input: z.object({ principal: Principal, name: ConnectionName }),
  reply: z.object({
    issuer: z.string(),
    authorizationEndpoint: z.string(),
    keys: z.number().int(),
    /** Whether it takes PKCE, and ends its session when somebody signs out here. */
    pkce: z.boolean(),
    endsSessions: z.boolean(),
    /** Those of a SAML provider. */
    certificates: z.array(SamlCertificate).optional(),
  }),
  timeoutMs: 15_000,
});

/** What a SAML provider has to know of a connection. @throws CausewayError CONNECTION_UNKNOWN, CONNECTION_OF_OTHER_KIND, SAML_OFF */
export const describeConnection = request('req.auth.connection.describe.v1', {
  gatewayActsFor: 'itself',
  input: z.object({
    connection: z.string().max(50),
    /** The address to which the identity provider sends its answer. */
    callbackUrl: z.url().max(1_000),
  }),
  reply: samlDescription,
});

/** The connections by which anybody may sign in; with an e-mail address, the one of its domain. */
export const offerConnections = request('req.auth.connection.offer.v1', {
  gatewayActsFor: 'itself',
  input: z.object({ email: z.string().max(320).optional() }),
  reply: z.object({ items: z.array(z.object({ name: z.string(), label: z.string() })) }),
});

/**
 * What a browser brings back from an identity provider, as it is sealed in messages: whoever had all of it could sign in with it before the
 * browser does.
 */
export const SealedArrival = z.object({
  ticket: z.string(),
  /** The address with which the browser came back, with its query. */
  currentUrl: z.string(),
  /** The form field with the answer of a SAML provider: XML in base64. */
  samlResponse: SamlResponse.optional(),
});

/**
 * Begins a sign-in. `ticket` is sealed; the browser that began it keeps it, and nobody else can finish it. It is worth nothing without what the
 * identity provider answers.
 *
 * @throws CausewayError CONNECTION_UNKNOWN, PROVIDER_UNUSABLE
 */
export const beginSignIn = request('req.auth.sign-in.begin.v1', {
  gatewayActsFor: 'itself',
  input: z.object({
    connection: z.string().max(50),
    /** The address to which the identity provider sends the browser back. */
    callbackUrl: z.url().max(1_000),
    /** Where the browser goes at the end: a path of this site, which the gateway has checked. */
    returnTo: z.string().max(2_000),
    email: z.string().max(320).optional(),
  }),
  reply: z.object({ url: z.url(), ticket: z.string() }),
  timeoutMs: 15_000,
});

/**
 * Finishes a sign-in: makes the person if they are new, sets the groups that the identity provider names, and begins a session with the
 * token that has this hash.
 *
 * @throws CausewayError CONNECTION_UNKNOWN, SIGN_IN_EXPIRED, SIGN_IN_REFUSED, PROVIDER_UNUSABLE, USER_DISABLED, PERSON_BARRED, LIMIT_REACHED, SAML_OFF
 */
export const finishSignIn = request('req.auth.sign-in.finish.v2', {
  gatewayActsFor: 'itself',
  input: z.object({
    connection: z.string().max(50),
    /** Sealed `SealedArrival`. */
    sealed: z.string().max(500_000),
    tokenHash: Hash,
    /** Hash of the token of the session that the same browser has until now: it ends. */
    formerHash: Hash.optional(),
    address: z.string().max(200).optional(),
    userAgent: z.string().max(500).optional(),
    requestId: z.string().max(200),
  }),
  reply: z.object({ returnTo: z.string(), expiresAt: z.iso.datetime() }),
  timeoutMs: 20_000,
});

/**
 * Who is signed in with the token that has this hash. An unknown, expired, idle or ended one gives SESSION_ENDED. Counts as a use of the
 * session, except with `again`, which is for a request that is still running.
 */
export const verifySession = request('req.auth.session.verify.v1', {
  gatewayActsFor: 'itself',
  input: z.object({ tokenHash: Hash, again: z.boolean().optional() }),
  reply: z.object({ principal: Principal, expiresAt: z.iso.datetime() }),
});

/** A session ended, or works in another team now: caches of `verifySession` drop it. May be lost, so caches also expire. */
export const sessionChanged = live('live.auth.session.changed.v1', {
  to: ['gateway'],
  input: z.object({ organisationId: z.uuid(), sessionId: z.uuid() }),
});

/** The sessions of the caller that have not ended, oldest first. @throws CausewayError TOKEN_NOT_ENOUGH */
export const listUserSessions = request('req.auth.session.list.v1', {
  input: z.object({ principal: Principal, page: PageRequest.prefault({}) }),
  reply: z.object({ items: z.array(Session), next: z.string().optional() }),
});

/**
 * Ends one session of the caller: this one, another one, or with `others` all but this one. What is in `sealedSignOutUrl`, which has an ID token in
 * it, ends the identity provider’s session too, where it offers that and it is this session that ends.
 *
 * @throws CausewayError BROWSER_SESSION_UNKNOWN, TOKEN_NOT_ENOUGH
 */
export const endSession = request('req.auth.session.end.v2', {
  input: Actor.extend({
    sessionId: z.uuid().optional(),
    others: z.boolean().optional(),
    /** Where the identity provider sends the browser back to. */
    returnUrl: z.url().max(1_000).optional(),
  }),
  reply: z.object({ ended: z.number().int(), sealedSignOutUrl: z.string().optional() }),
  timeoutMs: 15_000,
});

/** The session works in another team from now on. @throws CausewayError BROWSER_SESSION_UNKNOWN, TEAM_UNKNOWN */
export const switchTeam = request('req.auth.session.team.v1', {
  input: Actor.extend({ teamId: z.uuid() }),
  reply: z.object({}),
});

/** An identity provider says that it has ended a session, or all of a person. @throws CausewayError CONNECTION_UNKNOWN, LOGOUT_TOKEN_INVALID, PROVIDER_UNUSABLE */
export const endProviderSessions = request('req.auth.session.provider-end.v1', {
  gatewayActsFor: 'itself',
  input: z.object({
    connection: z.string().max(50),
    logoutToken: z.string().max(16_000),
    requestId: z.string().max(200),
  }),
  reply: z.object({ ended: z.number().int() }),
  timeoutMs: 15_000,
});
