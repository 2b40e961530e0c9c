import { z } from 'zod';

/** A sign-in takes at most so long, from its beginning until the identity provider sends the browser back. */
export const SIGN_IN_MINUTES = 10;

/** What must be the same at the end of a sign-in as at its beginning. The browser that began it keeps it, sealed. */
export const Ticket = z.object({
  connectionId: z.uuid(),
  callbackUrl: z.string(),
  returnTo: z.string(),
  /** What the client of the identity provider noted: state, nonce and the PKCE verifier. */
  noted: z.record(z.string(), z.unknown()),
  untilMs: z.number(),
});
export type Ticket = z.infer<typeof Ticket>;

/** The ticket in a text that was opened; undefined when it is none, or too old. */
export function readTicket(text: string, nowMs: number): Ticket | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = Ticket.safeParse(value);
  return data && data.untilMs > nowMs ? data : undefined;
}
