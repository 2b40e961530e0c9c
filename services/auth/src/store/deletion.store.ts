import { Database, type Due, type Queryable, measureRows } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OauthGrant as GrantRow } from './generated/client.js';
import { BarredStore, type Deletion } from './people/barred.store.js';
import type { Writes } from './tables.js';

/** What a person is called who was deleted. */
export const DELETED_PERSON = 'deleted person';

/** Whose keys, accounts and roles end. */
export interface Ending {
  readonly userId?: string;
  readonly accountIds?: readonly string[];
  readonly teamId?: string;
}

interface NamedRow {
  readonly id: string;
  readonly name: string;
}

/** A program that ended, and the team of its account. */
export type EndedClient = NamedRow & { readonly teamId: string | undefined };

/** A grant that ended before its time. */
export type EndedGrant = Pick<GrantRow, 'id' | 'organisationId' | 'teamId' | 'userId' | 'clientId'>;

/** What ended with something else, and is told of. */
export interface Ended {
  readonly accounts?: readonly (NamedRow & { readonly teamId: string })[];
  readonly clients?: readonly EndedClient[];
  readonly grants?: readonly EndedGrant[];
  readonly invitations?: readonly NamedRow[];
  readonly groups?: readonly NamedRow[];
  readonly hadPassword?: boolean;
}

/** Tables whose rows stay, marked as deleted, while others refer to them. Accounts before the teams that have them. */
const MARKED = {
  service_account: `not exists (select from api_key k where k.service_account_id = x.id)
    and not exists (select from oauth_client c where c.service_account_id = x.id)`,
  user: `not exists (select from api_key k where k.user_id = x.id or k.made_by_user_id = x.id)
    and not exists (select from oauth_client c where c.made_by_user_id = x.id)
    and not exists (select from identity i where i.user_id = x.id) and not exists (select from scim_user p where p.user_id = x.id)
    and not exists (select from session o where o.user_id = x.id) and not exists (select from oauth_grant g where g.user_id = x.id)
    and not exists (select from group_member gm where gm.user_id = x.id) and not exists (select from password w where w.user_id = x.id)
    and not exists (select from membership m where m.user_id = x.id)`,
  team: `not exists (select from api_key k where k.team_id = x.id) and not exists (select from service_account s where s.team_id = x.id)
    and not exists (select from "user" u where u.team_id = x.id) and not exists (select from membership m where m.team_id = x.id)`,
} as const;

/** A table of marked rows. */
export type MarkedTable = keyof typeof MARKED;

/** The statements that end what belongs to a person, an account or a team. Their roles are taken away with an audit event each. */
@Injectable()
export class DeletionStore {
  constructor(
    private readonly database: Database,
    private readonly barred: BarredStore,
  ) {}

  /** The keys that must be revoked: those that are not, and every key that was made with one of them. */
  async keys(writes: Writes, { userId, accountIds = [], teamId }: Ending): Promise<string[]> {
    const rows = await writes.$queryRaw<{ id: string }[]>`
      with recursive tree as (
        select id from api_key
        where (user_id = ${userId ?? null}::uuid or made_by_user_id = ${userId ?? null}::uuid or service_account_id = any(${[...accountIds]}::uuid[]) or team_id = ${teamId ?? null}::uuid)
          and revoked_at is null
        union
        select k.id from api_key k join tree t on k.made_by_id = t.id where k.revoked_at is null
      )
      select id::text from api_key where id in (select id from tree) order by id for update`;
    return rows.map(({ id }) => id);
  }

  /** Takes away programs and marks service accounts as deleted. */
  async endAccounts(writes: Writes, ids: readonly string[], at: Date): Promise<Ended> {
    const id = { in: [...ids] };
    const clients = await this.endClients(writes, { serviceAccountId: id });
    const accounts = await writes.serviceAccount.updateManyAndReturn({
      where: { id },
      data: { disabledAt: at, deletedAt: at },
      select: { id: true, name: true, teamId: true },
    });
    return { clients, accounts };
  }

  /**
   * Removes what is known of a person, who does not come back by their connections. Their row stays, without anything personal, while ended
   * keys refer to it.
   *
   * @returns the names of those connections, and what ended; sessions are none of it, since they ended when the person was disabled
   */
  async endUser(
    writes: Writes,
    { organisationId, id }: { organisationId: string; id: string },
    deletion: Deletion,
  ): Promise<Ended & { readonly barredFrom: readonly string[] }> {
    const userId = id;
    const { at } = deletion;
    const barredFrom = await this.barred.bar(writes, organisationId, userId, deletion);
    const groups = await writes.group.findMany({
      where: { members: { some: { userId } } },
      select: { id: true, name: true },
    });
    await writes.groupMember.deleteMany({ where: { userId } });
    await writes.identity.deleteMany({ where: { userId } });
    await writes.scimUser.deleteMany({ where: { userId } });
    const passwords = await writes.password.deleteMany({ where: { userId } });
    await writes.session.deleteMany({ where: { userId } });
    // Those of other people end too, with the programs that this one made.
    const grants = await writes.oauthGrant.findMany({
      where: { OR: [{ userId }, { client: { madeByUserId: userId } }], endedAt: null, expiresAt: { gt: at } },
    });
    await writes.oauthGrant.deleteMany({ where: { userId } });
    const clients = await this.endClients(writes, { madeByUserId: userId });
    await writes.membership.deleteMany({ where: { userId } });
    await writes.user.update({
      where: { id },
      data: { name: DELETED_PERSON, email: null, lastSignInAt: null, disabledAt: at, deletedAt: at },
    });
    return { barredFrom, groups, grants, clients, hadPassword: passwords.count > 0 };
  }

  /** Ends what holds in a team, except its roles, and gives its people another one to work in. */
  async endTeam(
    writes: Writes,
    { organisationId, teamId, otherId }: { organisationId: string; teamId: string; otherId: string },
    at: Date,
  ): Promise<Ended> {
    const inTeam = { organisationId, OR: [{ teamId }, { level: 'team', objectId: teamId }] };
    const invitations = await writes.invitation.findMany({ where: { ...inTeam, expiresAt: { gt: at } } });
    await writes.invitation.deleteMany({ where: inTeam });
    const grants = await writes.oauthGrant.updateManyAndReturn({
      where: { teamId, endedAt: null },
      data: { endedAt: at },
    });
    await writes.membership.deleteMany({ where: { teamId } });
    await writes.session.updateMany({ where: { teamId }, data: { teamId: otherId } });
    await writes.user.updateMany({ where: { teamId }, data: { teamId: otherId } });
    await writes.team.update({ where: { id: teamId }, data: { deletedAt: at } });
    return { invitations, grants: grants.filter(({ expiresAt }) => expiresAt > at) };
  }

  private async endClients(
    writes: Writes,
    where: { readonly serviceAccountId?: { in: string[] }; readonly madeByUserId?: string },
  ): Promise<EndedClient[]> {
    const rows = await writes.oauthClient.findMany({ where, include: { serviceAccount: true } });
    await writes.oauthClient.deleteMany({ where });
    return rows.map(({ id, name, serviceAccount }) => ({ id, name, teamId: serviceAccount?.teamId }));
  }

  /** Deletes rows that are marked as deleted and to which no other one refers any more. @returns how many */
  async deleteMarked(
    transaction: Queryable,
    table: MarkedTable,
    days: number,
    atMost: number,
  ): Promise<number> {
    const { rowCount } = await transaction.query(
      `DELETE FROM "${table}" WHERE id IN (SELECT id FROM "${table}" x WHERE ${dueSql(table)} LIMIT $2)`,
      [days, atMost],
      { name: `delete-marked-${table}` },
    );
    return rowCount ?? 0;
  }

  measure(table: MarkedTable, days: number): Promise<Due> {
    return measureRows(this.database, {
      table,
      due: `SELECT FROM "${table}" x WHERE ${dueSql(table)}`,
      values: [days],
      oldest: `SELECT min(deleted_at) AS oldest FROM "${table}" WHERE deleted_at IS NOT NULL`,
    });
  }
}

function dueSql(table: MarkedTable): string {
  return `x.deleted_at < clock_timestamp() - make_interval(days => $1) and ${MARKED[table]}`;
}
