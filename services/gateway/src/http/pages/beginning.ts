import { DEFAULT_ORGANISATION_ID } from '@causeway/contracts';
import { SealedKind, type SealedPlace, apiKeyHash, newSessionToken } from '@causeway/platform';
import { addressGroup } from '../../domain/limits/address-group.js';
import type { Call } from '../door/call.js';
import { readCookie } from '../door/session-cookie.js';

/** What a sign-in begins with: a new token, and what auth is told of it and of the browser. */
export function beginning({ request, address, requestId }: Call) {
  const { token, tokenHash } = newSessionToken();
  const userAgent = request.headers['user-agent']?.slice(0, 500);
  const network = addressGroup(address);
  const from = { tokenHash, address, network, requestId, ...(userAgent !== undefined && { userAgent }) };
  return { token, from };
}

/** The same in a browser, whose cookie the new token replaces: the session of the former one ends. */
export function beginningInBrowser(call: Call) {
  const { token, from } = beginning(call);
  const former = readCookie(call.request, 'session');
  return { token, from: { ...from, ...(former !== undefined && { formerHash: apiKeyHash(former) }) } };
}

/**
 * The place of what somebody typed to sign in, while it travels to auth. They have not said of which organisation they are.
 *
 * @param id  the hash of the new token, or the person that it is about
 */
export function typedPlace(id: string): SealedPlace {
  return { organisationId: DEFAULT_ORGANISATION_ID, kind: SealedKind.typed, id };
}
