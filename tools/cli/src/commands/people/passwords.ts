import type { Invitation, Organisation, User } from '@causeway/contracts';
import type { Api } from '../../api.js';
import type { Output } from '../../output.js';
import { readValue } from '../../read-value.js';
import { type PlaceOptions, findPlace } from '../access/find-place.js';
import { findUserId } from './find-user.js';
import { USERS } from './users-path.js';

/** Invites somebody; whoever opens the link is a person of the organisation then. */
export async function inviteUser(
  api: Api,
  name: string,
  options: PlaceOptions & { email?: string; role?: string },
  output: Output,
): Promise<number> {
  const { email, role } = options;
  const place = role === undefined ? undefined : await findPlace(api, options);
  const given = place && {
    role,
    level: place.level,
    ...(place.objectId !== undefined && { objectId: place.objectId }),
    ...((place.level === 'project' || place.level === 'flow') && { teamId: place.team?.id }),
  };
  const invitation = await api.json<Invitation & { link: string }>('POST', '/api/platform/v1/invitations', {
    name,
    ...(email !== undefined && { email }),
    ...given,
  });
  output.result(invitation, () => invitation.link);
  output.progress(
    `send this link to ${name}; it is shown only this once and valid until ${invitation.expiresAt}`,
  );
  return 0;
}

/** Sets the password of a person, which is read from standard input. */
export async function setPassword(
  api: Api,
  named: string,
  options: { login?: string; breakGlass?: boolean },
  output: Output,
): Promise<number> {
  const id = await findUserId(api, named);
  const login = options.login ?? (await loginOf(api, named, id));
  const password = await readValue('the new password', 'run this on a terminal, which asks for it');
  const body = { login, password, ...(options.breakGlass && { breakGlass: true }) };
  const set = await api.json<{ login: string; uri?: string }>('PUT', `${USERS}/${id}/password`, body);
  output.result(set, () =>
    set.uri === undefined
      ? `${named} signs in as ${set.login}`
      : `${named} signs in as ${set.login}, also while SSO is enforced, with a code of an authenticator.\nIts app reads this address, which is shown only this once:\n${set.uri}`,
  );
  return 0;
}

export async function deletePassword(api: Api, named: string, output: Output): Promise<number> {
  const id = await findUserId(api, named);
  await api.send('DELETE', `${USERS}/${id}/password`);
  output.result(
    { deleted: id },
    () => `${named} has no password, and the sessions that began with it have ended`,
  );
  return 0;
}

/** Enforces SSO in the organisation, or ends that. */
export async function enforceSso(api: Api, ssoEnforced: boolean, output: Output): Promise<number> {
  const organisation = await api.json<Organisation>('PATCH', '/api/platform/v1/organisation', {
    ssoEnforced,
  });
  output.result(organisation, () =>
    ssoEnforced
      ? 'people sign in only at an identity provider; break-glass administrators also with a password and a code'
      : 'people may sign in with passwords again',
  );
  if (ssoEnforced)
    output.progress(
      'should no identity provider work, these get in: administrators made by npx causeway users password NAME --break-glass, and whoever is on the machine, by npx causeway admin bootstrap',
    );
  return 0;
}

async function loginOf(api: Api, named: string, id: string): Promise<string> {
  if (/@/.test(named)) return named;
  const { items } = await api.json<{ items: User[] }>(
    'GET',
    `${USERS}?${new URLSearchParams({ search: named })}`,
  );
  const email = items.find((user) => user.id === id)?.email;
  if (email) return email;
  throw new Error(`${named} has no e-mail address to sign in with; give a user name with --login`);
}
