import { SCIM_TOKEN_PREFIX, SESSION_PREFIX } from '@causeway/platform';
import type { FastifyRequest } from 'fastify';
import type { Credential } from '../../domain/keys/credential.js';
import { presentedKey, presentedToken } from '../../domain/keys/presented-key.js';
import { readCookie } from './session-cookie.js';

/**
 * How a request says who sends it: with a key, or else with an access token or the token of a session in the header Authorization, or else
 * with the session of a browser. With a key that header is not read: proxies in front of the gateway use it for themselves.
 */
export function presentedCredential(request: FastifyRequest): Credential | undefined {
  const key = presentedKey(request);
  if (key !== undefined) return { kind: 'key', secret: key };
  const bearer = presentedToken(request);
  if (bearer !== undefined) return { kind: kindOfBearer(bearer), secret: bearer };
  const token = cookieSession(request);
  return token === undefined ? undefined : { kind: 'session', secret: token };
}

/** The SCIM token of a request; nothing else counts where one is needed. */
export function presentedScimToken(request: FastifyRequest): Credential | undefined {
  const secret = presentedToken(request);
  return secret?.startsWith(SCIM_TOKEN_PREFIX) ? { kind: 'scim', secret } : undefined;
}

function kindOfBearer(bearer: string): Credential['kind'] {
  if (bearer.startsWith(SESSION_PREFIX)) return 'session';
  return bearer.startsWith(SCIM_TOKEN_PREFIX) ? 'scim' : 'token';
}

/** The token of the session by which a request is sent; undefined when it is sent with a key, or without anything. */
export function presentedSession(request: FastifyRequest): string | undefined {
  const credential = presentedCredential(request);
  return credential?.kind === 'session' ? credential.secret : undefined;
}

/**
 * The token of the session by which a browser sends a request. Another site can make a browser send its cookie, so a change with it must come from a page of this site;
 * no site can make it send a token in a header.
 */
export function browserSession(request: FastifyRequest): string | undefined {
  const token = presentedSession(request);
  return token !== undefined && token === cookieSession(request) && presentedToken(request) !== token
    ? token
    : undefined;
}

function cookieSession(request: FastifyRequest): string | undefined {
  return readCookie(request, 'session');
}
