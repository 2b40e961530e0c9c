import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import type { AllowList } from './allow-list.js';
import { CallProblem } from './call-problem.js';
import { isPublicAddress } from './public-address.js';

/** Connects to checked addresses only: the socket is opened to the same address that was checked. */
export function guardedConnector(
  allow: AllowList,
  resolve: (host: string) => Promise<readonly string[]>,
): buildConnector.connector {
  const connect = buildConnector({ allowH2: false, timeout: 10_000 });
  return (options, callback) => {
    const host = options.hostname
      .replace(/^\[|\]$/g, '')
      .replace(/\.$/, '')
      .toLowerCase();
    const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80);
    checkedAddresses(host, port, allow, resolve).then(
      (addresses) => tryEach(connect, options, addresses, callback),
      (error: unknown) => callback(error as Error, null),
    );
  };
}

async function checkedAddresses(
  host: string,
  port: number,
  allow: AllowList,
  resolve: (host: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const addresses = isIP(host) === 0 ? await resolve(host) : [host];
  if (addresses.length === 0) throw new CallProblem('REQUEST_FAILED', host, 'the name has no address');
  const refused = addresses.find(
    (address) => !isPublicAddress(address) && !allow.allowsAddress(address, port),
  );
  if (refused === undefined || allow.allowsHost(host, port)) return addresses;
  throw new CallProblem('ADDRESS_REFUSED', `${host}:${port}`, 'it is not a public address');
}

function tryEach(
  connect: buildConnector.connector,
  options: buildConnector.Options,
  [address, ...rest]: readonly string[],
  callback: buildConnector.Callback,
): void {
  connect({ ...options, hostname: address as string }, (error, socket) => {
    if (error === null) callback(null, socket as NonNullable<typeof socket>);
    else if (rest.length > 0) tryEach(connect, options, rest, callback);
    else callback(error, null);
  });
}

/** Resolves a name with the system's resolver. */
export async function systemAddresses(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true, order: 'ipv4first' })).map(({ address }) => address);
}
