import { causewayError } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { Narrowed } from '../../domain/scim/narrow.js';
import type { Draft } from '../../domain/scim/take-value.js';
import type { ScimUser as ScimUserRow, User as UserRow } from '../generated/client.js';
import { Tables, type Writes } from '../tables.js';
import { type Slice, conditionOf, inOrder, isId } from './columns.js';

/** A person as an identity provider has sent them, with who they are here. */
export type ScimPerson = ScimUserRow & { readonly user: UserRow };

/** A group of a person, as SCIM names it. */
export interface GroupOfPerson {
  readonly value: string;
  readonly display: string;
}

/** What is stored of a person. */
export interface PersonColumns {
  readonly externalId: string | null;
  readonly userName: string;
  /** Without `externalId` and `active`. */
  readonly content: Draft;
  readonly disabledAt: Date | null;
}

const withUser = { user: true } as const;

/** People whom identity providers have sent. */
@Injectable()
export class ScimUserStore {
  constructor(private readonly tables: Tables) {}

  count(connectionId: string, narrow?: Narrowed): Promise<number> {
    return this.tables.reads.scimUser.count({ where: where(connectionId, narrow) });
  }

  list(connectionId: string, narrow: Narrowed | undefined, slice: Slice): Promise<ScimPerson[]> {
    return this.tables.reads.scimUser.findMany({
      where: where(connectionId, narrow),
      ...inOrder(slice),
      include: withUser,
    });
  }

  /** @throws CausewayError SCIM_UNKNOWN */
  async get(connectionId: string, id: string, reads: Writes = this.tables.reads): Promise<ScimPerson> {
    const row = isId(id)
      ? await reads.scimUser.findFirst({ where: { connectionId, id, deletedAt: null }, include: withUser })
      : null;
    if (!row) throw causewayError('SCIM_UNKNOWN', { what: 'User', id });
    return row;
  }

  /** By what the provider calls the person; also one who was deleted there. */
  findByExternalId(
    connectionId: string,
    externalId: string,
    reads: Writes = this.tables.reads,
  ): Promise<ScimPerson | null> {
    return reads.scimUser.findUnique({
      where: { connectionId_externalId: { connectionId, externalId } },
      include: withUser,
    });
  }

  findByUser(connectionId: string, userId: string, reads: Writes): Promise<ScimUserRow | null> {
    return reads.scimUser.findUnique({ where: { connectionId_userId: { connectionId, userId } } });
  }

  /** @throws CausewayError SCIM_TAKEN when somebody else of the connection has the name */
  async checkName(writes: Writes, connectionId: string, userName: string, ownId?: string): Promise<void> {
    const same = await writes.scimUser.findFirst({
      where: { connectionId, userNameKey: userName.toLowerCase(), deletedAt: null },
    });
    if (same && same.id !== ownId)
      throw causewayError('SCIM_TAKEN', { what: 'User', attribute: 'userName', value: userName });
  }

  async insert(
    writes: Writes,
    { id: connectionId, organisationId }: { readonly id: string; readonly organisationId: string },
    userId: string,
    columns: PersonColumns,
  ): Promise<ScimPerson> {
    const now = new Date();
    const data = {
      id: newId(),
      organisationId,
      connectionId,
      userId,
      ...stored(columns),
      createdAt: now,
      updatedAt: now,
    };
    return writes.scimUser.create({ data, include: withUser });
  }

  async update(writes: Writes, id: string, columns: PersonColumns): Promise<ScimPerson> {
    const data = { ...stored(columns), updatedAt: new Date() };
    return writes.scimUser.update({ where: { id }, data, include: withUser });
  }

  /** SCIM does not show the person any more, also not as a member of groups. @returns the groups that they left */
  async hide(
    writes: Writes,
    { id, userId, connectionId }: ScimUserRow,
    disabledAt: Date | null,
  ): Promise<{ id: string; name: string }[]> {
    const now = new Date();
    await writes.scimUser.update({ where: { id }, data: { deletedAt: now, updatedAt: now, disabledAt } });
    const left = await writes.group.findMany({
      where: { connectionId, members: { some: { userId } } },
      orderBy: { name: 'asc' },
      select: { id: true, name: true },
    });
    await writes.groupMember.deleteMany({ where: { userId, group: { connectionId } } });
    return left;
  }

  async delete(writes: Writes, id: string): Promise<void> {
    await writes.scimUser.delete({ where: { id } });
  }

  async setDisabled(writes: Writes, id: string, disabledAt: Date | null): Promise<ScimPerson> {
    return writes.scimUser.update({ where: { id }, data: { disabledAt }, include: withUser });
  }

  /** From then on the row is about another person. */
  async setUser(writes: Writes, id: string, userId: string): Promise<ScimPerson> {
    return writes.scimUser.update({
      where: { id },
      data: { userId, updatedAt: new Date() },
      include: withUser,
    });
  }

  /** The groups of people that SCIM has sent, by the id of the person here. */
  async groupsOf(
    connectionId: string,
    userIds: readonly string[],
    reads: Writes = this.tables.reads,
  ): Promise<Map<string, GroupOfPerson[]>> {
    const rows = await reads.groupMember.findMany({
      where: { userId: { in: [...userIds] }, group: { scim: { connectionId } } },
      include: { group: { include: { scim: true } } },
      orderBy: [{ userId: 'asc' }, { groupId: 'asc' }],
    });
    const groups = new Map<string, GroupOfPerson[]>();
    for (const { userId, group } of rows) {
      const one = { value: group.scim?.id ?? '', display: group.claimValue ?? group.name };
      groups.set(userId, [...(groups.get(userId) ?? []), one]);
    }
    return groups;
  }

  /**
   * The person who has signed in by a connection with this id, as its claim for SCIM says it.
   *
   * @param isSubject  whether that claim is the subject, which is known of people who signed in before the claim was noted too
   * @returns          more than one when the claim does not tell people apart
   */
  async findSignedIn(
    writes: Writes,
    connectionId: string,
    externalId: string,
    isSubject: boolean,
  ): Promise<string[]> {
    const rows = await writes.identity.findMany({
      where: {
        connectionId,
        OR: [{ scimId: externalId }, ...(isSubject ? [{ scimId: null, subject: externalId }] : [])],
      },
      distinct: ['userId'],
      take: 2,
    });
    return rows.map(({ userId }) => userId);
  }
}

function where(connectionId: string, narrow: Narrowed | undefined) {
  return { connectionId, deletedAt: null, ...conditionOf(narrow, (userNameKey) => ({ userNameKey })) };
}

function stored({ externalId, userName, content, disabledAt }: PersonColumns) {
  return { externalId, userNameKey: userName.toLowerCase(), content, disabledAt };
}
