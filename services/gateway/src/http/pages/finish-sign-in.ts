import { finishSignIn } from '@causeway/contracts';
import type { Bus } from '@causeway/platform';
import type { Tries } from '../../operations/tries.js';
import type { Call } from '../door/call.js';
import { clearCookie, setCookie } from '../door/session-cookie.js';
import { originOf } from '../door/public-origin.js';
import { beginningInBrowser } from './beginning.js';
import { sendOn } from './send-page.js';

/** A sign-in takes at most so long; auth checks it too. */
export const TICKET_S = 600;

/** Finishes a sign-in with what the browser brought back, and sends it on. */
export async function finishWith(
  { bus, tries }: { readonly bus: Bus; readonly tries: Tries },
  call: Call,
  connection: string,
  ticket: string,
  samlResponse?: string,
): Promise<void> {
  const { request, reply } = call;
  call.object = { type: 'connection', id: connection };
  clearCookie(request, reply, 'ticket');
  const { token, from } = beginningInBrowser(call);
  const { returnTo, expiresAt } = await tries.signInOnce(call.address, () =>
    bus.request(finishSignIn, {
      connection,
      ...from,
      ticket,
      currentUrl: `${originOf(request)}${request.url}`,
      ...(samlResponse !== undefined && { samlResponse }),
    }),
  );
  const seconds = Math.max(0, Math.floor((Date.parse(expiresAt) - Date.now()) / 1_000));
  setCookie(request, reply, 'session', token, seconds);
  sendOn(call, returnTo);
}
