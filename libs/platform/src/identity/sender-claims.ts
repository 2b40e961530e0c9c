import { Principal } from '@causeway/contracts';
import { z } from 'zod';

/** How sender tokens are signed. */
export const ALGORITHM = 'EdDSA';
/** A token is valid for so long; it is used for many messages, so it is not made for each of them. */
export const LIFETIME_S = 60;

/** The service that identifies callers, so it may send messages for them. All other services send messages for themselves. */
export const IDENTIFIER = 'gateway';

/** What a sender token says in addition to its issuer (the sending service), its audience (the receiving one) and its end. */
export const SenderClaims = z.object({
  /** On whose behalf the message is sent, and what they may do in their team; a service that acts for itself is the principal itself. */
  principal: Principal.omit({ grants: true }),
});
