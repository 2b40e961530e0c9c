import { createHmac } from 'node:crypto';

/** Tries of one message, the last of them days after the first: then the stream is paused. */
export const MOST_TRIES = 600;
const LONGEST_WAIT_MS = 10 * 60_000;

/** The secret of a stream, as `whsec_` and base64: made from the service's signing key and the stream's seed, so it is stored nowhere. */
export function streamSecret(signingKey: Buffer, organisationId: string, seed: string): string {
  const bytes = createHmac('sha256', signingKey).update(`audit stream ${organisationId} ${seed}`).digest();
  return `whsec_${bytes.toString('base64')}`;
}

/**
 * The headers of a message: its id, when it was signed, and an HMAC-SHA256 over both and the raw body.
 * Source: standardwebhooks.com, specification.
 *
 * @param atMs  Unix time in milliseconds
 */
export function signedHeaders(
  secret: string,
  id: string,
  atMs: number,
  body: string,
): Record<string, string> {
  const seconds = String(Math.floor(atMs / 1_000));
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'user-agent': 'Causeway-Audit',
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${signature}`,
  };
}

/** How long to wait after so many failures, in milliseconds: a second at first, then twice as long each time, ten minutes at most. */
export function waitAfter(failures: number): number {
  return Math.min(1_000 * 2 ** Math.min(failures - 1, 20), LONGEST_WAIT_MS);
}
