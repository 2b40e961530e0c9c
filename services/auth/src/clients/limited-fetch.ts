/** Most bytes of an answer of an identity provider. */
const MOST_BYTES = 1024 * 1024;

/** Whether an address may be asked: with TLS anywhere, without it only on this machine. */
export function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return (
    protocol === 'https:' || (protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(hostname))
  );
}

/** `fetch` for identity providers: only safe addresses, no redirects, and no more than 1 MiB of an answer. @throws TypeError */
export async function limitedFetch(
  address: string | URL | Request,
  options: RequestInit = {},
): Promise<Response> {
  const url = address instanceof Request ? address.url : String(address);
  if (!isSafeAddress(url)) throw new TypeError(`it names ${url}, which does not begin with https://`);
  const response = await fetch(address, { ...options, redirect: 'manual' });
  const { status, statusText, headers } = response;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // oxlint-disable-next-line no-unsafe-type-assertion -- Node's type of the stream lacks the iterator that it has
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new TypeError(`it answers with more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  const body = status === 204 || status === 304 ? null : Buffer.concat(chunks);
  const copy = new Response(body, { status, statusText, headers });
  Object.defineProperty(copy, 'url', { value: response.url });
  return copy;
}
