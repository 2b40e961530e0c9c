import { Permission, errorEntry } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';
import { currentContext } from '@causeway/platform';
import type { FastifyRequest } from 'fastify';
import { html } from '../../domain/pages/html.js';
import { pageText } from '../../domain/pages/page.js';
import { permissionText } from '../../domain/pages/permission-text.js';
import { findCall } from '../door/call.js';
import { DOCS, frameOf, pageHeaders } from './page-frame.js';

/** Who is not signed in is sent to where they can do it, and back. */
const NOT_SIGNED_IN: ReadonlySet<string> = new Set(['KEY_MISSING', 'SESSION_ENDED']);

/** The page that tells a person of an error; undefined where the answer is no page. */
export function pageOfError(error: CausewayError, request: FastifyRequest) {
  const call = findCall(request);
  if (!call) return error.code === 'ROUTE_UNKNOWN' && isBrowser(request) ? noSuchPage(error) : undefined;
  if (!call.route.isPage) return undefined;
  const { status } = errorEntry(error.code);
  if (NOT_SIGNED_IN.has(error.code)) {
    const to = request.method === 'GET' ? request.url : '/';
    return { status: 303, headers: { location: `/sign-in?to=${encodeURIComponent(to)}` }, body: '' };
  }
  const content = html`<p class="bad" role="alert">${sentenceOf(error)}</p>
    <p class="quiet">Error ${error.code}, request <code>${currentContext().requestId ?? ''}</code></p>
    ${tryAgain(request)}
    <p><a href="/">Go to the first page</a></p>`;
  return {
    status,
    headers: pageHeaders,
    body: pageText({ ...frameOf(call), title: titleOf(status), content }),
  };
}

/** Where a browser has followed a wrong address. Who is signed in is not looked for. */
function noSuchPage(error: CausewayError) {
  const { status } = errorEntry(error.code);
  const content = html`<p class="bad" role="alert">There is no page at this address.</p>
    <p><a href="/">Go to the first page</a></p>`;
  return { status, headers: pageHeaders, body: pageText({ title: titleOf(status), content, links: [DOCS] }) };
}

function isBrowser({ method, headers }: FastifyRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && /\btext\/html\b/.test(headers.accept ?? '');
}

/** Where the forms are that were sent to addresses that begin so. */
const FORMS = [
  ['/sign-in', '/sign-in'],
  ['/password', '/sign-in'],
  ['/device', '/device'],
  ['/account/', '/account'],
] as const;

/** The way back to a form that was sent, or to another try of a sign-in. */
function tryAgain({ method, url }: FastifyRequest) {
  const path = url.split('?', 1)[0] ?? '';
  const [, form] = FORMS.find(([beginning]) => path.startsWith(beginning)) ?? [];
  if (form !== undefined && (method === 'POST' || path !== form))
    return html`<p><a class="main" href="${form}">Go back and try again</a></p>`;
  return method === 'POST' && html`<p>Go back in your browser, and try again there.</p>`;
}

/** What a person is told: of a permission, who can give it to them, and not what programs do. */
function sentenceOf(error: CausewayError): string {
  const permission = Permission.safeParse(error.details['permission']);
  if (error.code !== 'PERMISSION_DENIED' || !permission.success) return error.message;
  return `This needs the permission ${permission.data}, with which somebody may ${permissionText[permission.data]}. None of your roles gives it to you here; whoever gives roles in your team can. The first page shows what you may do, and why.`;
}

function titleOf(status: number): string {
  if (status === 403) return 'This is not allowed';
  if (status === 404) return 'This does not exist';
  if (status >= 500) return 'This does not work now';
  return 'This cannot be done';
}
