import { holdsSomewhere } from '@causeway/authz';
import type { Principal } from '@causeway/contracts';
import type { Page, PageLink } from '../../domain/pages/page.js';
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
  const around = {
    path: request.url.split('?')[0] ?? '',
    links: linksFor(principal),
    ...(isSignedIn && { name: principal.name, csrf: csrfOf(token) }),
  };
  return pageText({ ...around, ...page });
}

/** The pages that are of use to somebody. */
function linksFor(principal: Principal): PageLink[] {
  const docs = { path: '/docs', text: 'API' };
  if (principal.kind === 'anonymous') return [docs];
  const account = { path: '/account', text: 'Sessions and keys' };
  const audit = { path: '/audit', text: 'Audit log' };
  return [docs, ...(holdsSomewhere(principal, 'audit:read') ? [audit] : []), account];
}

/** Sends the browser on, to a path of this site or to an identity provider. */
export function sendOn({ reply }: Call, address: string): void {
  reply.headers({ location: address, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
}
