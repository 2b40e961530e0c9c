import { readFileSync } from 'node:fs';
import type { Connection, ReplyOf, testConnection } from '@causeway/contracts';
import type { Api } from '../../api.js';
import { table } from '../../output.js';
import type { Output } from '../../output.js';
import { readValue } from '../../read-value.js';
import {
  CONNECTIONS,
  type SamlOptions,
  addSamlConnection,
  describeCertificate,
  pathOf,
} from './saml-connection.js';

/** What a connection is, as options. */
export interface ConnectionOptions extends SamlOptions {
  readonly scope?: readonly string[];
  readonly groupsClaim?: string;
  readonly secretFile?: string;
  /** Commander's: false with --no-secret. */
  readonly secret: boolean;
}

export async function listConnections(api: Api, output: Output): Promise<number> {
  const { items } = await api.json<{ items: Connection[] }>('GET', CONNECTIONS);
  output.result(items, () =>
    items.length === 0
      ? 'there are no connections; add one with: npx causeway sso add'
      : table(
          ['name', 'label', 'kind', 'issuer', 'client', 'domains', 'state'],
          items.map(({ name, label, kind, issuer, clientId, domains, disabledAt }) => [
            name,
            label,
            kind,
            issuer,
            clientId,
            domains.join(', '),
            disabledAt === null ? 'enabled' : 'disabled',
          ]),
        ),
  );
  return 0;
}

/**
 * Adds a connection, or changes one. The secret of an OpenID Connect client comes from a file or from standard input, never from the command
 * line; a SAML provider has none.
 */
export async function addConnection(
  api: Api,
  name: string,
  options: ConnectionOptions,
  output: Output,
): Promise<number> {
  if (options.saml !== undefined) return addSamlConnection(api, name, options, output);
  const { issuer, clientId, label, domain, scope, groupsClaim, scimIdClaim } = options;
  if (issuer === undefined || clientId === undefined)
    throw new Error(
      'give --issuer and --client-id of an OpenID Connect provider, or --saml with the metadata of a SAML provider',
    );
  const clientSecret = await secretOf(options);
  const connection = await api.json<Connection>('PUT', pathOf(name), {
    issuer,
    clientId,
    clientSecret,
    ...(label !== undefined && { label }),
    ...(domain !== undefined && { domains: domain }),
    ...(scope !== undefined && { scopes: scope }),
    ...(groupsClaim !== undefined && { groupsClaim }),
    ...(scimIdClaim !== undefined && { scimIdClaim }),
  });
  output.result(connection, () =>
    [
      `connection ${connection.name} signs people in at ${connection.issuer}`,
      `register there this redirect address: ${api.url}/sign-in/${connection.name}/callback`,
      `and for back-channel logout: ${api.url}/sign-in/${connection.name}/back-channel-logout`,
      `check it with: npx causeway sso test ${connection.name}`,
    ].join('\n'),
  );
  return 0;
}

export async function checkConnection(api: Api, name: string, output: Output): Promise<number> {
  const found = await api.json<ReplyOf<typeof testConnection>>('POST', `${pathOf(name)}/test`);
  const { certificates } = found;
  if (certificates) {
    output.result(found, () =>
      [
        `people sign in at ${found.authorizationEndpoint}`,
        ...certificates.map(describeCertificate),
        'signing out here does not sign out there',
      ].join('\n'),
    );
    return 0;
  }
  output.result(found, () =>
    [
      `${found.issuer} answers, with ${found.keys} keys`,
      `people sign in at ${found.authorizationEndpoint}`,
      found.pkce ? 'it supports PKCE' : 'it does not say that it supports PKCE, which is used all the same',
      found.endsSessions
        ? 'signing out here signs out there too'
        : 'signing out here does not sign out there',
      'whether it accepts the client id and the secret shows when somebody signs in',
    ].join('\n'),
  );
  return 0;
}

export async function setConnectionDisabled(
  api: Api,
  name: string,
  disabled: boolean,
  output: Output,
): Promise<number> {
  const { items } = await api.json<{ items: Connection[] }>('GET', CONNECTIONS);
  const found = items.find((one) => one.name === name);
  if (!found) throw new Error(`there is no connection ${name}; npx causeway sso lists all`);
  const { kind, issuer, clientId } = found;
  const connection = await api.json<Connection>('PUT', pathOf(name), { kind, issuer, clientId, disabled });
  output.result(
    connection,
    () => `connection ${name} is ${disabled ? 'disabled: nobody can sign in by it' : 'enabled'}`,
  );
  return 0;
}

export async function removeConnection(api: Api, name: string, output: Output): Promise<number> {
  await api.send('DELETE', pathOf(name));
  output.result({ deleted: name }, () => `connection ${name} is deleted, and its sessions have ended`);
  return 0;
}

async function secretOf({ secret, secretFile }: ConnectionOptions): Promise<string | null> {
  if (!secret) return null;
  if (secretFile === undefined)
    return readValue('the client secret', 'give --secret-file FILE, or --no-secret');
  return readFileSync(secretFile, 'utf8').replace(/\r?\n$/, '');
}
