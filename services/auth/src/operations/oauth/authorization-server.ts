import { OAuthAnswer, OAuthRequest, causewayError, permissions } from '@causeway/contracts';
import type { InputOf, Principal, ReplyOf, askOAuth, authorizeOAuth } from '@causeway/contracts';
import { Turns, apiKeyHash } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { InjectOptions } from 'light-my-request';
import { IDENTITY_SCOPES } from '../../domain/client-metadata.js';
import { Tables } from '../../store/tables.js';
import { Changing } from '../changing.js';
import { Opening } from '../passwords/opening.js';
import { type Asking, whileAsking } from './asking.js';
import { Ending } from './ending.js';
import { Issuers } from './issuers.js';

/** What the gateway may ask. Only `authorize` asks for the consent of a person. */
const PATHS: ReadonlySet<string> = new Set([
  'POST /oauth/token',
  'POST /oauth/introspect',
  'POST /oauth/revoke',
  'GET /oauth/jwks',
  'GET /.well-known/openid-configuration',
  'GET /.well-known/oauth-authorization-server',
]);
/** Headers of answers that callers need. Cookies are never among them. */
const HEADERS = ['content-type', 'cache-control', 'www-authenticate'];

/**
 * Causeway's own authorization server: the library oidc-provider, which opens no port. The gateway describes a request, and it is given to the
 * library as if it had come to a server.
 */
@Injectable()
export class AuthorizationServer {
  /** Two uses of one code or refresh token wait for each other here, so that the first one wins. */
  private readonly turns = new Turns();

  constructor(
    private readonly issuers: Issuers,
    private readonly tables: Tables,
    private readonly changing: Changing,
    private readonly ending: Ending,
    private readonly opening: Opening,
  ) {}

  /** Answers a sealed request with a sealed answer. */
  async ask({ sealed, requestId, address }: InputOf<typeof askOAuth>): Promise<ReplyOf<typeof askOAuth>> {
    const request = await this.opening.open(sealed, requestId, OAuthRequest);
    const { method, path } = request;
    if (!PATHS.has(`${method} ${path}`)) throw causewayError('ROUTE_UNKNOWN', { method, path });
    const asking = { path, requestId, address };
    const once = path === '/oauth/token' ? usedOnce(request.body) : undefined;
    const call = () => this.call(asking, request);
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
    const signedInAtS = await this.signedInAt(principal);
    const asking: Asking = { path: '/oauth/authorize', requestId, principal, signedInAtS, decision };
    const wanted = authorizeQuery(query, decision !== undefined);
    const answer = await this.call(asking, {
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

  private async call(asking: Asking, request: OAuthRequest): Promise<OAuthAnswer> {
    const [provider, { default: inject }] = await Promise.all([
      this.issuers.get(request.origin),
      import('light-my-request'),
    ]);
    const { method, path, origin, authorization, contentType, body } = request;
    const options: InjectOptions = {
      method,
      url: origin + path,
      headers: {
        'x-forwarded-proto': new URL(origin).protocol.slice(0, -1),
        ...(authorization !== undefined && { authorization }),
        ...(contentType !== undefined && { 'content-type': contentType }),
      },
      ...(method === 'POST' && { payload: body }),
    };
    const callback = provider.callback();
    const response = await inject((incoming, outgoing) => {
      void whileAsking(asking, () => callback(incoming as never, outgoing as never));
    }, options);
    const wanted = asking.principal ? [...HEADERS, 'location'] : HEADERS;
    const headers = wanted.flatMap((name) => {
      const value = response.headers[name];
      return value === undefined ? [] : [[name, String(value)]];
    });
    return { status: response.statusCode, headers: Object.fromEntries(headers), body: response.payload };
  }

  private async signedInAt({ sessionId = '' }: Principal): Promise<number> {
    const { createdAt } = await this.tables.reads.session.findUniqueOrThrow({ where: { id: sessionId } });
    return Math.floor(createdAt.getTime() / 1_000);
  }
}

/** The code or the refresh token of a request. */
function usedOnce(body: string): string | undefined {
  const form = new URLSearchParams(body);
  return form.get('code') ?? form.get('refresh_token') ?? undefined;
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
