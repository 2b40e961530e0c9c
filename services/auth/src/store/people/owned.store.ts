import { permissionsOfRole } from '@causeway/authz';
import type { OAuthClient, Owned } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { known } from '../../domain/known-permissions.js';
import { RoleStore, type StoredBinding } from '../role.store.js';
import { Tables, type Writes } from '../tables.js';
import { MADE_CLIENTS, MADE_KEYS, OWN_KEYS } from './owned.sql.js';

type OwnedKey = Owned['keys'][number];
type Counted<T> = T & { readonly total: bigint };

/** A client that was made with somebody's keys. */
export type MadeClient = Pick<OAuthClient, 'id' | 'name' | 'kind' | 'serviceAccountId'> & {
  readonly permissions: string[];
};

/** Items, of which there may be more. */
export interface Part<T> {
  readonly items: T[];
  readonly total: number;
}

/** Service accounts of a team, as `TeamStore` limits them. */
const MOST_ACCOUNTS = 500;

/** What people own: what they were given themselves, and what was made with their keys. */
@Injectable()
export class OwnedStore {
  constructor(
    private readonly tables: Tables,
    private readonly roles: RoleStore,
  ) {}

  /** Roles that were given to the person and not to a group. */
  bindings(userId: string, reads: Writes = this.tables.reads): Promise<StoredBinding[]> {
    return this.roles.bindingsOf(userId, reads);
  }

  keys(userId: string, most: number, reads: Writes = this.tables.reads): Promise<Part<OwnedKey>> {
    return part<OwnedKey>(reads, OWN_KEYS, userId, most);
  }

  madeKeys(userId: string, most: number, reads: Writes = this.tables.reads): Promise<Part<OwnedKey>> {
    return part<OwnedKey>(reads, MADE_KEYS, userId, most);
  }

  clients(userId: string, most: number, reads: Writes = this.tables.reads): Promise<Part<MadeClient>> {
    return part<MadeClient>(reads, MADE_CLIENTS, userId, most);
  }

  /** How much it is, for an audit event. */
  async totals(userId: string, reads: Writes = this.tables.reads): Promise<Owned['totals']> {
    const roles = await this.bindings(userId, reads);
    const [clients, keys, madeKeys] = [
      await this.clients(userId, 1, reads),
      await this.keys(userId, 1, reads),
      await this.madeKeys(userId, 1, reads),
    ];
    return {
      roles: roles.length,
      clients: clients.total,
      keys: keys.total,
      madeKeys: madeKeys.total,
    };
  }

  grants(userId: string): Promise<number> {
    const where = { userId, endedAt: null, expiresAt: { gt: new Date() } };
    return this.tables.reads.oauthGrant.count({ where });
  }

  groups(userId: string): Promise<{ id: string; name: string }[]> {
    return this.tables.reads.group.findMany({
      where: { members: { some: { userId } } },
      orderBy: [{ name: 'asc' }],
      select: { id: true, name: true },
    });
  }

  /** SCIM tokens that a person made, and whose connections. A connection has two at most. */
  async scimTokens(userId: string): Promise<Owned['scimTokens']> {
    const rows = await this.tables.reads.scimToken.findMany({
      where: { madeByUserId: userId },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      include: { connection: true },
    });
    return rows.map(({ id, connection }) => ({ id, connection: connection.name }));
  }

  async teamNames(ids: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.tables.reads.team.findMany({ where: { id: { in: [...ids] } } });
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  /** Teams in which a person may administer, by a role there, and no other enabled person may. Roles in the whole organisation do not count. */
  async onlyAdministratorOf(organisationId: string, userId: string): Promise<Owned['onlyAdministratorOf']> {
    const grants = await this.roles.grantsOf(organisationId, userId);
    const teamIds = grants
      .filter(({ level, permissions }) => level === 'team' && permissions.includes('member:write'))
      .map(({ objectId }) => objectId);
    if (teamIds.length === 0) return [];
    const custom = await this.tables.reads.role.findMany({ where: { organisationId } });
    const permissionsOf = new Map(custom.map(({ name, permissions }) => [name, known(permissions)]));
    const bindings = await this.tables.reads.roleBinding.findMany({
      where: {
        organisationId,
        level: 'team',
        objectId: { in: teamIds },
        subjectKind: { in: ['user', 'group'] },
        subjectId: { not: userId },
      },
    });
    const administering = bindings.filter(({ role }) =>
      permissionsOfRole(role, permissionsOf.get(role), 'team').includes('member:write'),
    );
    const ids = administering.map(({ subjectId }) => subjectId);
    const isOther = { id: { not: userId }, disabledAt: null };
    const [people, groups] = await Promise.all([
      this.tables.reads.user.findMany({
        where: { AND: [isOther, { id: { in: ids } }] },
        select: { id: true },
      }),
      this.tables.reads.group.findMany({
        where: { id: { in: ids }, members: { some: { user: isOther } } },
        select: { id: true },
      }),
    ]);
    const others = new Set([...people, ...groups].map(({ id }) => id));
    const kept = new Set(
      administering.filter(({ subjectId }) => others.has(subjectId)).map(({ objectId }) => objectId),
    );
    const teams = await this.tables.reads.team.findMany({
      where: { id: { in: teamIds.filter((id) => !kept.has(id)) } },
      orderBy: [{ name: 'asc' }],
      include: {
        serviceAccounts: {
          where: { deletedAt: null },
          select: { name: true },
          orderBy: { name: 'asc' },
          take: MOST_ACCOUNTS,
        },
      },
    });
    return teams.map(({ id, name, serviceAccounts }) => ({
      id,
      name,
      serviceAccounts: serviceAccounts.map((one) => one.name),
    }));
  }
}

/** A client as lists show it. */
export function shownClient({ id, name, kind }: MadeClient): Owned['clients'][number] {
  return { id, name, kind };
}

async function part<T>(reads: Writes, query: string, userId: string, most: number): Promise<Part<T>> {
  const rows = await reads.$queryRawUnsafe<Counted<T>[]>(query, userId, most);
  const items = rows.map(({ total: _total, ...item }) => item as unknown as T);
  return { items, total: Number(rows[0]?.total ?? 0) };
}
