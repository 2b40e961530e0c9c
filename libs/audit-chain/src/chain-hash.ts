import { createHash } from 'node:crypto';

/** The hash before the first event of an organisation: 32 zero bytes. */
export const FIRST_PREVIOUS = '0'.repeat(64);

/**
 * The hash that seals an event: SHA-256 over the 32 bytes of the hash before it, followed by the event.
 *
 * @param previous  the hash of the event before it, as hexadecimal text
 * @param content   the event as canonical JSON (RFC 8785)
 */
export function chainHash(previous: string, content: string): string {
  return createHash('sha256').update(previous, 'hex').update(content).digest('hex');
}

/** The digest of a list that has got one more event: SHA-256 over the digest before and the event's hash. */
export function addToDigest(digest: string, hash: string): string {
  return createHash('sha256').update(digest, 'hex').update(hash, 'hex').digest('hex');
}

/** SHA-256 of a text. */
export function hashOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
