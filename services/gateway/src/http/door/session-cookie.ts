import { createHmac } from 'node:crypto';
import { causewayError, isSameSecret } from '@causeway/contracts';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { originOf } from './public-origin.js';

/** What a browser keeps: who is signed in, or that somebody has begun to sign in. */
export type Kept = 'session' | 'ticket';

const SUFFIX: Readonly<Record<Kept, string>> = { session: '', ticket: '-sign-in' };
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])$/;
const MOST_CHARACTERS = 8_000;

/**
 * The name of a cookie, and whether it needs TLS; undefined where nobody can sign in: without TLS, from another machine. Browsers share
 * cookies among all ports of a machine, so without TLS the port is in the name.
 */
function cookieOf(request: FastifyRequest, kept: Kept): { name: string; secure: boolean } | undefined {
  const suffix = SUFFIX[kept];
  if (request.protocol === 'https') return { name: `__Host-causeway${suffix}`, secure: true };
  if (!LOOPBACK.test(request.hostname)) return undefined;
  return { name: `causeway-${request.socket.localPort}${suffix}`, secure: false };
}

/** What a request's cookie says. */
export function readCookie(request: FastifyRequest, kept: Kept): string | undefined {
  const { cookie: header } = request.headers;
  const wanted = header === undefined ? undefined : cookieOf(request, kept);
  if (header === undefined || wanted === undefined) return undefined;
  const value = parseCookie(header, { decode: (text) => text })[wanted.name];
  return value === undefined || value === '' || value.length > MOST_CHARACTERS ? undefined : value;
}

/** Has the browser keep something, for so many seconds. @throws CausewayError SIGN_IN_NEEDS_HTTPS */
export function setCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  kept: Kept,
  value: string,
  maxAge: number,
): void {
  const wanted = cookieOf(request, kept);
  if (!wanted) throw causewayError('SIGN_IN_NEEDS_HTTPS', { address: originOf(request) });
  add(reply, { ...wanted, value, maxAge });
}

/** Has the browser forget it. */
export function clearCookie(request: FastifyRequest, reply: FastifyReply, kept: Kept): void {
  const wanted = cookieOf(request, kept);
  if (wanted) add(reply, { ...wanted, value: '', maxAge: 0 });
}

function add(
  reply: FastifyReply,
  cookie: { name: string; secure: boolean; value: string; maxAge: number },
): void {
  const text = stringifySetCookie(
    { ...cookie, path: '/', httpOnly: true, sameSite: 'lax' },
    { encode: (value) => value },
  );
  const former = reply.getHeader('set-cookie');
  reply.header('set-cookie', former === undefined ? text : [former, text].flat().map(String));
}

/** What the forms of a session's pages hold. Nobody who does not know the session's token can make it. */
export function csrfOf(token: string): string {
  return createHmac('sha256', token).update('causeway csrf').digest('base64url');
}

/**
 * Checks that a change comes from a page of this site: from where the browser says that it comes, and, unless its form says it, by a
 * header that pages of other sites cannot send.
 *
 * @throws CausewayError REQUEST_FORGED
 */
export function checkOwnPage(request: FastifyRequest, token: string, isForm: boolean): void {
  checkFormOrigin(request);
  if (!isForm)
    checkCsrf(token, request.headers['x-csrf-token'], 'the header x-csrf-token is missing or wrong');
}

/** Checks that a form of somebody who is not signed in is from a page of this site, so that nobody is signed in as somebody else unawares. */
export function checkFormOrigin(request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (site !== undefined && site !== 'same-origin')
    throw forged('the browser says that it comes from elsewhere');
  if (site === undefined && origin !== originOf(request))
    throw forged('the header Origin does not name this site');
}

/** @throws CausewayError REQUEST_FORGED */
export function checkCsrf(
  token: string,
  given: unknown,
  problem = 'its form is not from this session',
): void {
  if (typeof given !== 'string' || !isSameSecret(csrfOf(token), given)) throw forged(problem);
}

function forged(problem: string): Error {
  return causewayError('REQUEST_FORGED', { problem });
}
