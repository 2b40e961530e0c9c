import type { ReplyOf, ScimToken, getScimStatus } from '@causeway/contracts';
import type { Api } from '../../api.js';
import { table } from '../../output.js';
import type { Output } from '../../output.js';
import { pathOf } from './saml-connection.js';

/** Makes a SCIM token, and prints it: it is shown only this once. */
export async function makeScimToken(api: Api, connection: string, output: Output): Promise<number> {
  const made = await api.json<ScimToken & { token: string; url: string }>(
    'POST',
    `${pathOf(connection)}/scim/tokens`,
  );
  output.result(made, () =>
    [
      `address  ${made.url}`,
      `token    ${made.token}`,
      'the token is shown only this once: give both to the identity provider',
    ].join('\n'),
  );
  return 0;
}

/** Ends a SCIM token: the one with this id, or the older one of two. */
export async function revokeScimToken(
  api: Api,
  connection: string,
  options: { id?: string; older?: boolean },
  output: Output,
): Promise<number> {
  const id = options.id ?? (await olderToken(api, connection, options.older === true));
  await api.send('DELETE', `${pathOf(connection)}/scim/tokens/${encodeURIComponent(id)}`);
  output.result({ revoked: id }, () => `SCIM token ${id} of connection ${connection} has ended`);
  return 0;
}

/** Prints the SCIM tokens of a connection, and how much its identity provider has sent. */
export async function showScim(api: Api, connection: string, output: Output): Promise<number> {
  const status = await api.json<ReplyOf<typeof getScimStatus>>('GET', `${pathOf(connection)}/scim`);
  const { tokens, people, groups, idClaim } = status;
  output.result(status, () =>
    [
      `connection ${connection} has been sent ${people} people and ${groups} groups; a person’s externalId is the claim ${idClaim} of their sign-in`,
      tokens.length === 0
        ? `there is no SCIM token; make one with: npx causeway sso scim token ${connection}`
        : table(
            ['token', 'made', 'last used'],
            tokens.map(({ id, createdAt, lastUsedAt }) => [id, createdAt, lastUsedAt ?? 'never']),
          ),
    ].join('\n'),
  );
  return 0;
}

async function olderToken(api: Api, connection: string, isOlder: boolean): Promise<string> {
  const { tokens } = await api.json<ReplyOf<typeof getScimStatus>>('GET', `${pathOf(connection)}/scim`);
  const [first, second] = tokens;
  if (!first) throw new Error(`connection ${connection} has no SCIM token`);
  if (second && !isOlder)
    throw new Error(
      `connection ${connection} has two SCIM tokens: give --older to end the one of ${first.createdAt}, or --id with one of ${first.id} and ${second.id}`,
    );
  return first.id;
}
