import { z } from 'zod';
import { request } from '../contract.js';
import { Permission, Principal } from '../tenancy.js';
import { Consent } from './oauth.js';

/** The device authorization grant: a program without a browser shows a code, and a person types it in one. Source: RFC 8628. */

/** The grant type with which such a program asks for its tokens. */
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** A code as somebody has typed it: its letters count, in any case, and not what stands between them. */
export const UserCode = z.string().max(50);

const Typed = z.object({
  principal: Principal,
  requestId: z.string(),
  /** The address of this site as the browser sees it. */
  origin: z.url().max(500),
  userCode: UserCode,
});

/** What a program with a device code asks for, and what is known of where it runs. */
export const DeviceQuestion = z.object({
  client: z.string(),
  /** As the program shows it. */
  userCode: z.string(),
  permissions: z.array(Permission),
  learns: z.array(z.enum(['openid', 'profile', 'email'])),
  /** From where the program has asked, and as what it names itself; null where that is not known. */
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
  askedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type DeviceQuestion = z.infer<typeof DeviceQuestion>;

/**
 * Which program waits with a user code. Nothing is stored.
 *
 * @throws CausewayError USER_CODE_UNKNOWN, OAUTH_NEEDS_BROWSER, SESSION_ENDED
 */
export const reviewDevice = request('req.auth.device.review.v1', { input: Typed, reply: DeviceQuestion });

/**
 * Lets the program that waits with a user code act for the caller in a team of theirs, or refuses it. A code is answered once: of several answers at the
 * same time, one counts.
 *
 * @throws CausewayError USER_CODE_UNKNOWN, TEAM_UNKNOWN, OAUTH_REQUEST_INVALID, OAUTH_NEEDS_BROWSER, SESSION_ENDED
 */
export const decideDevice = request('req.auth.device.decide.v1', {
  input: Typed.extend({ teamId: z.uuid(), decision: Consent }),
  reply: z.object({ client: z.string() }),
});
