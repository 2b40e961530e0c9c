/**
 * Whether an entry of an allowed-hosts list allows secrets to be sent to an origin. `https://host:8443` is that origin;
 * `host` is `https://host`; `host:8080` is that port of the host, by http and https.
 *
 * @param origin  scheme, host and port, as `URL` writes them
 */
export function allowsOrigin(entry: string, origin: string): boolean {
  if (entry.includes('://')) return URL.parse(entry)?.origin === origin;
  const schemes = /:\d+$/.test(entry) ? ['https', 'http'] : ['https'];
  return schemes.some((scheme) => URL.parse(`${scheme}://${entry}`)?.origin === origin);
}
