import type { Page } from '../../domain/pages/page.js';
import { pageText } from '../../domain/pages/page.js';
import type { Call } from '../door/call.js';
import { presentedSession } from '../door/credential.js';
import { csrfOf } from '../door/session-cookie.js';
import { pageHeaders } from './error-page.js';

/** Writes a page for somebody who is signed in, or for anybody. */
export function sendPage({ request, reply, principal }: Call, page: Page): string {
  reply.headers({ ...pageHeaders });
  const token = presentedSession(request);
  const isSignedIn = token !== undefined && principal.kind !== 'anonymous';
  return pageText(isSignedIn ? { name: principal.name, csrf: csrfOf(token), ...page } : page);
}

/** Sends the browser on, to a path of this site or to an identity provider. */
export function sendOn({ reply }: Call, address: string): void {
  reply.headers({ location: address, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
}
