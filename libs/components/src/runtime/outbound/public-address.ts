import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Azure's platform: DNS, DHCP and the agent of every machine there use it, although its range is public. */
const azurePlatform = '168.63.129.16';

/**
 * True for an address of the public internet. Not public are loopback, private, link-local (including cloud metadata),
 * carrier-grade NAT, multicast, reserved and documentation ranges; for an IPv6 address that contains an IPv4 one
 * (mapped, NAT64, 6to4) the IPv4 address decides.
 *
 * @param address IPv4 or IPv6 text without brackets; anything else is not public
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return isPublicV4(ipaddr.IPv4.parse(address));
    case 6:
      return !address.includes('%') && isPublicV6(ipaddr.IPv6.parse(inHex(address)));
    default:
      return false;
  }
}

function isPublicV6(address: ipaddr.IPv6): boolean {
  const parts = address.parts;
  const range = address.range();
  if (range === 'ipv4Mapped') return isPublicV4(v4Of(parts[6], parts[7]));
  if (range === '6to4') return isPublicV4(v4Of(parts[1], parts[2]));
  // Only the well-known NAT64 prefix: 64:ff9b:1::/48 is for local networks.
  if (range === 'rfc6052') return parts[2] === 0 && isPublicV4(v4Of(parts[6], parts[7]));
  // Global unicast is 2000::/3; the rest of the space is unassigned or special.
  return range === 'unicast' && ((parts[0] as number) & 0xe000) === 0x2000;
}

function isPublicV4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast' && address.toString() !== azurePlatform;
}

function v4Of(high = 0, low = 0): ipaddr.IPv4 {
  return new ipaddr.IPv4([high >> 8, high & 255, low >> 8, low & 255]);
}

// ipaddr.js reads ::1.2.3.4 as the mapped ::ffff:1.2.3.4; the hexadecimal form is unambiguous.
function inHex(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
