import { createHash, hkdfSync } from 'node:crypto';
import type { SealedPlace } from './key-source.js';

export const KEY_BYTES = 32;

/**
 * Derives the key of one row from a data key. Each row has its own, so a process that was given the key of one row opens no other, and
 * the random nonces of a key that seals for years cannot meet.
 */
export function deriveRowKey(
  dataKey: Buffer,
  { organisationId, kind, id }: Pick<SealedPlace, 'organisationId' | 'kind' | 'id'>,
): Buffer {
  // HKDF takes at most 1,024 bytes of it, so it is hashed.
  const info = JSON.stringify(['causeway row key', organisationId, kind, id]);
  return Buffer.from(
    hkdfSync('sha256', dataKey, Buffer.alloc(0), createHash('sha256').update(info).digest(), KEY_BYTES),
  );
}
