import type { FastifyRequest } from 'fastify';
import type { Credential } from '../../domain/keys/credential.js';
import { presentedKey } from '../../domain/keys/presented-key.js';
import { readCookie } from './session-cookie.js';

/** How a request says who sends it: with a key, or else with the session of a browser. */
export function presentedCredential(request: FastifyRequest): Credential | undefined {
  const key = presentedKey(request);
  if (key !== undefined) return { kind: 'key', secret: key };
  const token = readCookie(request, 'session');
  return token === undefined ? undefined : { kind: 'session', secret: token };
}

/** The token of the session by which a request is sent; undefined when it is sent with a key, or without anything. */
export function presentedSession(request: FastifyRequest): string | undefined {
  const credential = presentedCredential(request);
  return credential?.kind === 'session' ? credential.secret : undefined;
}
