import type { OAuthClient, OAuthGrant } from '@causeway/contracts';
import type { Api } from '../../api.js';
import { parsePermissions } from '../../arguments.js';
import { table } from '../../output.js';
import type { Output } from '../../output.js';
import { findAccount, findTeam, readAll } from '../access/find-named.js';

const CLIENTS = '/api/platform/v1/clients';

/** The account whose clients they are, by its name or id; without one, clients that act for people. */
export interface OfAccount {
  readonly account?: string;
  readonly team?: string;
}

/** What a client is, as options. */
export interface ClientOptions extends OfAccount {
  readonly redirect?: readonly string[];
  readonly device?: boolean;
  readonly secret: boolean;
  readonly permissions?: string;
}

type NewClient = OAuthClient & { readonly secret?: string };

export async function listClients(api: Api, options: OfAccount, output: Output): Promise<number> {
  const clients = await readAll<OAuthClient>(api, await pathOf(api, options));
  output.result(clients, () =>
    clients.length === 0
      ? 'there are no OAuth clients here'
      : table(
          ['name', 'id', 'kind', 'redirect addresses'],
          clients.map(({ name, id, kind, redirectUris }) => [name, id, kind, redirectUris.join(', ')]),
        ),
  );
  return 0;
}

/** Makes a client; its secret is shown here and never again. */
export async function createClient(
  api: Api,
  name: string,
  options: ClientOptions,
  output: Output,
): Promise<number> {
  const { account, redirect = [], device = false, secret, permissions } = options;
  if (account === undefined && redirect.length === 0 && !device)
    throw new Error(
      'give an account (--account) for which the client acts, or redirect addresses (--redirect) or the device flow (--device) when it acts for people',
    );
  const client = await api.json<NewClient>('POST', await pathOf(api, options), {
    name,
    ...(account === undefined && {
      redirectUris: redirect,
      kind: secret ? 'confidential' : 'public',
      ...(device && { deviceFlow: true }),
    }),
    ...(permissions !== undefined && { permissions: parsePermissions(permissions) }),
  });
  showSecret(api, client, output);
  return 0;
}

export async function renewSecret(api: Api, id: string, output: Output): Promise<number> {
  const client = await api.json<NewClient>('POST', `${CLIENTS}/${encodeURIComponent(id)}/secret`);
  showSecret(api, client, output);
  output.progress(`the former secret is valid until ${client.formerSecretUntil ?? 'now'}`);
  return 0;
}

export async function deleteClient(api: Api, id: string, output: Output): Promise<number> {
  await api.send('DELETE', `${CLIENTS}/${encodeURIComponent(id)}`);
  output.result({ deleted: id }, () => `client ${id} is deleted, and its tokens have ended`);
  return 0;
}

/** Makes another key for ID tokens. */
export async function renewSigningKey(api: Api, output: Output): Promise<number> {
  const renewed = await api.json<{ keyId: string; formerUntil: string | null }>(
    'POST',
    '/api/platform/v1/signing-keys',
  );
  output.result(renewed, () => `ID tokens are signed with key ${renewed.keyId} from now on`);
  return 0;
}

export async function listGrants(api: Api, output: Output): Promise<number> {
  const grants = await readAll<OAuthGrant>(api, '/api/platform/v1/grants');
  output.result(grants, () =>
    grants.length === 0
      ? 'no program may act for you'
      : table(
          ['program', 'id', 'may', 'until'],
          grants.map(({ client, id, permissions, expiresAt }) => [
            client,
            id,
            permissions.join(', '),
            expiresAt,
          ]),
        ),
  );
  return 0;
}

export async function endGrant(api: Api, id: string, output: Output): Promise<number> {
  await api.send('DELETE', `/api/platform/v1/grants/${encodeURIComponent(id)}`);
  output.result({ ended: id }, () => 'the program may not act for you any more, and its tokens have ended');
  return 0;
}

async function pathOf(api: Api, { account, team }: OfAccount): Promise<string> {
  if (account === undefined) return CLIENTS;
  const { id } = await findAccount(api, await findTeam(api, team), account);
  return `/api/platform/v1/service-accounts/${id}/clients`;
}

function showSecret(api: Api, client: NewClient, output: Output): void {
  const { id, secret } = client;
  output.result(client, () =>
    [`client id      ${id}`, ...(secret === undefined ? [] : [`client secret  ${secret}`])].join('\n'),
  );
  output.progress(`programs find everything else at ${api.url}/.well-known/openid-configuration`);
  if (secret !== undefined) output.progress('the secret is shown only this once: keep it');
}
