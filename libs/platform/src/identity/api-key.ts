import { hash, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
const SHOWN_CHARACTERS = 8;

/** What is stored of an API key, and may be sent between services: not the key. */
export interface StoredKey {
  /** SHA-256 in hex. A key has 256 random bits, so it needs no salt and no slow hash. */
  readonly keyHash: string;
  /** How lists show it: its first eight characters, then asterisks. */
  readonly masked: string;
}

/** A new key: `sk-` and 43 URL-safe characters. It is made where it is handed out, so that it never travels between services. */
export function newApiKey(): StoredKey & { readonly secret: string } {
  const secret = `sk-${randomBytes(KEY_BYTES).toString('base64url')}`;
  return { secret, ...storedKey(secret) };
}

/** What is stored of a key. */
export function storedKey(secret: string): StoredKey {
  const masked = secret.slice(0, SHOWN_CHARACTERS).padEnd(secret.length, '*');
  return { keyHash: apiKeyHash(secret), masked };
}

/** By what a key that somebody presents is found. */
export function apiKeyHash(secret: string): StoredKey['keyHash'] {
  return hash('sha256', secret, 'hex');
}

/** Begins the tokens of browsers' sessions, and no key. */
export const SESSION_PREFIX = 'cs-';

/** A new token for a browser's session, and what is stored of it. */
export function newSessionToken(): { readonly token: string; readonly tokenHash: string } {
  const token = `${SESSION_PREFIX}${randomBytes(KEY_BYTES).toString('base64url')}`;
  return { token, tokenHash: apiKeyHash(token) };
}

/** What the link of an invitation holds, and what is stored of it. */
export function newInvitationToken(): { readonly token: string; readonly tokenHash: string } {
  const token = `ci-${randomBytes(KEY_BYTES).toString('base64url')}`;
  return { token, tokenHash: apiKeyHash(token) };
}

/** Begins access tokens, and nothing else that says who somebody is. */
export const TOKEN_PREFIX = 'ct-';

/** Begins the tokens of SCIM, and nothing else that says who somebody is. */
export const SCIM_TOKEN_PREFIX = 'cm-';

/** A new SCIM token, and what is stored of it. */
export function newScimToken(): { readonly token: string; readonly tokenHash: string } {
  const token = `${SCIM_TOKEN_PREFIX}${randomBytes(KEY_BYTES).toString('base64url')}`;
  return { token, tokenHash: apiKeyHash(token) };
}

/** A new secret of an OAuth client, and what is stored of it. */
export function newClientSecret(): { readonly secret: string; readonly secretHash: string } {
  const secret = `cp-${randomBytes(32).toString('base64url')}`;
  return { secret, secretHash: apiKeyHash(secret) };
}
