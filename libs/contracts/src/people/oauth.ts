import { z } from 'zod';
import { AccessName } from '../access.js';
import { live, request } from '../contract.js';
import { PageRequest, Permission, Principal } from '../tenancy.js';

const Actor = z.object({ principal: Principal, requestId: z.string() });
const Hash = z.string().regex(/^[0-9a-f]{64}$/);

/** Characters of an OAuth request that auth reads: its query, or its body. */
export const MOST_OAUTH_CHARACTERS = 16_000;

/**
 * Where a browser is sent at the end: with TLS; or on the machine itself (RFC 8252), by 127.0.0.1 or [::1] with any port, or by a scheme that an
 * application has for itself. It is compared as a whole; only the port of the machine itself may differ.
 */
export const RedirectUri = z.string().max(500).refine(isSafeRedirect, {
  error:
    'must be https://…, http://127.0.0.1/… or http://[::1]/…, or an application’s own scheme with a dot in it, without a fragment',
});

function isSafeRedirect(text: string): boolean {
  if (!URL.canParse(text) || /[#\s]/.test(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  if (protocol === 'https:') return true;
  if (protocol === 'http:') return hostname === '127.0.0.1' || hostname === '[::1]';
  return /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(protocol);
}

/**
 * What kind of program a client is. `service`: it acts for a service account, by its own secret. `confidential`: it acts for people, and keeps a secret.
 * `public`: it acts for people and can keep none, as a program on their machine.
 */
export const OAuthClientKind = z.enum(['service', 'confidential', 'public']);

/** A program that may ask for tokens, without its secret. */
export const OAuthClient = z.object({
  id: z.uuid(),
  name: z.string(),
  kind: OAuthClientKind,
  /** Whom it acts for; null when it acts for people. */
  serviceAccountId: z.uuid().nullable(),
  redirectUris: z.array(z.string()),
  /** Whether it may ask with a device code, where it has no browser. */
  deviceFlow: z.boolean().optional(),
  /** What its tokens allow at most. */
  permissions: z.array(Permission),
  createdAt: z.iso.datetime(),
  /** Until then the secret before the present one is valid too. */
  formerSecretUntil: z.iso.datetime().nullable(),
});
export type OAuthClient = z.infer<typeof OAuthClient>;

const PageOfClients = z.object({ items: z.array(OAuthClient), next: z.string().optional() });

/**
 * Makes a client of a service account, which needs member:write in its team; or one that acts for people, which needs organisation:write. Its
 * tokens allow at most what its maker may do where it acts. The gateway, which shows the secret, has made it and sends its hash. A client
 * ends with the key that made it.
 *
 * @throws CausewayError PERMISSION_DENIED, ACCOUNT_UNKNOWN, KEY_SCOPE_TOO_WIDE, TOKEN_NOT_ENOUGH, LIMIT_REACHED, REQUEST_INVALID
 */
export const createOAuthClient = request('req.auth.client.create.v1', {
  input: Actor.extend({
    name: AccessName,
    kind: OAuthClientKind,
    serviceAccountId: z.uuid().optional(),
    redirectUris: z.array(RedirectUri).max(20).optional(),
    deviceFlow: z.boolean().optional(),
    /** @default all that its maker may do there; for one that acts for people, all permissions */
    permissions: z.array(Permission).optional(),
    /** SHA-256 of the secret; absent for a public client. */
    secretHash: Hash.optional(),
  }),
  reply: OAuthClient,
});

/** The clients of a service account, which needs member:read in its team; without one those that act for people, which needs organisation:write. Oldest first. @throws CausewayError PERMISSION_DENIED, ACCOUNT_UNKNOWN */
export const listOAuthClients = request('req.auth.client.list.v1', {
  input: z.object({
    principal: Principal,
    serviceAccountId: z.uuid().optional(),
    page: PageRequest.prefault({}),
  }),
  reply: PageOfClients,
});

/** Removes a client and ends everything that it was given. Needs what making it needs. @throws CausewayError PERMISSION_DENIED, CLIENT_UNKNOWN */
export const deleteOAuthClient = request('req.auth.client.delete.v1', {
  input: Actor.extend({ clientId: z.uuid() }),
  reply: z.object({}),
});

/** Gives a client another secret. The former one is valid for a day more. Needs what making it needs. @throws CausewayError PERMISSION_DENIED, CLIENT_UNKNOWN, TOKEN_NOT_ENOUGH, REQUEST_INVALID for a public client */
export const renewOAuthSecret = request('req.auth.client.renew.v1', {
  input: Actor.extend({ clientId: z.uuid(), secretHash: Hash }),
  reply: OAuthClient,
});

/** A request to the authorization server, as the gateway received it. */
export const OAuthRequest = z.object({
  method: z.enum(['GET', 'POST']),
  path: z.string().max(200),
  /** The address of this site as the caller sees it: the issuer. */
  origin: z.url().max(500),
  authorization: z.string().max(4_000).optional(),
  contentType: z.string().max(200).optional(),
  userAgent: z.string().max(500).optional(),
  body: z.string().max(MOST_OAUTH_CHARACTERS),
});
export type OAuthRequest = z.infer<typeof OAuthRequest>;

/** The answer of the authorization server. */
export const OAuthAnswer = z.object({
  status: z.number().int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});
export type OAuthAnswer = z.infer<typeof OAuthAnswer>;

/**
 * Asks the authorization server: for tokens, about a token, to revoke one, or what it says of itself. Secrets and tokens are in both
 * directions, so both are sealed: an `OAuthRequest` and an `OAuthAnswer`, as JSON.
 */
export const askOAuth = request('req.auth.oauth.ask.v1', {
  gatewayActsFor: 'itself',
  input: z.object({
    sealed: z.string().max(100_000),
    requestId: z.string().max(200),
    address: z.string().max(200).optional(),
    /** For what limits of addresses count: the address, or the network that one caller has. */
    network: z.string().max(200).optional(),
  }),
  reply: z.object({ sealed: z.string() }),
});

/** What somebody decides about a program that asks to act for them. */
export const Consent = z.enum(['allow', 'deny']);

/**
 * A program asks that a person lets it act for them. Without a decision the reply says what is asked, and nothing is stored. With one, or
 * when the request is wrong, `sealed` is where the browser goes on, with the code or an error.
 *
 * @throws CausewayError OAUTH_REQUEST_INVALID when the browser must not be sent on; OAUTH_NEEDS_BROWSER, SESSION_ENDED
 */
export const authorizeOAuth = request('req.auth.oauth.authorize.v1', {
  input: Actor.extend({
    origin: z.url().max(500),
    query: z.string().max(MOST_OAUTH_CHARACTERS),
    decision: Consent.optional(),
  }),
  reply: z.union([
    z.object({ sealed: z.string() }),
    z.object({
      asks: z.object({
        client: z.string(),
        redirectUri: z.string(),
        /** What it asks for; some of it the person may not have. */
        permissions: z.array(Permission),
        /** Whether it learns who the person is. */
        learns: z.array(z.enum(['openid', 'profile', 'email'])),
      }),
    }),
  ]),
});

/**
 * The principal of the access token with this hash. An unknown, expired or revoked one gives TOKEN_INVALID. With `again`, which is for a
 * request that is still running, one that has only expired since then is valid.
 */
export const verifyToken = request('req.auth.token.verify.v1', {
  gatewayActsFor: 'itself',
  input: z.object({ tokenHash: Hash, again: z.boolean().optional() }),
  reply: z.object({ principal: Principal, expiresAt: z.iso.datetime() }),
});

/** Tokens of an organisation ended: caches of `verifyToken` drop those of the organisation. May be lost, so caches also expire. */
export const tokensChanged = live('live.auth.token.changed.v1', {
  to: ['gateway'],
  input: z.object({ organisationId: z.uuid() }),
});

/** A person lets a program act for them. */
export const OAuthGrant = z.object({
  id: z.uuid(),
  clientId: z.uuid(),
  client: z.string(),
  teamId: z.uuid(),
  permissions: z.array(Permission),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type OAuthGrant = z.infer<typeof OAuthGrant>;

/** The programs that may act for the caller, oldest first. @throws CausewayError TOKEN_NOT_ENOUGH */
export const listOAuthGrants = request('req.auth.grant.list.v1', {
  input: z.object({ principal: Principal, page: PageRequest.prefault({}) }),
  reply: z.object({ items: z.array(OAuthGrant), next: z.string().optional() }),
});

/** A program may not act for the caller any more: its tokens end. @throws CausewayError GRANT_UNKNOWN, TOKEN_NOT_ENOUGH */
export const endOAuthGrant = request('req.auth.grant.end.v1', {
  input: Actor.extend({ grantId: z.uuid() }),
  reply: z.object({}),
});

/**
 * Makes a new key with which ID tokens are signed from now on. The former one is still published for a day. All organisations share it. Needs
 * organisation:write.
 *
 * @throws CausewayError PERMISSION_DENIED, LIMIT_REACHED
 */
export const renewOAuthKey = request('req.auth.signing-key.renew.v1', {
  input: Actor,
  reply: z.object({ keyId: z.string(), formerUntil: z.iso.datetime().nullable() }),
});
