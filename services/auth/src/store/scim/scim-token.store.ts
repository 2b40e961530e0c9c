import { causewayError } from '@causeway/contracts';
import type { Principal, ScimToken } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { ScimToken as TokenRow } from '../generated/client.js';
import { Tables, type Writes } from '../tables.js';

/** One in use, and one that takes its place. */
const MOST_TOKENS = 2;
/** How exactly it is known when a token was used last. */
const USE_MS = 60_000;

type Connection = { readonly id: string; readonly name: string; readonly organisationId: string };

/** The tokens with which identity providers send people and groups. */
@Injectable()
export class ScimTokenStore {
  constructor(private readonly tables: Tables) {}

  /** Oldest first. */
  async list(connectionId: string): Promise<ScimToken[]> {
    const rows = await this.tables.reads.scimToken.findMany({
      where: { connectionId },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      take: MOST_TOKENS,
    });
    return rows.map(shown);
  }

  /** @throws CausewayError LIMIT_REACHED */
  async insert(
    writes: Writes,
    { id: connectionId, name, organisationId }: Connection,
    { tokenHash, madeByUserId }: { tokenHash: string; madeByUserId: string | null },
  ): Promise<ScimToken> {
    if ((await writes.scimToken.count({ where: { connectionId } })) >= MOST_TOKENS)
      throw causewayError('LIMIT_REACHED', {
        limit: MOST_TOKENS,
        what: `SCIM tokens of connection ${name}, the older of which you can revoke`,
      });
    const data = {
      id: newId(),
      organisationId,
      connectionId,
      tokenHash,
      madeByUserId,
      createdAt: new Date(),
    };
    return shown(await writes.scimToken.create({ data }));
  }

  /** @returns whether there was one */
  async delete(writes: Writes, connectionId: string, id: string): Promise<boolean> {
    const { count } = await writes.scimToken.deleteMany({ where: { connectionId, id } });
    return count > 0;
  }

  /** Whose token has this hash, while its connection is enabled; notes that it is used. */
  async use(tokenHash: string): Promise<Principal | undefined> {
    const row = await this.tables.reads.scimToken.findUnique({
      where: { tokenHash },
      include: { connection: true },
    });
    if (!row || row.connection.disabledAt !== null) return undefined;
    const now = new Date();
    if (row.lastUsedAt === null || now.getTime() - row.lastUsedAt.getTime() > USE_MS)
      await this.tables.reads.scimToken.updateMany({ where: { id: row.id }, data: { lastUsedAt: now } });
    const { organisationId, connectionId, connection } = row;
    // A principal is in a team; this one acts in none.
    const { id: teamId } = await this.tables.reads.team.findFirstOrThrow({
      where: { organisationId, deletedAt: null },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    });
    return {
      kind: 'scim',
      id: connectionId,
      name: `SCIM of ${connection.name}`,
      organisationId,
      teamId,
      tokenId: row.id,
      permissions: [],
    };
  }

  /** Whether a principal’s token still is valid. */
  async isValid(
    { id: connectionId, organisationId, tokenId = '' }: Principal,
    reads: Writes,
  ): Promise<boolean> {
    const row = await reads.scimToken.findFirst({
      where: { id: tokenId, connectionId, organisationId, connection: { disabledAt: null } },
    });
    return row !== null;
  }
}

function shown({ id, createdAt, lastUsedAt }: TokenRow): ScimToken {
  return { id, createdAt: createdAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null };
}
