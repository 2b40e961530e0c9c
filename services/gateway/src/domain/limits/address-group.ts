/** Parts of an IPv6 address that one caller usually cannot choose: the rest, 64 bits, is their own. */
const NETWORK_PARTS = 4;

/**
 * The address for which limits count: an IPv4 address itself; of an IPv6 address its network of 64 bits, since whoever has one has all
 * addresses in it.
 */
export function addressGroup(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [before = '', after] = address.toLowerCase().replace(/%.*$/, '').split('::');
  const first = before === '' ? [] : before.split(':');
  const last = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const parts = [...first, ...Array.from({ length: zeros }, () => '0'), ...last];
  return `${parts.slice(0, NETWORK_PARTS).map(withoutZeros).join(':')}::/64`;
}

function withoutZeros(part: string): string {
  return part.replace(/^0+(?=.)/, '');
}
