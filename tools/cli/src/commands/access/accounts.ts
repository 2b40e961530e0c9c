import type { ServiceAccount } from '@causeway/contracts';
import type { Api } from '../../api.js';
import { parsePermissions, parseTime } from '../../arguments.js';
import { type Key, showKeys } from '../keys.js';
import { table } from '../../output.js';
import type { Output } from '../../output.js';
import { findAccount, findTeam, readAll } from './find-named.js';
import { type PlaceOptions, findPlace } from './find-place.js';

/** Characters of a key's name. */
const MOST_NAME = 200;

/** The team by its name or id; absent: the team of the key. */
interface OfTeam {
  readonly team?: string;
}

export async function listAccounts(api: Api, options: OfTeam, output: Output): Promise<number> {
  const team = await findTeam(api, options.team);
  const accounts = await readAll<ServiceAccount>(api, accountsOf(team.id));
  output.result(accounts, () =>
    accounts.length === 0
      ? `team ${team.name} has no service accounts`
      : table(
          ['name', 'id', 'state'],
          accounts.map(({ name, id, disabledAt }) => [
            name,
            id,
            disabledAt === null ? 'enabled' : 'disabled',
          ]),
        ),
  );
  return 0;
}

export async function createAccount(
  api: Api,
  name: string,
  options: PlaceOptions & { role: string },
  output: Output,
): Promise<number> {
  const { role } = options;
  const { level, objectId, team, text } = await findPlace(api, options);
  const account = await api.json<ServiceAccount>('POST', accountsOf(team?.id ?? ''), {
    name,
    role,
    ...(level === 'project' && { projectId: objectId }),
    ...(level === 'flow' && { flowId: objectId }),
  });
  output.result(account, () => `service account ${name} is ${role} in ${text}; its id is ${account.id}`);
  return 0;
}

/** Disables or enables a service account. */
export async function setDisabled(
  api: Api,
  named: string,
  disabled: boolean,
  options: OfTeam,
  output: Output,
): Promise<number> {
  const { id, name } = await findAccount(api, await findTeam(api, options.team), named);
  const account = await api.json<ServiceAccount>('PATCH', `/api/platform/v1/service-accounts/${id}`, {
    disabled,
  });
  output.result(account, () => `service account ${name} is ${disabled ? 'disabled' : 'enabled'}`);
  return 0;
}

export async function renameAccount(
  api: Api,
  named: string,
  name: string,
  options: OfTeam,
  output: Output,
): Promise<number> {
  const { id } = await findAccount(api, await findTeam(api, options.team), named);
  const account = await api.json<ServiceAccount>('PATCH', `/api/platform/v1/service-accounts/${id}`, {
    name,
  });
  output.result(account, () => `service account ${named} is now named ${account.name}`);
  return 0;
}

export async function listAccountKeys(
  api: Api,
  named: string,
  options: OfTeam,
  output: Output,
): Promise<number> {
  const { id } = await findAccount(api, await findTeam(api, options.team), named);
  showKeys(await readAll<Key>(api, `/api/platform/v1/service-accounts/${id}/keys`), output);
  return 0;
}

/** Creates a key of a service account; its secret is shown here and never again. */
export async function createAccountKey(
  api: Api,
  named: string,
  options: OfTeam & { name?: string; permissions?: string; expires?: string; origin?: readonly string[] },
  output: Output,
): Promise<number> {
  const { id, name: account } = await findAccount(api, await findTeam(api, options.team), named);
  const { name = `${account} ${new Date().toISOString().slice(0, 10)}`.slice(0, MOST_NAME) } = options;
  const isForPages = options.origin !== undefined;
  const permissions = options.permissions ?? (isForPages ? 'flow:run' : undefined);
  const key = await api.json<{ api_key: string }>('POST', `/api/platform/v1/service-accounts/${id}/keys`, {
    name,
    ...(permissions !== undefined && { permissions: parsePermissions(permissions) }),
    ...(isForPages && { origins: options.origin }),
    ...(options.expires !== undefined && { expires_at: parseTime('--expires', options.expires) }),
  });
  output.result(key, () => key.api_key);
  output.progress('the key is shown only this once: keep it');
  return 0;
}

/** Deletes a service account with its keys and clients. */
export async function deleteAccount(
  api: Api,
  named: string,
  options: OfTeam,
  output: Output,
): Promise<number> {
  const { id, name } = await findAccount(api, await findTeam(api, options.team), named);
  await api.send('DELETE', `/api/platform/v1/service-accounts/${id}`);
  output.result({ deleted: id, name }, () => `service account ${name} is deleted, and so are its keys`);
  return 0;
}

function accountsOf(teamId: string): string {
  return `/api/platform/v1/teams/${teamId}/service-accounts`;
}
