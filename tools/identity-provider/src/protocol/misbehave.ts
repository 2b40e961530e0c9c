import { setTimeout } from 'node:timers/promises';
import { decodeJwt, type JWTPayload, UnsecuredJWT } from 'jose';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { Endpoint, type Faults, OTHER_ISSUER } from '../faults.js';
import type { SigningKeys } from '../keys/signing-keys.js';

const HOUR = 3_600;

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/.well-known/openid-configuration': Endpoint.discovery,
  '/jwks': Endpoint.jwks,
  '/token': Endpoint.token,
  '/me': Endpoint.userinfo,
};

/** Puts the faults into answers that are right before. */
export function misbehave(state: {
  readonly faults: Faults;
  readonly keys: SigningKeys;
}): (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void> {
  return async (ctx, next) => {
    const { faults, keys } = state;
    const endpoint = ENDPOINTS[ctx.path];
    const { status, delayMs } = (endpoint && faults.answers?.[endpoint]) ?? {};
    // Unreferenced, so that a late answer keeps no process alive whose provider is closed.
    if (delayMs !== undefined) await setTimeout(delayMs, undefined, { ref: false });
    if (status !== undefined) {
      ctx.status = status;
      ctx.body = { error: 'server_error', error_description: 'This provider fails on purpose.' };
      return;
    }
    await next();
    if (faults.callback !== undefined) spoilCallback(ctx, faults.callback);
    if (endpoint === undefined || ctx.status !== 200) return;
    if (endpoint === Endpoint.discovery && faults.discovery !== undefined)
      change(ctx, { issuer: OTHER_ISSUER });
    if (endpoint === Endpoint.userinfo && faults.userinfo !== undefined)
      change(ctx, { sub: 'somebody-else' });
    if (endpoint === Endpoint.token && faults.idToken !== undefined) {
      const { id_token: token } = ctx.body as { id_token: string };
      change(ctx, { id_token: await spoilIdToken(token, faults.idToken, keys) });
    }
  };
}

function change(ctx: KoaContextWithOIDC, fields: Record<string, unknown>): void {
  ctx.body = { ...(ctx.body as Record<string, unknown>), ...fields };
}

async function spoilIdToken(
  token: string,
  fault: NonNullable<Faults['idToken']>,
  keys: SigningKeys,
): Promise<string> {
  const claims = decodeJwt(token);
  switch (fault) {
    case 'otherKey':
      return keys.signWithOtherKey(claims);
    case 'algNone':
      return new UnsecuredJWT(claims).encode();
    default:
      return keys.sign({ ...claims, ...wrongClaims(fault, claims) });
  }
}

function wrongClaims(
  fault: Exclude<NonNullable<Faults['idToken']>, 'otherKey' | 'algNone'>,
  { iat = 0, exp = 0 }: JWTPayload,
): JWTPayload {
  switch (fault) {
    case 'otherNonce':
      return { nonce: 'of-another-request' };
    case 'noNonce':
      return { nonce: undefined };
    case 'otherAudience':
      return { aud: 'another-client' };
    case 'otherIssuer':
      return { iss: OTHER_ISSUER };
    case 'otherSubject':
      return { sub: 'somebody-else' };
    case 'expired':
      // The times keep their distance, so that only their age is wrong.
      return { iat: iat - HOUR - (exp - iat), exp: iat - HOUR };
  }
}

/** Only answers to a relying party carry `iss`. */
function spoilCallback(ctx: KoaContextWithOIDC, fault: NonNullable<Faults['callback']>): void {
  const target = URL.parse(ctx.response.get('location'));
  if (target === null || !target.searchParams.has('iss')) return;
  switch (fault) {
    case 'otherIssuer':
      target.searchParams.set('iss', OTHER_ISSUER);
      break;
    case 'noIssuer':
      target.searchParams.delete('iss');
      break;
    case 'otherState':
      target.searchParams.set('state', 'of-another-request');
      break;
  }
  ctx.set('location', target.href);
}
