import { randomUUID } from 'node:crypto';
import type { Api } from './api.js';

/** A service account with one key. */
export interface NewAccount {
  readonly id: string;
  readonly keyId: string;
  /** The gateway with its key. */
  readonly api: Api;
}

/**
 * Makes a service account in a team, and a key for it.
 *
 * @param owner       makes both
 * @param more.place  the project or the flow where it has its role @default the team
 * @param more.key    the body of the request that makes the key
 */
export async function newAccount(
  owner: Api,
  teamId: string,
  role: string,
  { place = {}, key = {} }: { place?: object; key?: object } = {},
): Promise<NewAccount> {
  const body = { name: `n ${randomUUID()}`, role, ...place };
  const { id } = await owner.ask<{ id: string }>(
    'POST',
    `/api/platform/v1/teams/${teamId}/service-accounts`,
    {
      body,
    },
  );
  const made = await owner.ask<{ id: string; api_key: string }>(
    'POST',
    `/api/platform/v1/service-accounts/${id}/keys`,
    { body: key },
  );
  return { id, keyId: made.id, api: owner.as(made.api_key) };
}
