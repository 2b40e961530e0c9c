import { causewayError } from '@causeway/contracts';
import type { Permission } from '@causeway/contracts';

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
