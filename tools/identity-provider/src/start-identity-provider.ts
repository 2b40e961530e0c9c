import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, BlockList, isIP } from 'node:net';
import type { JWTPayload } from 'jose';
import { type GroupsOptions, groupsPath } from './claims.js';
import { type Faults, parseFaults } from './faults.js';
import { type SigningAlgorithm, SigningKeys } from './keys/signing-keys.js';
import { People, type Person } from './person.js';
import { createProvider, type ProviderState, SIGN_IN_PATH } from './protocol/create-provider.js';
import { endSession } from './protocol/end-session.js';
import { RecordStore } from './protocol/record-store.js';
import { answerSignIn } from './protocol/sign-in.js';
import { clientMetadata, parseRelyingParties, type RelyingParty } from './relying-party.js';

/** Lines that the log of requests keeps; above it the oldest are dropped. */
export const MAX_LOGGED_REQUESTS = 1_000;

export interface IdentityProviderOptions extends GroupsOptions {
  /** An address of this machine: 127.x.x.x or ::1. Others are refused. @default '127.0.0.1' */
  readonly host?: string;
  /** @default 0, a free port */
  readonly port?: number;
  readonly people: readonly Person[];
  readonly clients: readonly RelyingParty[];
  /** @default 'RS256' */
  readonly signingAlgorithm?: SigningAlgorithm;
  /** The same seed gives the same signing keys at each start; without one they are random. */
  readonly keySeed?: string;
  /** The sign-in page lists everybody, with a button that fills in the form, password included. @default false */
  readonly listsPeople?: boolean;
}

/** A running provider. Everything but the issuer can change while it runs, and sessions survive that. */
export interface IdentityProvider {
  /** `http://host:port` */
  readonly issuer: string;
  readonly port: number;
  /** Adds a person, or replaces the one with this subject. */
  setPerson(person: Person): void;
  /** Removes a person with all sessions and tokens, and tells nobody; use `endSessions` before to do that. */
  removePerson(subject: string): void;
  setGroups(subject: string, groups: readonly string[]): void;
  setOptions(change: GroupsOptions): void;
  /** Replaces the relying parties; their addresses may be known later than the issuer. */
  setClients(clients: readonly RelyingParty[]): void;
  /** Replaces the faults; `{}` ends all of them. */
  setFaults(faults: Faults): void;
  /** Signs with the next key. The one before stays published, unless `keepPrevious` is false. */
  rotateKeys(options?: { readonly keepPrevious?: boolean }): Promise<void>;
  /** Signs these claims unchanged with the current key, for tokens that the provider itself would never make. */
  sign(claims: JWTPayload, typ?: string): Promise<string>;
  /**
   * Ends the person's sessions and calls the back-channel logout addresses.
   *
   * @throws AggregateError when a relying party did not accept its logout token; the sessions have ended all the same
   */
  endSessions(subject: string): Promise<void>;
  /** `METHOD path` of each request, oldest first, and `-> METHOD address status` of each call to a relying party. */
  readonly requests: readonly string[];
  /** Stops at once: open sockets are closed, and answers under way are not finished. */
  close(): Promise<void>;
}

/**
 * Starts an OpenID Connect provider on this machine.
 *
 * @throws Error when an option is wrong; the system's error when the port is taken
 */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  const {
    host = '127.0.0.1',
    port: wantedPort = 0,
    signingAlgorithm = 'RS256',
    listsPeople = false,
  } = options;
  if (!isLoopback(host))
    throw new Error(
      `The identity provider listens only on this machine (127.0.0.1 or ::1), not on "${host}".`,
    );
  groupsPath(options.groupsClaim ?? 'groups');
  const people = new People(options.people);
  let clients = parseRelyingParties(options.clients);
  const keys = await SigningKeys.create(signingAlgorithm, options.keySeed);
  const requests: string[] = [];
  const log = (line: string): void => {
    requests.push(line);
    if (requests.length > MAX_LOGGED_REQUESTS) requests.shift();
  };

  const server = createServer((request, response) => {
    log(`${request.method} ${pathOf(request)}`);
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wantedPort, host, resolve);
  });
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const store = new RecordStore((id) => {
    const client = clients.get(id);
    return client && clientMetadata(client, signingAlgorithm);
  });
  let groups: GroupsOptions = options;
  let faults: Faults = {};
  const state: ProviderState = {
    issuer: `http://${authority}`,
    people,
    keys,
    store,
    cookieKey: options.keySeed ?? randomBytes(32).toString('hex'),
    get groups() {
      return groups;
    },
    get faults() {
      return faults;
    },
    onCall: log,
  };
  let provider = createProvider(state);
  let handle = provider.callback();
  const renew = (): void => {
    provider = createProvider(state);
    handle = provider.callback();
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // A page of another name that points to this machine must not reach the provider.
    if (request.headers.host !== authority) {
      response.writeHead(421, { 'content-type': 'text/plain' }).end(`This is http://${authority}.\n`);
      return;
    }
    const isSignIn = pathOf(request).startsWith(SIGN_IN_PATH) && /^(GET|POST)$/.test(request.method ?? '');
    if (isSignIn) await answerSignIn(provider, people, listsPeople, request, response);
    else await handle(request, response);
  };

  return {
    issuer: state.issuer,
    port,
    setPerson: (person) => people.set(person),
    removePerson: (subject) => {
      people.remove(subject);
      store.forget(subject);
    },
    setGroups: (subject, names) => people.set({ ...people.get(subject), groups: names }),
    setOptions: (change) => {
      const next = { ...groups, ...change };
      groupsPath(next.groupsClaim ?? 'groups');
      groups = next;
      renew();
    },
    setClients: (next) => {
      clients = parseRelyingParties(next);
    },
    setFaults: (next) => {
      faults = parseFaults(next);
    },
    rotateKeys: async ({ keepPrevious = true } = {}) => {
      await keys.rotate(keepPrevious);
      renew();
    },
    sign: (claims, typ) => keys.sign(claims, typ),
    endSessions: async (subject) => {
      const failures: Error[] = [];
      for (const id of store.sessionsOf(subject)) {
        const session = await provider.Session.find(id);
        if (session !== undefined) failures.push(...(await endSession(provider, session)));
      }
      if (failures.length > 0)
        throw new AggregateError(failures, failures.map(({ message }) => message).join('; '));
    },
    requests,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

function isLoopback(host: string): boolean {
  return isIP(host) !== 0 && loopback.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}
