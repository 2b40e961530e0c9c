import ipaddr from 'ipaddr.js';

/** Addresses that components may call although they are not public. */
export interface AllowList {
  /** The name itself is trusted, whatever it resolves to. */
  allowsHost(host: string, port: number): boolean;
  allowsAddress(address: string, port: number): boolean;
}

interface Entry {
  readonly host: string;
  readonly port: number | undefined;
  readonly range: [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined;
}

/**
 * Reads an allow-list.
 *
 * @param entries `127.0.0.1:8080`, `10.0.0.0/8`, `[::1]:9000`, `fd00::/8`, `host.internal`, `host.internal:8080`; without a port every port
 * @throws Error naming the entry that cannot be read
 */
export function parseAllowList(entries: readonly string[]): AllowList {
  const parsed = entries.map(parseEntry);
  const portFits = (entry: Entry, port: number): boolean => entry.port === undefined || entry.port === port;
  return {
    allowsHost: (host, port) =>
      parsed.some((entry) => entry.range === undefined && entry.host === host && portFits(entry, port)),
    allowsAddress: (address, port) =>
      parsed.some(
        (entry) => entry.range !== undefined && portFits(entry, port) && isWithin(address, entry.range),
      ),
  };
}

function parseEntry(text: string): Entry {
  const parts =
    /^(?:\[([0-9a-f:.]+)\]|([0-9a-f]*:[0-9a-f:]*:[0-9a-f:.]*(?:\/\d+)?)|([^\s:[\]]+))(?::(\d{1,5}))?$/i.exec(
      text.trim(),
    );
  const host = (parts?.[1] ?? parts?.[2] ?? parts?.[3])?.toLowerCase();
  const port = parts?.[4] === undefined ? undefined : Number(parts[4]);
  if (host === undefined || (port !== undefined && port > 65_535)) throw unreadable(text);
  if (ipaddr.isValidCIDR(host)) return { host, port, range: ipaddr.parseCIDR(host) };
  if (ipaddr.isValid(host)) {
    const address = ipaddr.parse(host);
    return { host, port, range: [address, address.kind() === 'ipv4' ? 32 : 128] };
  }
  if (!/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(host)) throw unreadable(text);
  return { host, port, range: undefined };
}

function isWithin(address: string, [range, bits]: [ipaddr.IPv4 | ipaddr.IPv6, number]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.kind() === range.kind() && parsed.match(range, bits);
}

function unreadable(text: string): Error {
  return new Error(
    `The allow-list entry "${text}" is not usable; write an address, a range like 10.0.0.0/8 or a host name, with :port if wanted.`,
  );
}
