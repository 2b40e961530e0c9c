import type { Client } from 'pg';
import { type DataKey, type KeyOwner, MasterKeys, readMasterKeys } from '@causeway/platform';

/** The data keys of an installation, read from its database with its master key: for checks of what its services have sealed. */
export class StoredKeys implements KeyOwner {
  readonly #client: Client;
  readonly #masters: MasterKeys;

  /** @param masterKey  as auth has it in CAUSEWAY_MASTER_KEY */
  constructor(client: Client, masterKey: string) {
    this.#client = client;
    this.#masters = new MasterKeys(readMasterKeys(masterKey));
  }

  async dataKey(organisationId: string, id?: string): Promise<DataKey> {
    const { rows } = await this.#client.query<{ id: string; wrapped: string; masterId: string }>(
      `SELECT id::text, wrapped, master_id AS "masterId" FROM auth.data_key
       WHERE organisation_id = $1 AND CASE WHEN $2::uuid IS NULL THEN is_current ELSE id = $2 END`,
      [organisationId, id ?? null],
    );
    const [row] = rows;
    if (!row) throw new Error(`organisation ${organisationId} has no data key ${id ?? ''}`);
    return { id: row.id, key: await this.#masters.unwrap(row, wrappedFor(organisationId, row.id)) };
  }

  openOld(): Promise<string> {
    return Promise.reject(new Error('nothing was sealed before there were data keys'));
  }

  oldFileKey(): Promise<Buffer> {
    return Promise.reject(new Error('nothing was sealed before there were data keys'));
  }
}

/** What auth wraps a data key for. */
export function wrappedFor(organisationId: string, id: string): string {
  return JSON.stringify(['data key', organisationId, id]);
}
