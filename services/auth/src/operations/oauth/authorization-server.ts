import { OAuthRequest, causewayError, permissions } from '@causeway/contracts';
import type { InputOf, ReplyOf, askOAuth, authorizeOAuth } from '@causeway/contracts';
import { Turns, apiKeyHash } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { IDENTITY_SCOPES } from '../../domain/client-metadata.js';
import { Changing } from '../changing.js';
import { Opening } from '../passwords/opening.js';
import type { Asking } from './asking.js';
import { Calls } from './calls.js';
import { Ending } from './ending.js';

/** What the gateway may ask. Only `authorize` asks for the consent of a person. */
const PATHS: ReadonlySet<string> = new Set([
  'POST /oauth/token',
  'POST /oauth/device_authorization',
  'POST /oauth/introspect',
  'POST /oauth/revoke',
  'GET /oauth/jwks',
  'GET /.well-known/openid-configuration',
  'GET /.well-known/oauth-authorization-server',
]);

/**
 * Causeway's own authorization server: the library oidc-provider, which opens no port. The gateway describes a request, and it is given to the
 * library as if it had come to a server.
 */
@Injectable()
export class AuthorizationServer {
  /** Two uses of one code or refresh token wait for each other here, so that the first one wins. */
  private readonly turns = new Turns();

  constructor(
    private readonly calls: Calls,
    private readonly changing: Changing,
    private readonly ending: Ending,
    private readonly opening: Opening,
  ) {}

  /** Answers a sealed request with a sealed answer. */
  async ask({
    sealed,
    requestId,
    address,
    network,
  }: InputOf<typeof askOAuth>): Promise<ReplyOf<typeof askOAuth>> {
    const request = await this.opening.open(sealed, requestId, OAuthRequest);
    const { method, path, userAgent } = request;
    if (!PATHS.has(`${method} ${path}`)) throw causewayError('ROUTE_UNKNOWN', { method, path });
    const asking = { path, requestId, address, network, userAgent };
    const once = path === '/oauth/token' ? usedOnce(request.body) : undefined;
    const call = () => this.calls.send(asking, asksEachTime(request));
    const answer = await (once === undefined ? call() : this.turns.take(apiKeyHash(once), call));
    return { sealed: await this.opening.seal(JSON.stringify(answer), requestId) };
  }

  /** Says what a program asks of a person, or what the person has decided. */
  async authorize({
    origin,
    query,
    decision,
    requestId,
    ...input
  }: InputOf<typeof authorizeOAuth>): Promise<ReplyOf<typeof authorizeOAuth>> {
    const principal = await this.changing.fresh(input.principal);
    if (principal.sessionId === undefined) throw causewayError('OAUTH_NEEDS_BROWSER', {});
    const signedInAtS = await this.calls.signedInAt(principal);
    const asking: Asking = { path: '/oauth/authorize', requestId, principal, signedInAtS, decision };
    const wanted = authorizeQuery(query, decision !== undefined);
    const answer = await this.calls.send(asking, {
      method: 'GET',
      path: `/oauth/authorize?${wanted}`,
      origin,
      body: '',
    });
    if (asking.asks) {
      const { client, redirectUri, scopes } = asking.asks;
      return {
        asks: {
          client,
          redirectUri,
          permissions: permissions.filter((one) => scopes.includes(one)),
          learns: IDENTITY_SCOPES.filter((one) => scopes.includes(one)),
        },
      };
    }
    const { location } = answer.headers;
    if (answer.status === 303 && location !== undefined) {
      const clientId = new URLSearchParams(query).get('client_id') ?? '';
      if (decision === 'deny') await this.ending.noteDenial(principal, clientId, { requestId });
      return { sealed: await this.opening.seal(location, requestId) };
    }
    throw causewayError('OAUTH_REQUEST_INVALID', { problem: asking.problem ?? 'it cannot be answered' });
  }
}

/** People are asked each time that a program has a device code for them, whatever it asks for. */
function asksEachTime(request: OAuthRequest): OAuthRequest {
  if (request.path !== '/oauth/device_authorization') return request;
  const form = new URLSearchParams(request.body);
  form.delete('prompt');
  return { ...request, body: form.toString() };
}

/** The code or the refresh token of a request. */
function usedOnce(body: string): string | undefined {
  const form = new URLSearchParams(body);
  return form.get('code') ?? form.get('device_code') ?? form.get('refresh_token') ?? undefined;
}

/**
 * The query as the library may read it. Answers come only in the query of the address; and who has decided has been asked.
 *
 * @throws CausewayError OAUTH_REQUEST_INVALID
 */
function authorizeQuery(query: string, isDecided: boolean): string {
  const form = new URLSearchParams(query);
  if ((form.get('response_mode') ?? 'query') !== 'query')
    throw causewayError('OAUTH_REQUEST_INVALID', { problem: 'response_mode must be query' });
  const prompt = form.get('prompt');
  if (isDecided && prompt !== null) {
    const others = prompt.split(' ').filter((one) => one !== 'consent');
    if (others.length > 0) form.set('prompt', others.join(' '));
    else form.delete('prompt');
  }
  return form.toString();
}
