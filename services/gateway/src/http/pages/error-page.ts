import { errorEntry } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';
import { currentContext } from '@causeway/platform';
import type { FastifyRequest } from 'fastify';
import { html } from '../../domain/pages/html.js';
import { PAGE_POLICY, pageText } from '../../domain/pages/page.js';
import { findCall } from '../door/call.js';

/** Who is not signed in is sent to where they can do it, and back. */
const NOT_SIGNED_IN: ReadonlySet<string> = new Set(['KEY_MISSING', 'SESSION_ENDED']);

/** The page that tells a person of an error; undefined where the answer is no page. */
export function pageOfError(error: CausewayError, request: FastifyRequest) {
  if (!findCall(request)?.route.isPage) return undefined;
  const { status } = errorEntry(error.code);
  if (NOT_SIGNED_IN.has(error.code)) {
    const to = request.method === 'GET' ? request.url : '/';
    return { status: 303, headers: { location: `/sign-in?to=${encodeURIComponent(to)}` }, body: '' };
  }
  const content = html`<p class="bad" role="alert">${error.message}</p>
    <p class="quiet">Error ${error.code}, request <code>${currentContext().requestId ?? ''}</code></p>
    <p><a href="/">Go to the first page</a></p>`;
  return { status, headers: pageHeaders, body: pageText({ title: titleOf(status), content }) };
}

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

function titleOf(status: number): string {
  if (status === 403) return 'This is not allowed';
  if (status === 404) return 'This does not exist';
  if (status >= 500) return 'This does not work now';
  return 'This cannot be done';
}
