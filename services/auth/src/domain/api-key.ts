import { createHash } from 'node:crypto';
import { causewayError } from '@causeway/contracts';
import type { Permission } from '@causeway/contracts';

/** Bytes of chance in a key: 43 url-safe characters. */
export const KEY_BYTES = 32;

/** A key as its holder sees it, once: `sk-` and 43 url-safe characters. */
export function keyText(random: Uint8Array): string {
  return `sk-${Buffer.from(random).toString('base64url')}`;
}

/** What is kept of a key: SHA-256 in hex. Its 256 bits of chance need no salt and no slow hash. */
export function keyHash(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** How lists show a key: its first eight characters, then asterisks. */
export function maskKey(key: string): string {
  return key.slice(0, 8).padEnd(key.length, '*');
}

/** The first permission that a maker would give without having it; undefined when all are theirs. */
export function findTooWide(
  wanted: readonly Permission[],
  maker: readonly Permission[],
): Permission | undefined {
  return wanted.find((permission) => !maker.includes(permission));
}

/**
 * Whether a caller may end a key: one of their own, or one that may do no more than they may.
 *
 * @param key  `isOwn`: the key that the caller shows, or one that was made with it
 * @throws CausewayError KEY_OF_MORE
 */
export function checkMayRevoke(
  key: { id: string; permissions: readonly Permission[]; isOwn: boolean },
  caller: readonly Permission[],
): void {
  if (key.isOwn) return;
  const permission = findTooWide(key.permissions, caller);
  if (permission !== undefined) throw causewayError('KEY_OF_MORE', { keyId: key.id, permission });
}

/**
 * Until when a new key is valid; null is for ever. Without a wish, as long as the key that it is made with.
 *
 * @throws CausewayError KEY_OUTLIVES_MAKER
 */
export function expiryOf(wanted: Date | null, makersExpiry: Date | null): Date | null {
  if (makersExpiry === null || (wanted && wanted <= makersExpiry)) return wanted;
  if (wanted === null) return makersExpiry;
  throw causewayError('KEY_OUTLIVES_MAKER', { expiresAt: makersExpiry.toISOString() });
}
