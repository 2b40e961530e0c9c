import { permissions } from '@causeway/contracts';
import { randomBytes } from 'node:crypto';
import type { Configuration, Grant, JWK, KoaContextWithOIDC } from 'oidc-provider';
import type * as Library from 'oidc-provider';
import { IDENTITY_SCOPES } from '../../domain/client-metadata.js';
import { currentAsking } from './asking.js';
import { DEVICE_CODE_S, DEVICE_PAGE, deviceFlow } from './device-flow.js';
import type { TokenAdapter } from './token-adapter.js';

const CODE_S = 60;
const ID_TOKEN_S = 600;
const DAY_S = 86_400;
/** With which ID tokens are signed. */
export const SIGNING_ALGORITHM = 'ES256';

/** Who somebody is, as ID tokens say it. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
}

/** What the library needs of auth. */
export interface ProviderParts {
  readonly library: typeof Library;
  readonly adapter: TokenAdapter;
  /** Private, the one that signs first. */
  readonly keys: readonly JWK[];
  readonly accessTokenS: number;
  readonly refreshTokenDays: number;
  /** An enabled person. */
  findPerson(id: string): Promise<Person | undefined>;
  /** Whether the gateway takes this access token now. */
  isAccepted(accessToken: string): Promise<boolean>;
}

/** How the library is set up: opaque tokens, PKCE for everybody, no pages and cookies of its own. */
export function providerSettings(parts: ProviderParts): Configuration {
  const { library, adapter } = parts;
  const atMost = (seconds: number) => (ctx: KoaContextWithOIDC) =>
    Math.min(seconds, lifeOf(ctx.oidc.entities.Grant, seconds));
  return {
    adapter: (kind) => adapter.of(kind, library.errors),
    jwks: { keys: [...parts.keys] },
    // Nobody gets a cookie of the library; it only wants keys to sign them.
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    routes: {
      authorization: '/oauth/authorize',
      token: '/oauth/token',
      introspection: '/oauth/introspect',
      revocation: '/oauth/revoke',
      jwks: '/oauth/jwks',
      device_authorization: '/oauth/device_authorization',
      code_verification: DEVICE_PAGE,
    },
    scopes: [...permissions, ...IDENTITY_SCOPES],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    clientDefaults: { id_token_signed_response_alg: SIGNING_ALGORITHM },
    enabledJWA: { idTokenSigningAlgValues: [SIGNING_ALGORITHM] },
    pkce: { required: () => true },
    clientBasedCORS: () => false,
    rotateRefreshToken: true,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    // What a person allows a program outlives the session of their browser, as their API keys do: they end it themselves.
    expiresWithSession: () => false,
    ttl: {
      AuthorizationCode: CODE_S,
      DeviceCode: DEVICE_CODE_S,
      IdToken: ID_TOKEN_S,
      ClientCredentials: parts.accessTokenS,
      AccessToken: atMost(parts.accessTokenS),
      // A refresh does not prolong what a person has allowed.
      RefreshToken: atMost(parts.refreshTokenDays * DAY_S),
      Grant: parts.refreshTokenDays * DAY_S,
      Session: DAY_S,
      Interaction: CODE_S,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow,
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      introspection: {
        enabled: true,
        allowedPolicy: async (ctx, client, token) => {
          if (client.tokenEndpointAuthMethod === 'none' || token.clientId !== client.clientId) return false;
          // A token of somebody who is disabled is not active, whatever is stored of it.
          if (token.kind === 'RefreshToken')
            return (await parts.findPerson(String(token.accountId))) !== undefined;
          return parts.isAccepted(String(ctx.oidc.params?.['token']));
        },
      },
    },
    findAccount: async (_ctx, id) => {
      const person = await parts.findPerson(id);
      if (!person) return undefined;
      const { name, email, emailVerified } = person;
      const mail = email === null ? {} : { email, email_verified: emailVerified };
      return { accountId: id, claims: () => ({ sub: id, name, ...mail }) };
    },
    loadExistingGrant: (ctx) => decidedGrant(ctx, library),
    interactions: {
      policy: consentOnly(library),
      url: (ctx, { prompt }) => {
        if (prompt.name !== 'consent') throw new library.errors.LoginRequired('sign in again');
        const { client, params, requestParamScopes } = ctx.oidc;
        const redirectUri = String(params?.['redirect_uri'] ?? '');
        const name = client?.clientName ?? '';
        currentAsking().asks = { client: name, redirectUri, scopes: [...requestParamScopes] };
        return '/oauth/authorize';
      },
    },
    renderError: (ctx, { error, error_description: description }) => {
      currentAsking().problem = `${error}: ${description ?? ''}`.slice(0, 500);
      ctx.body = '';
    },
  };
}

/** The consent that the person has just given is the grant; nothing is remembered for the next time. */
async function decidedGrant(ctx: KoaContextWithOIDC, { errors }: typeof Library): Promise<Grant | undefined> {
  const { decision } = currentAsking();
  const { client, session, provider, params, requestParamOIDCScopes } = ctx.oidc;
  // Unknown scopes beside known ones are left out, as OpenID Connect says.
  if (requestParamOIDCScopes.size === 0)
    throw new errors.InvalidScope(
      'the request names no scope that is known here; scopes_supported lists them',
      String(params?.['scope'] ?? ''),
    );
  if (decision === undefined || !client || session?.accountId === undefined) return undefined;
  if (decision === 'deny') throw new errors.AccessDenied('the person did not allow it');
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope([...requestParamOIDCScopes].join(' '));
  await grant.save();
  return grant;
}

/** Everybody is asked each time, also where the library would ask only for native clients. */
function consentOnly({ interactionPolicy }: typeof Library) {
  const policy = interactionPolicy.base();
  policy.get('consent')?.checks.remove('native_client_prompt');
  return policy;
}

function lifeOf(grant: { readonly exp?: number } | undefined, otherwise: number): number {
  if (grant?.exp === undefined) return otherwise;
  return Math.max(1, grant.exp - Math.floor(Date.now() / 1_000));
}
