import { createHmac } from 'node:crypto';
import { isSameSecret } from '@causeway/contracts';

/** How far the time of a signature may be from ours, in seconds. */
export const TOLERANCE_S = 300;
const SECRET_PREFIX = 'whsec_';
const MOST_ID_CHARACTERS = 255;
/** Most signatures that one request may have, such as of an old and of a new secret. */
const MOST_SIGNATURES = 5;

/** The headers of a signed request. Source: standardwebhooks.com. */
export interface SignedHeaders {
  readonly id: string | undefined;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
}

/** The text of a secret made of these bytes. */
export function webhookSecret(bytes: Buffer): string {
  return SECRET_PREFIX + bytes.toString('base64');
}

/** The signature of a body, as `webhook-signature` has it. */
export function signWebhook(secret: string, id: string, timestamp: string, body: Buffer): string {
  return `v1,${digestOf(secret, id, timestamp, body).toString('base64')}`;
}

/**
 * Why a request is not one of the holder of the secret, sent now; undefined when it is. Which of its bytes differ takes no time to find out.
 *
 * @param body  as it was sent
 */
export function findSignatureProblem(
  secret: string,
  { id, timestamp, signature }: SignedHeaders,
  body: Buffer,
  nowMs: number,
): string | undefined {
  if (id === undefined || id === '' || id.length > MOST_ID_CHARACTERS)
    return `the header webhook-id must have 1 to ${MOST_ID_CHARACTERS} characters`;
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp))
    return 'the header webhook-timestamp must have the time in seconds since 1970';
  if (signature === undefined) return 'the header webhook-signature is missing';
  if (Math.abs(Math.floor(nowMs / 1_000) - Number(timestamp)) > TOLERANCE_S)
    return `its webhook-timestamp is more than ${TOLERANCE_S} s away from the time of this server`;
  const wanted = digestOf(secret, id, timestamp, body);
  const given = signature.split(' ', MOST_SIGNATURES + 1).filter((one) => one.startsWith('v1,'));
  const isOne = given
    .slice(0, MOST_SIGNATURES)
    .map((one) => Buffer.from(one.slice('v1,'.length), 'base64'))
    .some((digest) => isSameSecret(digest, wanted));
  return isOne ? undefined : 'its webhook-signature does not belong to its id, time and body';
}

function digestOf(secret: string, id: string, timestamp: string, body: Buffer): Buffer {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}
