/**
 * Headers of every answer, also of refusals: it is data, so a browser that shows it loads and runs nothing, puts it into no frame, and
 * hands it to no other page. A handler that answers with a page of its own sets its own `content-security-policy`, which replaces this one.
 * Source: OWASP ASVS 5.0, 3.4.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Browsers use only HTTPS for this host for a year; subdomains may belong to others. */
const HSTS = 'max-age=31536000';
const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/**
 * The Strict-Transport-Security header; undefined where it must not be sent. A browser ignores it over plain HTTP; for `localhost` it
 * would keep the browser from every other program of the machine that answers there without TLS.
 *
 * @param protocol  of the request as its caller sent it: `https` also behind a trusted proxy that says so
 * @param host      the Host header
 */
export function strictTransport(protocol: string, host: string | undefined): string | undefined {
  if (protocol !== 'https' || host === undefined) return undefined;
  return LOOPBACK.test(host.replace(/:\d+$/, '').replace(/\.$/, '')) ? undefined : HSTS;
}
