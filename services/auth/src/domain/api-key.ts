import { createHash } from 'node:crypto';
import { causewayError } from '@causeway/contracts';
import type { Permission } from '@causeway/contracts';

/** Random bytes in a key; as text they are 43 URL-safe characters. */
export const KEY_BYTES = 32;

/** The text of a key, which is shown only once: `sk-` and 43 URL-safe characters. */
export function keyText(random: Uint8Array): string {
  return `sk-${Buffer.from(random).toString('base64url')}`;
}

/** The stored form of a key: its SHA-256 in hex. A key has 256 random bits, so it needs no salt and no slow hash. */
export function keyHash(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** How lists show a key: its first eight characters, then asterisks. */
export function maskKey(key: string): string {
  return key.slice(0, 8).padEnd(key.length, '*');
}

/** The first wanted permission that the maker does not have; undefined when they have all of them. */
export function findTooWide(
  wanted: readonly Permission[],
  maker: readonly Permission[],
): Permission | undefined {
  return wanted.find((permission) => !maker.includes(permission));
}

/**
 * Checks that a key allows nothing that the caller may not do in its team.
 *
 * @param key   with what it allows there, together with the roles of its holder
 * @param held  what the caller may do there
 * @throws CausewayError KEY_OF_MORE
 */
export function checkMayRevoke(
  key: { readonly id: string; readonly permissions: readonly Permission[] },
  held: readonly Permission[],
): void {
  const permission = findTooWide(key.permissions, held);
  if (permission !== undefined) throw causewayError('KEY_OF_MORE', { keyId: key.id, permission });
}

/**
 * When a new key expires; null means never. If no time is requested, it expires with the key that it is made with.
 *
 * @throws CausewayError KEY_OUTLIVES_MAKER
 */
export function expiryOf(wanted: Date | null, makersExpiry: Date | null): Date | null {
  if (makersExpiry === null || (wanted && wanted <= makersExpiry)) return wanted;
  if (wanted === null) return makersExpiry;
  throw causewayError('KEY_OUTLIVES_MAKER', { expiresAt: makersExpiry.toISOString() });
}
