import { createHash } from 'node:crypto';
import { canonicalJson } from '@causeway/dag';
import type { Json } from '@causeway/dag';

/**
 * The id of the message that a step stores: the same on each attempt. It begins like the run's id, with a time, so that
 * ids of one hour are close together in an index.
 */
export function messageId(runId: string, path: string): string {
  const hash = sha256(JSON.stringify([runId, path]));
  const variant = ((Number.parseInt(hash[3] ?? '0', 16) & 0x3) | 0x8).toString(16);
  return `${runId.slice(0, 13)}-8${hash.slice(0, 3)}-${variant}${hash.slice(4, 7)}-${hash.slice(7, 19)}`;
}

/** A call's hash. A journaled answer is reused only for a call with the same hash. */
export function requestHash(call: {
  readonly kind: string;
  readonly name: string;
  readonly request: Json;
}): string {
  return sha256(canonicalJson([call.kind, call.name, call.request]));
}

/** The key is the same on every attempt at a call, and no other call has it. */
export function idempotencyKey(runId: string, path: string, hash: string): string {
  return sha256(JSON.stringify([runId, path, hash]));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
