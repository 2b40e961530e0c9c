import type { Owned, ReplyOf, handOver } from '@causeway/contracts';
import type { Api } from '../../api.js';
import type { Output } from '../../output.js';
import { findUserId } from './find-user.js';
import { USERS } from './users-path.js';

/** Prints what a person owns. */
export async function showOwned(api: Api, named: string, output: Output): Promise<number> {
  const owned = await readOwned(api, await findUserId(api, named));
  output.result(owned, () => describeOwned(owned).join('\n'));
  return 0;
}

export function readOwned(api: Api, userId: string): Promise<Owned> {
  return api.json<Owned>('GET', `${USERS}/${userId}/owned`);
}

/** Gives what a person owned to another one. */
export async function handOverTo(
  api: Api,
  named: string,
  options: { to: string },
  output: Output,
): Promise<number> {
  const [id, to] = [await findUserId(api, named), await findUserId(api, options.to)];
  const given = await api.json<ReplyOf<typeof handOver>>('POST', `${USERS}/${id}/hand-over`, { to });
  output.result(given, () =>
    given.roles.length + given.clients.length === 0
      ? `${named} has no role and no OAuth client to hand over`
      : [
          ...given.roles.map(({ role, level, subject }) => `${subject.name} is ${role} now (${level})`),
          ...given.clients.map(({ id: clientId, name, kind }) =>
            kind === 'public'
              ? `OAuth client ${name} stays`
              : `OAuth client ${name} stays; its secret has ended: npx causeway clients secret ${clientId}`,
          ),
        ].join('\n'),
  );
  return 0;
}

/** What somebody owns, a line for each thing, with what becomes of it. */
export function describeOwned({
  user,
  roles,
  clients,
  keys,
  madeKeys,
  grants,
  groups,
  scimTokens,
  onlyAdministratorOf,
  totals,
}: Owned): string[] {
  const isHandedOver = roles.length + clients.length > 0;
  const lines = [
    ...roles.map(({ role, level, team }) => `role       ${role} in ${placeOf(level, team)}`),
    ...clients.map(({ name, kind }) => `client     ${name} (${kind})`),
    ...rest(clients.length, totals.clients, 'clients'),
    ...(isHandedOver ? [`these can be handed over: npx causeway users hand-over ${user.id} --to OTHER`] : []),
    ...madeKeys.map(
      ({ name, masked, team, serviceAccount }) =>
        `made key   ${name} ${masked.slice(0, 8)}… of service account ${serviceAccount ?? ''} in team ${team}`,
    ),
    ...rest(madeKeys.length, totals.madeKeys, 'keys that were made'),
    ...(madeKeys.length > 0
      ? ['these end while the person is disabled: make others with npx causeway accounts key']
      : []),
    ...keys.map(({ name, masked, team }) => `own key    ${name} ${masked.slice(0, 8)}… in team ${team}`),
    ...rest(keys.length, totals.keys, 'own keys'),
    ...(grants > 0 ? [`programs   ${grants} may act for the person`] : []),
    ...groups.map(({ name }) => `group      ${name}`),
    ...scimTokens.map(
      ({ id, connection }) =>
        `SCIM token ${id} of connection ${connection} still works: make another with npx causeway sso scim token ${connection}, and revoke this one`,
    ),
    ...onlyAdministratorOf.map(
      ({ name, serviceAccounts }) =>
        `only administrator of team ${name}${serviceAccounts.length > 0 ? `, with the service accounts ${serviceAccounts.join(', ')}` : ''}`,
    ),
  ];
  const made = `addresses of webhooks belong to their flows and stay; which ones ${user.name} made and may know shows: npx causeway audit --organisation --actor ${user.id} --action "webhook.*"`;
  return lines.length === 0 ? [`${user.name} owns nothing`, made] : [`${user.name} owns:`, ...lines, made];
}

function placeOf(level: string, team: string | null): string {
  if (level === 'organisation') return 'the organisation';
  return level === 'team' ? `team ${team ?? ''}` : `a ${level} of team ${team ?? ''}`;
}

function rest(listed: number, total: number, what: string): string[] {
  return total > listed ? [`… and ${total - listed} more ${what}`] : [];
}
