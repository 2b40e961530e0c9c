import { neededPermissions } from '@causeway/contracts';
import type { Call } from '../door/call.js';

/**
 * Counts bytes of an answer that are in memory. A request that only reads is refused when there is no room for them; one that may
 * have changed something is answered all the same, and others are refused.
 *
 * @throws CausewayError KEY_ANSWERS_FULL, ANSWERS_FULL; REQUEST_INVALID for a caller who has left
 */
export function countAnswer({ route, memory }: Call, bytes: number): void {
  const { method, permission } = route;
  const onlyReads =
    method === 'GET' ||
    (permission !== 'scim' && neededPermissions(route).every((needed) => needed.endsWith(':read')));
  if (onlyReads) memory.answer.add(bytes);
  else memory.answer.note(bytes);
}
