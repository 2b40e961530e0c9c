import { causewayError } from '@causeway/contracts';
import { type CausewayError, isCausewayError, shortMasked } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import { jwtVerify } from 'jose';
import type {
  IDToken,
  ServerMetadata,
  TokenEndpointResponse,
  TokenEndpointResponseHelpers,
} from 'openid-client';
import { type Claims, isMissing } from '../domain/provider-claims.js';
import { KnownProviders, type Library, PROVIDER_TIMEOUT_S, type Provider } from './known-providers.js';
import { limitedFetch } from './limited-fetch.js';
import { runStrategy } from './run-strategy.js';

/** Who has signed in. */
export interface SignedIn {
  readonly issuer: string;
  readonly subject: string;
  readonly idClaims: Claims;
  /** Empty when the provider has no userinfo, or when it was not needed. */
  readonly userInfo: Claims;
  readonly idToken: string;
  /** The provider's session, if it names one. */
  readonly sid: string | undefined;
}

/** A provider says which sessions it has ended: one, or all of a person. */
export interface LogoutToken {
  readonly sid: string | undefined;
  readonly subject: string | undefined;
}

type Tokens = TokenEndpointResponse & TokenEndpointResponseHelpers;
type AskedWith = Parameters<import('openid-client/passport').Strategy['authorizationRequestParams']>;

/** A logout token says when it was made; an older one is refused. */
const LOGOUT_TOKEN_AGE = '5 minutes';
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Signs people in at identity providers by OpenID Connect: Passport's strategy of openid-client. */
@Injectable()
export class OpenIdClient {
  private readonly known = new KnownProviders();

  /**
   * Begins a sign-in. @returns where the browser goes, and what the end must find unchanged
   * @throws CausewayError PROVIDER_UNUSABLE
   */
  async begin(
    provider: Provider,
    callbackUrl: string,
    loginHint?: string,
  ): Promise<{ url: string; noted: Record<string, unknown> }> {
    return this.asking(provider, async (library) => {
      const session: Record<string, unknown> = {};
      const outcome = await this.run(provider, callbackUrl, {
        request: { method: 'GET', originalUrl: new URL(callbackUrl).pathname, session },
        options: loginHint === undefined ? {} : { loginHint },
        library,
      });
      if (outcome.kind !== 'redirect') throw refused('it could not be asked');
      return { url: outcome.url, noted: session };
    });
  }

  /**
   * Finishes a sign-in with what the browser brought back.
   *
   * @throws CausewayError SIGN_IN_REFUSED, PROVIDER_UNUSABLE
   */
  async finish(
    provider: Provider,
    callbackUrl: string,
    currentUrl: string,
    noted: Record<string, unknown>,
  ): Promise<SignedIn> {
    return this.asking(provider, async (library) => {
      const { pathname, search } = new URL(currentUrl);
      const outcome = await this.run(provider, callbackUrl, {
        request: { method: 'GET', originalUrl: `${pathname}${search}`, session: noted },
        options: {},
        library,
      });
      if (outcome.kind === 'failure') throw refused(outcome.problem);
      if (outcome.kind !== 'success') throw refused('it began another sign-in');
      const tokens = outcome.user;
      const claims = tokens.claims();
      const { id_token: idToken } = tokens;
      if (!claims || idToken === undefined) throw refused('it sent no ID token');
      const userInfo = await this.userInfo(library, provider, tokens, claims);
      const { sid } = claims;
      return {
        issuer: claims.iss,
        subject: claims.sub,
        idClaims: claims,
        userInfo,
        idToken,
        sid: typeof sid === 'string' ? sid : undefined,
      };
    });
  }

  /** Reads anew what a provider says of itself, and its keys. @throws CausewayError PROVIDER_UNUSABLE */
  async describe(provider: Provider): Promise<{ metadata: ServerMetadata; keys: number }> {
    this.known.forget(provider);
    return this.asking(provider, async (library) => {
      const metadata = (await this.known.configure(library, provider)).serverMetadata();
      const response = await limitedFetch(metadata.jwks_uri ?? '', {
        signal: AbortSignal.timeout(PROVIDER_TIMEOUT_S * 1_000),
      });
      const { keys } = (await response.json()) as { keys?: unknown };
      if (!response.ok || !Array.isArray(keys)) throw new TypeError('it has no keys');
      return { metadata, keys: keys.length };
    });
  }

  /** Where a browser goes to end the provider's session; undefined when the provider does not offer it or cannot be asked now. */
  async findSignOutUrl(
    provider: Provider,
    idToken: string,
    returnUrl: string | undefined,
  ): Promise<string | undefined> {
    const library = await import('openid-client');
    const configuration = await this.known.configure(library, provider).catch(() => undefined);
    if (configuration?.serverMetadata().end_session_endpoint === undefined) return undefined;
    return library.buildEndSessionUrl(configuration, {
      id_token_hint: idToken,
      ...(returnUrl !== undefined && { post_logout_redirect_uri: returnUrl }),
    }).href;
  }

  /**
   * Verifies a logout token. Source: OpenID Connect Back-Channel Logout 1.0, section 2.6.
   *
   * @throws CausewayError LOGOUT_TOKEN_INVALID, PROVIDER_UNUSABLE
   */
  async readLogoutToken(provider: Provider, token: string): Promise<LogoutToken> {
    const metadata = await this.asking(provider, async (library) =>
      (await this.known.configure(library, provider)).serverMetadata(),
    );
    const problem = (text: string, cause?: unknown): CausewayError =>
      causewayError('LOGOUT_TOKEN_INVALID', { problem: text }, { cause });
    const { payload } = await jwtVerify(token, this.known.keysAt(metadata.jwks_uri ?? ''), {
      issuer: metadata.issuer,
      audience: provider.clientId,
      maxTokenAge: LOGOUT_TOKEN_AGE,
      requiredClaims: ['jti', 'events'],
      algorithms: [
        'RS256',
        'PS256',
        'ES256',
        'EdDSA',
        'Ed25519',
        'RS384',
        'RS512',
        'ES384',
        'ES512',
        'PS384',
        'PS512',
      ],
    }).catch((error: unknown) => {
      throw problem(shortMasked((error as Error).message, 200), error);
    });
    const { sub, sid, events } = payload;
    const isLogout = typeof events === 'object' && events !== null && Object.hasOwn(events, LOGOUT_EVENT);
    if (!isLogout || 'nonce' in payload) throw problem('it is no logout token');
    const session = typeof sid === 'string' ? sid : undefined;
    if (session === undefined && sub === undefined) throw problem('it names neither a session nor a person');
    return { sid: session, subject: sub };
  }

  private async run(
    provider: Provider,
    callbackUrl: string,
    { request, options, library }: { request: object; options: object; library: Library },
  ) {
    const { Strategy } = await import('openid-client/passport');
    const config = await this.known.configure(library, provider);
    const { protocol, host } = new URL(callbackUrl);
    class CheckedStrategy extends Strategy {
      // Passport's strategy leaves both out where the provider supports PKCE; a nonce binds the ID token too.
      override authorizationRequestParams(...[request, options]: AskedWith): URLSearchParams {
        const params = new URLSearchParams(super.authorizationRequestParams(request, options));
        params.set('state', library.randomState());
        params.set('nonce', library.randomNonce());
        return params;
      }
    }
    const strategy = new CheckedStrategy(
      {
        config,
        callbackURL: callbackUrl,
        scope: provider.scopes.join(' '),
        name: 'oidc',
        sessionKey: 'noted',
      },
      (tokens, verified) => verified(null, tokens as unknown as Express.User),
    );
    const asked = { protocol: protocol.slice(0, -1), host, ...request };
    return runStrategy<Tokens>(strategy, asked, options);
  }

  private async userInfo(
    library: Library,
    provider: Provider,
    { access_token: token }: Tokens,
    claims: IDToken,
  ): Promise<Claims> {
    const configuration = await this.known.configure(library, provider);
    const isNeeded = isMissing(provider.groupsClaim, claims) || isMissing('name', claims);
    if (!isNeeded || configuration.serverMetadata().userinfo_endpoint === undefined) return {};
    return library.fetchUserInfo(configuration, token, claims.sub);
  }

  /** Names the provider in whatever goes wrong. */
  private async asking<T>(provider: Provider, work: (library: Library) => Promise<T>): Promise<T> {
    try {
      return await work(await import('openid-client'));
    } catch (error) {
      if (isCausewayError(error)) throw error;
      const problem = shortMasked(problemOf(error), 300);
      if (isAnswer(error)) throw refused(problem, error);
      throw causewayError('PROVIDER_UNUSABLE', { issuer: provider.issuer, problem }, { cause: error });
    }
  }
}

function refused(problem: string, cause?: unknown): CausewayError {
  return causewayError('SIGN_IN_REFUSED', { problem }, { cause });
}

/** Whether the provider answered, and its answer does not prove who somebody is. Everything else may succeed later. */
function isAnswer(error: unknown): boolean {
  const { code, status } = error as { code?: unknown; status?: unknown };
  if (typeof status === 'number') return status < 500;
  return (
    typeof code === 'string' &&
    code.startsWith('OAUTH_') &&
    !/TIMEOUT|ABORT|FORBIDDEN|NOT_JSON|NOT_CONFORM/.test(code)
  );
}

/** The text of an error with that of its cause, which says more. */
function problemOf(error: unknown): string {
  const { message, cause, error: code } = error as { message: string; cause?: unknown; error?: unknown };
  const more = cause instanceof Error && cause.message !== message ? ` (${cause.message})` : '';
  const named = typeof code === 'string' && !message.includes(code) ? ` (${code})` : '';
  return `${message}${named}${more}`;
}
