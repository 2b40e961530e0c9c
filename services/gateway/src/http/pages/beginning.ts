import { newSessionToken } from '@causeway/platform';
import type { Call } from '../door/call.js';

/** What a sign-in begins with: a new token, and what auth is told of it and of the browser. */
export function beginning({ request, address, requestId }: Call) {
  const { token, tokenHash } = newSessionToken();
  const userAgent = request.headers['user-agent']?.slice(0, 500);
  const from = { tokenHash, address, requestId, ...(userAgent !== undefined && { userAgent }) };
  return { token, from };
}
