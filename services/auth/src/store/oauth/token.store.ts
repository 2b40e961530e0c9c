import { cutPage } from '@causeway/contracts';
import type { OAuthGrant, Permission } from '@causeway/contracts';
import { Database, type Due, type Queryable, measureRows } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { known } from '../../domain/known-permissions.js';
import type { OauthGrant as GrantRow, OauthToken as TokenRow, Prisma } from '../generated/client.js';
import { type Page, after, inOrder, keyOf } from '../pages.js';
import { Tables, type Writes } from '../tables.js';
import { CONSUME_TOKEN, DELETE_OLD_CONSUMED } from './token.sql.js';

/** Access tokens and codes of one client for one person or account that are valid at the same time. */
export const MOST_TOKENS = 1_000;
/** Used refresh tokens of a grant that are remembered, so that a second use of one is recognised. */
const MOST_CONSUMED = 200;

/** Tokens and grants that could not be used any more at least $1 days ago, also if they ended a little earlier. */
const OLD = `expires_at < clock_timestamp() - make_interval(days => $1)`;

/** What the library keeps of a token or a grant. */
export type Content = Record<string, unknown>;

/** A token to insert. */
export type NewToken = Pick<
  TokenRow,
  'id' | 'tokenHash' | 'kind' | 'organisationId' | 'clientId' | 'grantId' | 'permissions' | 'expiresAt'
> & { readonly content: Content };

/** A grant to insert. */
export type NewGrant = Pick<
  GrantRow,
  'id' | 'organisationId' | 'teamId' | 'userId' | 'clientId' | 'permissions' | 'expiresAt'
> & { readonly content: Content };

/** A stored grant that has not ended. */
export type StoredGrant = Pick<GrantRow, 'id' | 'organisationId' | 'teamId' | 'userId' | 'clientId'> & {
  readonly content: Content;
};

/** Tokens, and the grants from which they follow. */
@Injectable()
export class TokenStore {
  constructor(
    private readonly tables: Tables,
    private readonly database: Database,
  ) {}

  /** What is kept of a token; undefined when there is none of this kind, or its grant has ended. */
  async find(kind: string, tokenHash: string): Promise<Content | undefined> {
    const row = await this.tables.reads.oauthToken.findUnique({
      where: { tokenHash },
      include: { grant: true },
    });
    if (!row || row.kind !== kind || (row.grant !== null && row.grant.endedAt !== null)) return undefined;
    return { ...(row.content as Content), ...(row.consumedAt && { consumed: epoch(row.consumedAt) }) };
  }

  async insertGrant(writes: Writes, grant: NewGrant): Promise<void> {
    const content = grant.content as Prisma.InputJsonObject;
    await writes.oauthGrant.create({ data: { ...grant, content, createdAt: new Date() } });
  }

  async findGrant(id: string, reads: Writes = this.tables.reads): Promise<StoredGrant | undefined> {
    if (!/^[0-9a-f-]{36}$/.test(id)) return undefined;
    const row = await reads.oauthGrant.findUnique({ where: { id } });
    return row && row.endedAt === null ? { ...row, content: row.content as Content } : undefined;
  }

  /**
   * Locks what a token follows from, the client before the grant: neither can end before the transaction does, and no other token is made
   * from it meanwhile, so that limits hold.
   *
   * @returns whether neither has ended
   */
  async hold(writes: Writes, clientId: string, grantId: string | null): Promise<boolean> {
    const lock = grantId === null ? 'for no key update' : 'for key share';
    const clients = await writes.$queryRawUnsafe<object[]>(
      `select from oauth_client where id = $1::uuid ${lock}`,
      clientId,
    );
    if (clients.length === 0 || grantId === null) return clients.length > 0;
    const grants = await writes.$queryRaw<object[]>`
      select from oauth_grant where id = ${grantId}::uuid and ended_at is null for no key update`;
    return grants.length > 0;
  }

  /** Inserts a token, and forgets the oldest used ones of its grant. @returns whether there was room for it */
  async insert(writes: Writes, token: NewToken): Promise<boolean> {
    const { kind, clientId, grantId } = token;
    if (kind !== 'RefreshToken') {
      const same = { clientId, kind, grantId, expiresAt: { gt: new Date() } };
      if ((await writes.oauthToken.count({ where: same })) >= MOST_TOKENS) return false;
    } else if (grantId !== null) {
      await writes.$executeRawUnsafe(DELETE_OLD_CONSUMED, grantId, MOST_CONSUMED);
    }
    const content = token.content as Prisma.InputJsonObject;
    await writes.oauthToken.create({ data: { ...token, content, createdAt: new Date() } });
    return true;
  }

  /** @returns whether nobody had used it before */
  async consume(tokenHash: string): Promise<boolean> {
    return (await this.tables.reads.$executeRawUnsafe(CONSUME_TOKEN, tokenHash)) > 0;
  }

  /** @returns the deleted token, if there was one */
  async delete(
    writes: Writes,
    kind: string,
    tokenHash: string,
  ): Promise<Pick<TokenRow, 'id' | 'organisationId' | 'clientId'> | undefined> {
    const row = await writes.oauthToken.findUnique({ where: { tokenHash } });
    if (!row || row.kind !== kind) return undefined;
    await writes.oauthToken.deleteMany({ where: { tokenHash } });
    return row;
  }

  /** Ends a grant and with it all its tokens. @returns the grant, if it had not ended before */
  async endGrant(writes: Writes, id: string): Promise<GrantRow | undefined> {
    const [row] = await writes.oauthGrant.updateManyAndReturn({
      where: { id, endedAt: null },
      data: { endedAt: new Date() },
    });
    return row;
  }

  /** The grants of a person that have not ended, oldest first. */
  async list(userId: string, page: Page): Promise<{ items: OAuthGrant[]; next?: string }> {
    const rows = await this.tables.reads.oauthGrant.findMany({
      where: { userId, endedAt: null, expiresAt: { gt: new Date() }, ...after(page) },
      ...inOrder(page),
      include: { client: true },
    });
    return cutPage(
      rows,
      page.limit,
      (row) => ({
        id: row.id,
        clientId: row.clientId,
        client: row.client.name,
        teamId: row.teamId,
        permissions: known(row.permissions),
        createdAt: row.createdAt.toISOString(),
        expiresAt: row.expiresAt.toISOString(),
      }),
      keyOf,
    );
  }

  /** How many grants of a person have not ended. Nobody makes another one before the transaction ends. */
  async countGrants(writes: Writes, userId: string): Promise<number> {
    await writes.$queryRaw`select from "user" where id = ${userId}::uuid for no key update`;
    return writes.oauthGrant.count({ where: { userId, endedAt: null, expiresAt: { gt: new Date() } } });
  }

  /** Deletes tokens that expired long ago. @returns how many */
  async deleteOldTokens(transaction: Queryable, days: number, atMost: number): Promise<number> {
    const { rowCount } = await transaction.query(
      `DELETE FROM oauth_token WHERE id IN (SELECT id FROM oauth_token WHERE ${OLD} LIMIT $2)`,
      [days, atMost],
      { name: 'delete-ended-tokens' },
    );
    return rowCount ?? 0;
  }

  /** Deletes grants that expired long ago and have no tokens any more. @returns how many */
  async deleteOldGrants(transaction: Queryable, days: number, atMost: number): Promise<number> {
    const { rowCount } = await transaction.query(
      `DELETE FROM oauth_grant WHERE id IN (SELECT id FROM oauth_grant g WHERE ${OLD}
         AND NOT EXISTS (SELECT FROM oauth_token t WHERE t.grant_id = g.id) LIMIT $2)`,
      [days, atMost],
      { name: 'delete-ended-grants' },
    );
    return rowCount ?? 0;
  }

  measure(table: 'oauth_token' | 'oauth_grant', days: number): Promise<Due> {
    return measureRows(this.database, {
      table,
      due: `SELECT FROM ${table} WHERE ${OLD}`,
      values: [days],
      oldest: `SELECT min(expires_at) AS oldest FROM ${table} WHERE expires_at < clock_timestamp()`,
    });
  }
}

/** What tokens with this scope allow. */
export function permissionsOf(scope: unknown): Permission[] {
  return typeof scope === 'string' ? known(scope.split(' ')) : [];
}

function epoch(at: Date): number {
  return Math.floor(at.getTime() / 1_000);
}
