import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parsePeople, type Person } from './person.js';
import type { RelyingParty } from './relying-party.js';
import type { IdentityProviderOptions } from './start-identity-provider.js';

export const USAGE = `Usage: identity-provider --people FILE --client ID:SECRET:REDIRECT [options]
  --people FILE        JSON with a list of people: subject, name, email, groups, password
  --client ID:SECRET:REDIRECT
                       a program that lets people sign in; give it once for each of them, and with the same
                       id and secret for each further address
  --logout ID:ADDRESS  the back-channel logout address of a client
  --after-logout ID:ADDRESS
                       where a client may send people after signing out
  --port N             port to listen on; 0, the default, takes a free one
  --host ADDRESS       address of this machine to listen on, 127.0.0.1 by default
  --groups-in PLACE    id_token (the default), userinfo or both
  --groups-claim NAME  groups by default; dots lead into objects, as in realm_access.roles
  --overage            say that a person has too many groups, as Entra ID does
  --algorithm NAME     RS256 (the default) or ES256
  --key-seed TEXT      the same signing keys at each start
  --lists-people       show everybody at the sign-in page, with a button that fills in the form
  --exit-with-stdin    stop when standard input ends, as it does when the parent dies`;

/** What a command line asks for; undefined when it asks for help. @throws Error that says what is wrong with it */
export function parseCommandLine(
  args: readonly string[],
): { readonly options: IdentityProviderOptions; readonly exitsWithStdin: boolean } | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      people: { type: 'string' },
      client: { type: 'string', multiple: true, default: [] },
      logout: { type: 'string', multiple: true, default: [] },
      'after-logout': { type: 'string', multiple: true, default: [] },
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      'groups-in': { type: 'string', default: 'id_token' },
      'groups-claim': { type: 'string', default: 'groups' },
      overage: { type: 'boolean', default: false },
      algorithm: { type: 'string', default: 'RS256' },
      'key-seed': { type: 'string' },
      'lists-people': { type: 'boolean', default: false },
      'exit-with-stdin': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.people === undefined) throw new Error('--people FILE is missing: it lists who can sign in');
  return {
    exitsWithStdin: values['exit-with-stdin'],
    options: {
      port: portOf(values.port),
      host: values.host,
      people: readPeople(values.people),
      clients: readClients(values.client, values.logout, values['after-logout']),
      groupsIn: oneOf('--groups-in', values['groups-in'], ['id_token', 'userinfo', 'both'] as const),
      groupsClaim: values['groups-claim'],
      overage: values.overage,
      signingAlgorithm: oneOf('--algorithm', values.algorithm, ['RS256', 'ES256'] as const),
      ...(values['key-seed'] === undefined ? {} : { keySeed: values['key-seed'] }),
      listsPeople: values['lists-people'],
    },
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`--port must be a number from 0 to 65535, not "${text}"`);
}

function oneOf<Name extends string>(flag: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text);
  if (found === undefined) throw new Error(`${flag} must be one of ${names.join(', ')}, not "${text}"`);
  return found;
}

function readPeople(path: string): Person[] {
  try {
    return parsePeople(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new Error(`--people ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function readClients(
  clients: readonly string[],
  logouts: readonly string[],
  afterLogouts: readonly string[],
): RelyingParty[] {
  if (clients.length === 0) throw new Error('--client ID:SECRET:REDIRECT is missing: it says who may ask');
  const byId = new Map<string, RelyingParty>();
  for (const text of clients) {
    const [, id = '', secret = '', redirect = ''] = /^([^:]+):([^:]+):(.+)$/.exec(text) ?? [];
    if (redirect === '')
      throw new Error(
        '--client must be ID:SECRET:REDIRECT, such as app:secret:http://127.0.0.1:7860/callback',
      );
    const known = byId.get(id);
    if (known !== undefined && known.clientSecret !== secret)
      throw new Error(`--client ${id} has two secrets; give the same one with each address`);
    byId.set(id, {
      clientId: id,
      clientSecret: secret,
      redirectUris: [...(known?.redirectUris ?? []), redirect],
    });
  }
  const change = (
    flag: string,
    text: string,
    apply: (known: RelyingParty, url: string) => RelyingParty,
  ): void => {
    const [, id = '', url = ''] = /^([^:]+):(.+)$/.exec(text) ?? [];
    const known = byId.get(id);
    if (known === undefined) throw new Error(`${flag} ${text}: no --client has the id "${id}"`);
    byId.set(id, apply(known, url));
  };
  for (const text of logouts)
    change('--logout', text, (known, url) => ({ ...known, backchannelLogoutUri: url }));
  for (const text of afterLogouts)
    change('--after-logout', text, (known, url) => ({
      ...known,
      postLogoutRedirectUris: [...(known.postLogoutRedirectUris ?? []), url],
    }));
  return [...byId.values()];
}
