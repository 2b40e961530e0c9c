import { holdsSomewhere } from '@causeway/authz';
import type { Principal } from '@causeway/contracts';
import { type Page, type PageLink, PAGE_POLICY } from '../../domain/pages/page.js';
import type { Call } from '../door/call.js';
import { presentedSession } from '../door/credential.js';
import { csrfOf } from '../door/session-cookie.js';

/** The headers of every page: nobody else keeps it, and it shows nothing from elsewhere. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': PAGE_POLICY,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
};

/** What is around the content of every page: who is signed in, and where they can go. */
export function frameOf({
  request,
  principal,
}: Pick<Call, 'request' | 'principal'>): Omit<Page, 'title' | 'content'> {
  const token = presentedSession(request);
  const isSignedIn = token !== undefined && principal.kind !== 'anonymous';
  return {
    path: request.url.split('?')[0] ?? '',
    links: linksFor(principal),
    ...(isSignedIn && { name: principal.name, csrf: csrfOf(token) }),
  };
}

/** The page that everybody may see. */
export const DOCS: PageLink = { path: '/docs', text: 'API' };

/** The pages that are of use to somebody. */
function linksFor(principal: Principal): PageLink[] {
  if (principal.kind === 'anonymous') return [DOCS];
  const account = { path: '/account', text: 'Sessions and keys' };
  const audit = { path: '/audit', text: 'Audit log' };
  return [DOCS, ...(holdsSomewhere(principal, 'audit:read') ? [audit] : []), account];
}
