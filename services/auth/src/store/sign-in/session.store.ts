import { cutPage } from '@causeway/contracts';
import type { Session } from '@causeway/contracts';
import { Database, type Due, type Queryable, SETTINGS, measureRows, newId } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../../config.js';
import type { Session as SessionRow } from '../generated/client.js';
import { type Page, after, inOrder, keyOf } from '../pages.js';
import { Tables, type Writes } from '../tables.js';

/** Sessions of one person at the same time; a further one ends the one that was not used for the longest time. */
const MOST_SESSIONS = 50;

/** Sessions that could not be used any more at least $1 days ago, also if they ended a little earlier. */
const OLD = `expires_at < clock_timestamp() - make_interval(days => $1)`;

/** A session to begin. */
export type NewSession = Pick<
  SessionRow,
  | 'organisationId'
  | 'userId'
  | 'teamId'
  | 'tokenHash'
  | 'providerSession'
  | 'idToken'
  | 'address'
  | 'userAgent'
> & { readonly connectionId: string | null };

/** A session that ended. */
export type EndedSession = Pick<
  SessionRow,
  'id' | 'organisationId' | 'teamId' | 'userId' | 'connectionId' | 'idToken' | 'tokenHash'
>;

/** Sessions of browsers. */
@Injectable()
export class SessionStore {
  constructor(
    private readonly tables: Tables,
    private readonly database: Database,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'sessionIdleMs' | 'sessionMostMs'>,
  ) {}

  /**
   * Begins a session.
   *
   * @param endsAt  the identity provider's own session ends then
   * @returns       its id, when it expires, and those that ended because there were too many
   */
  async begin(
    writes: Writes,
    session: NewSession,
    endsAt?: Date,
  ): Promise<{ id: string; expiresAt: Date; ended: EndedSession[] }> {
    const now = new Date();
    const usable = await writes.session.findMany({
      where: { userId: session.userId, ...this.isUsable(now) },
      orderBy: [{ lastUsedAt: 'desc' }, { id: 'desc' }],
      select: { id: true },
    });
    const ended = await this.end(
      writes,
      usable.slice(MOST_SESSIONS - 1).map(({ id }) => id),
    );
    const id = newId();
    const mostMs = now.getTime() + this.settings.sessionMostMs;
    const expiresAt = new Date(Math.min(mostMs, endsAt?.getTime() ?? mostMs));
    await writes.session.create({ data: { id, ...session, createdAt: now, lastUsedAt: now, expiresAt } });
    return { id, expiresAt, ended };
  }

  /** Those of a person that can be used, oldest first. @param currentId  the one that the person uses */
  async list(
    userId: string,
    currentId: string | undefined,
    page: Page,
  ): Promise<{ items: Session[]; next?: string }> {
    const rows = await this.tables.reads.session.findMany({
      where: { userId, ...this.isUsable(new Date()), ...after(page) },
      ...inOrder(page),
      include: { connection: true },
    });
    return cutPage(
      rows,
      page.limit,
      (row) => ({
        id: row.id,
        connection: row.connection?.label ?? null,
        address: row.address,
        userAgent: row.userAgent,
        createdAt: row.createdAt.toISOString(),
        lastUsedAt: row.lastUsedAt.toISOString(),
        expiresAt: row.expiresAt.toISOString(),
        isCurrent: row.id === currentId,
      }),
      keyOf,
    );
  }

  /** The ids of sessions that can be used. */
  async usable(
    writes: Writes,
    where: {
      userId?: string;
      /** null: sessions that began with a password. */
      connectionId?: string | null;
      providerSession?: string;
      tokenHash?: string;
      organisationId?: string;
      userIds?: readonly string[];
    },
  ): Promise<string[]> {
    const { userIds, ...same } = where;
    const rows = await writes.session.findMany({
      where: { ...same, ...(userIds && { userId: { in: [...userIds] } }), ...this.isUsable(new Date()) },
      select: { id: true },
    });
    return rows.map(({ id }) => id);
  }

  /** Ends those of these sessions that have not ended. */
  end(writes: Writes, ids: readonly string[]): Promise<EndedSession[]> {
    return writes.session.updateManyAndReturn({
      where: { id: { in: [...ids] }, endedAt: null },
      data: { endedAt: new Date() },
      select: {
        id: true,
        organisationId: true,
        teamId: true,
        userId: true,
        connectionId: true,
        idToken: true,
        tokenHash: true,
      },
    });
  }

  async setTeam(writes: Writes, id: string, teamId: string): Promise<void> {
    await writes.session.update({ where: { id }, data: { teamId } });
  }

  /** Deletes sessions that ended long ago. @returns how many */
  async delete(transaction: Queryable, days: number, atMost: number): Promise<number> {
    const { rowCount } = await transaction.query(
      `DELETE FROM session WHERE id IN (SELECT id FROM session WHERE ${OLD} LIMIT $2)`,
      [days, atMost],
      { name: 'delete-ended-sessions' },
    );
    return rowCount ?? 0;
  }

  measure(days: number): Promise<Due> {
    return measureRows(this.database, {
      table: 'session',
      due: `SELECT FROM session WHERE ${OLD}`,
      values: [days],
      oldest: 'SELECT min(expires_at) AS oldest FROM session WHERE expires_at < clock_timestamp()',
    });
  }

  private isUsable(now: Date) {
    const idleSince = new Date(now.getTime() - this.settings.sessionIdleMs);
    return { endedAt: null, expiresAt: { gt: now }, lastUsedAt: { gt: idleSince } };
  }
}
