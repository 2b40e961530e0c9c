import { z } from 'zod';
import { AccessName as Name } from '../../access.js';
import { Consent, OAuthClient, OAuthGrant, RedirectUri, renewOAuthKey } from '../../people/oauth.js';
import { Permission } from '../../tenancy.js';
import { shortList } from '../../values/json.js';
import { Id } from '../id.js';
import { route } from '../route.js';
import { pageQuery } from '../shapes.js';

/** The authorization server (OAuth 2 and OpenID Connect), and who may use it. Errors of the first six are those of RFC 6749. */

const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().optional() });

const AnyJson = z.record(z.string(), z.unknown());

export const oauthTokenRoute = route('POST', '/oauth/token', {
  summary:
    'Gives tokens for the credentials of a client, a code, or a refresh token. Source: RFC 6749, RFC 7636 (S256 only).',
  permission: 'public',
  bodyKind: 'raw',
  reply: AnyJson,
});

export const oauthIntrospectRoute = route('POST', '/oauth/introspect', {
  summary: 'What a token of the client that asks allows. Source: RFC 7662.',
  permission: 'public',
  bodyKind: 'raw',
  reply: AnyJson,
});

export const oauthRevokeRoute = route('POST', '/oauth/revoke', {
  summary:
    'Ends a token of the client that asks; a token that acts for a person ends with all others that were given with it. Source: RFC 7009.',
  permission: 'public',
  bodyKind: 'raw',
});

export const oauthKeysRoute = route('GET', '/oauth/jwks', {
  summary: 'The public keys with which ID tokens are signed. Source: RFC 7517.',
  permission: 'public',
  reply: AnyJson,
});

export const openIdConfigurationRoute = route('GET', '/.well-known/openid-configuration', {
  summary: 'What the authorization server says of itself. Source: OpenID Connect Discovery 1.0.',
  permission: 'public',
  reply: AnyJson,
});

export const oauthMetadataRoute = route('GET', '/.well-known/oauth-authorization-server', {
  summary: 'The same, for programs that know only OAuth. Source: RFC 8414.',
  permission: 'public',
  reply: AnyJson,
});

export const oauthAuthorizeRoute = route('GET', '/oauth/authorize', {
  summary:
    'A program asks to act for whoever is signed in: the page says what it asks for. Needs PKCE with S256. Source: RFC 6749, RFC 8252.',
  permission: { inPlace: 'any' },
  isPage: true,
  produces: 'text/html',
});

export const oauthConsentRoute = route('POST', '/oauth/authorize', {
  summary: 'The answer of the person. The browser goes back to the program.',
  permission: { inPlace: 'any' },
  isPage: true,
  produces: 'text/html',
  bodyKind: 'form',
  body: z.object({ csrf: z.string().max(200), query: z.string().max(16_000), decision: Consent }),
});

const ClientId = z.object({ clientId: Id });
const AccountId = z.object({ accountId: Id });
const reading = { inPlace: 'member:read' } as const;
const writing = { inPlace: 'member:write' } as const;
const organisation = { inPlace: 'organisation:write' } as const;

/** A client with its secret, which is only in the answer that makes it. */
const NewClient = OAuthClient.extend({ secret: z.string().optional() });

export const createAccountClientRoute = route(
  'POST',
  '/api/platform/v1/service-accounts/{accountId}/clients',
  {
    summary:
      'Makes an OAuth client of a service account; its secret is only in this answer. With it a program gets tokens (grant type client_credentials) that allow what the roles of the account allow now, and at most `permissions`. It ends with the key that makes it. Needs member:write in the account’s team.',
    permission: writing,
    params: AccountId,
    body: z.strictObject({ name: Name, permissions: shortList(Permission, 500).optional() }),
    status: 201,
    reply: NewClient,
  },
);

export const listAccountClientsRoute = route('GET', '/api/platform/v1/service-accounts/{accountId}/clients', {
  summary: 'The OAuth clients of a service account, oldest first. Needs member:read in its team.',
  permission: reading,
  params: AccountId,
  query: z.object(pageQuery),
  reply: pageOf(OAuthClient),
});

export const createClientRoute = route('POST', '/api/platform/v1/clients', {
  summary:
    'Makes an OAuth client that acts for people who allow it (grant type authorization_code). A `confidential` one has a secret, which is only in this answer; a `public` one has none. Redirect addresses are compared as a whole; only those of the machine itself may have any port. With `deviceFlow` it may also ask with a device code, and then needs no redirect address. Needs organisation:write.',
  permission: organisation,
  body: z.strictObject({
    name: Name,
    kind: z.enum(['confidential', 'public']),
    redirectUris: z.array(RedirectUri).max(20),
    deviceFlow: z.boolean().optional(),
    permissions: shortList(Permission, 500).optional(),
  }),
  status: 201,
  reply: NewClient,
});

export const listClientsRoute = route('GET', '/api/platform/v1/clients', {
  summary: 'The OAuth clients that act for people, oldest first. Needs organisation:write.',
  permission: organisation,
  query: z.object(pageQuery),
  reply: pageOf(OAuthClient),
});

export const deleteClientRoute = route('DELETE', '/api/platform/v1/clients/{clientId}', {
  summary: 'Removes an OAuth client and ends its tokens. Needs what making it needs.',
  permission: { inPlace: 'any' },
  params: ClientId,
  status: 204,
});

export const renewSecretRoute = route('POST', '/api/platform/v1/clients/{clientId}/secret', {
  summary:
    'Gives an OAuth client another secret, which is only in this answer. The former one is valid for a day more. Needs what making it needs.',
  permission: { inPlace: 'any' },
  params: ClientId,
  reply: NewClient,
});

export const renewSigningKeyRoute = route('POST', '/api/platform/v1/signing-keys', {
  summary:
    'Makes a new key for ID tokens. The former one is still published for a day. Needs organisation:write.',
  permission: organisation,
  status: 201,
  reply: renewOAuthKey.reply,
});

export const listGrantsRoute = route('GET', '/api/platform/v1/grants', {
  summary: 'The programs that may act for the caller, oldest first.',
  permission: { inPlace: 'any' },
  query: z.object(pageQuery),
  reply: pageOf(OAuthGrant),
});

export const endGrantRoute = route('DELETE', '/api/platform/v1/grants/{grantId}', {
  summary: 'A program may not act for the caller any more: its tokens end.',
  permission: { inPlace: 'any' },
  params: z.object({ grantId: Id }),
  status: 204,
});
