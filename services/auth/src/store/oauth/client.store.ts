import { randomBytes } from 'node:crypto';
import { causewayError, cutPage } from '@causeway/contracts';
import type { OAuthClient } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { known } from '../../domain/known-permissions.js';
import type { OauthClient as ClientRow } from '../generated/client.js';
import { MAKERS_ENABLED } from '../makers.sql.js';
import { type Page, after, inOrder, keyOf } from '../pages.js';
import { Tables, type Writes } from '../tables.js';

/** Clients of one service account, and clients of an organisation that act for people. */
const MOST_OF_ACCOUNT = 20;
const MOST_FOR_PEOPLE = 200;

/** A client to make. */
export type NewClient = Pick<
  ClientRow,
  | 'organisationId'
  | 'kind'
  | 'name'
  | 'serviceAccountId'
  | 'secretHash'
  | 'redirectUris'
  | 'deviceFlow'
  | 'permissions'
  | 'madeById'
  | 'madeByUserId'
>;

/** A client as it is stored. */
export type StoredClient = OAuthClient & {
  readonly organisationId: string;
  /** SHA-256 of the secrets that are valid now. */
  readonly secretHashes: readonly string[];
};

/** OAuth clients. */
@Injectable()
export class ClientStore {
  constructor(private readonly tables: Tables) {}

  /** Those of a service account; without one, those that act for people. */
  async list(
    organisationId: string,
    serviceAccountId: string | undefined,
    page: Page,
  ): Promise<{ items: OAuthClient[]; next?: string }> {
    const rows = await this.tables.reads.oauthClient.findMany({
      where: { organisationId, serviceAccountId: serviceAccountId ?? null, ...after(page) },
      ...inOrder(page),
    });
    return cutPage(rows, page.limit, (row) => shownClient(clientOf(row)), keyOf);
  }

  async find(
    organisationId: string,
    id: string,
    reads: Writes = this.tables.reads,
  ): Promise<StoredClient | undefined> {
    const row = await reads.oauthClient.findFirst({ where: { organisationId, id } });
    return row ? clientOf(row) : undefined;
  }

  /** In whatever organisation it is; undefined when it does not exist, or the key that made it has ended or is that of somebody who is disabled. */
  async findUsable(id: string): Promise<StoredClient | undefined> {
    const row = await this.tables.reads.oauthClient.findUnique({ where: { id }, include: { madeBy: true } });
    if (!row) return undefined;
    const { madeBy } = row;
    const now = new Date();
    if (madeBy && (madeBy.revokedAt !== null || (madeBy.expiresAt !== null && madeBy.expiresAt <= now)))
      return undefined;
    if (!(await this.areMakersEnabled(row.madeById, row.madeByUserId))) return undefined;
    return clientOf(row);
  }

  private async areMakersEnabled(keyId: string | null, userId: string | null): Promise<boolean> {
    const [row] = await this.tables.reads.$queryRawUnsafe<{ found: boolean }[]>(
      MAKERS_ENABLED,
      keyId,
      userId,
    );
    return row?.found === true;
  }

  /** @throws CausewayError LIMIT_REACHED */
  async insert(writes: Writes, client: NewClient): Promise<StoredClient> {
    const { organisationId, serviceAccountId } = client;
    const count = await writes.oauthClient.count({ where: { organisationId, serviceAccountId } });
    const limit = serviceAccountId === null ? MOST_FOR_PEOPLE : MOST_OF_ACCOUNT;
    if (count >= limit)
      throw causewayError('LIMIT_REACHED', {
        limit,
        what:
          serviceAccountId === null ? 'OAuth clients that act for people' : 'OAuth clients of this account',
      });
    return clientOf(
      await writes.oauthClient.create({ data: { id: newId(), ...client, createdAt: new Date() } }),
    );
  }

  /** Gives it another secret; the one before is valid until then. */
  async renewSecret(
    writes: Writes,
    id: string,
    secretHash: string,
    formerUntil: Date,
  ): Promise<StoredClient> {
    const { secretHash: formerSecretHash } = await writes.oauthClient.findUniqueOrThrow({ where: { id } });
    const data = { secretHash, formerSecretHash, formerSecretUntil: formerUntil };
    return clientOf(await writes.oauthClient.update({ where: { id }, data }));
  }

  /**
   * A client ends with another key from then on, or with none. Its secrets and the tokens that it has for itself end: whoever had made it may know them.
   */
  async keep(writes: Writes, id: string, maker: Pick<ClientRow, 'madeById' | 'madeByUserId'>): Promise<void> {
    const { secretHash } = await writes.oauthClient.findUniqueOrThrow({ where: { id } });
    // No secret has this hash.
    const ended = secretHash === null ? null : randomBytes(32).toString('hex');
    const data = { ...maker, secretHash: ended, formerSecretHash: null, formerSecretUntil: null };
    await writes.oauthClient.update({ where: { id }, data });
    await writes.oauthToken.deleteMany({ where: { clientId: id, kind: 'ClientCredentials' } });
  }

  /** With all that it was given. */
  async delete(writes: Writes, id: string): Promise<void> {
    await writes.oauthClient.delete({ where: { id } });
  }
}

/** A client as people see it. */
export function shownClient(stored: StoredClient): OAuthClient {
  const { organisationId: _organisation, secretHashes: _hashes, ...client } = stored;
  return client;
}

function clientOf(row: ClientRow): StoredClient {
  const { formerSecretUntil: until } = row;
  const formerUntil = until !== null && until > new Date() ? until : null;
  const hashes = [row.secretHash, formerUntil && row.formerSecretHash];
  return {
    id: row.id,
    organisationId: row.organisationId,
    name: row.name,
    kind: row.kind as StoredClient['kind'],
    serviceAccountId: row.serviceAccountId,
    redirectUris: row.redirectUris,
    deviceFlow: row.deviceFlow,
    permissions: known(row.permissions),
    createdAt: row.createdAt.toISOString(),
    formerSecretUntil: formerUntil?.toISOString() ?? null,
    secretHashes: hashes.filter((one) => one !== null),
  };
}
