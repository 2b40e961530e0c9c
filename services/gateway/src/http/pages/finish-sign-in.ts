import { type SealedArrival, finishSignIn } from '@causeway/contracts';
import type { Bus, Vault } from '@causeway/platform';
import type { z } from 'zod';
import type { Tries } from '../../operations/tries.js';
import type { Call } from '../door/call.js';
import { clearCookie, setCookie } from '../door/session-cookie.js';
import { originOf } from '../door/public-origin.js';
import { beginningInBrowser, typedPlace } from './beginning.js';
import { sendOn } from './send-page.js';

/** A sign-in takes at most so long; auth checks it too. */
export const TICKET_S = 600;

/** Finishes a sign-in with what the browser brought back, and sends it on. */
export async function finishWith(
  { bus, tries, vault }: { readonly bus: Bus; readonly tries: Tries; readonly vault: Vault },
  call: Call,
  connection: string,
  ticket: string,
  samlResponse?: string,
): Promise<void> {
  const { request, reply } = call;
  call.object = { type: 'connection', id: connection };
  clearCookie(request, reply, 'ticket');
  const { token, from } = beginningInBrowser(call);
  const arrival: z.infer<typeof SealedArrival> = {
    ticket,
    currentUrl: `${originOf(request)}${request.url}`,
    ...(samlResponse !== undefined && { samlResponse }),
  };
  const { returnTo, expiresAt } = await tries.signInOnce(call.address, async () => {
    const sealed = await vault.seal(JSON.stringify(arrival), typedPlace(from.tokenHash));
    return bus.request(finishSignIn, { connection, ...from, sealed });
  });
  const seconds = Math.max(0, Math.floor((Date.parse(expiresAt) - Date.now()) / 1_000));
  setCookie(request, reply, 'session', token, seconds);
  sendOn(call, returnTo);
}
