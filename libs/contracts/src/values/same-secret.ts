import { timingSafeEqual } from 'node:crypto';

/**
 * Whether two secrets, or hashes of them, are the same bytes. How long it takes tells nobody how many of the bytes agree, only whether both have the
 * same length, so pass what has a length that is no secret: a hash, a signature, a token of fixed length. A text counts as its bytes in UTF-8. Pure.
 */
export function isSameSecret(one: string | Uint8Array, other: string | Uint8Array): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
