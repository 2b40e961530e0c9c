import { causewayError } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { Narrowed } from '../../domain/scim/narrow.js';
import type { Group as GroupRow, ScimGroup as ScimGroupRow } from '../generated/client.js';
import { Tables, type Writes } from '../tables.js';
import { type Slice, conditionOf, inOrder, isId } from './columns.js';

/** A group that an identity provider has sent. */
export type SentGroup = ScimGroupRow & { readonly group: GroupRow };

/** A member of a group that SCIM shows. */
export interface SentMember {
  /** SCIM's id. */
  readonly id: string;
  readonly userId: string;
  readonly name: string;
}

/** Groups that one person may be in, as `GroupStore` limits them. */
const MOST_GROUPS_OF_ONE = 200;

/** Groups whose members identity providers name by SCIM. */
@Injectable()
export class ScimGroupStore {
  constructor(private readonly tables: Tables) {}

  count(connectionId: string, narrow?: Narrowed): Promise<number> {
    return this.tables.reads.scimGroup.count({ where: where(connectionId, narrow) });
  }

  list(connectionId: string, narrow: Narrowed | undefined, slice: Slice): Promise<SentGroup[]> {
    return this.tables.reads.scimGroup.findMany({
      where: where(connectionId, narrow),
      ...inOrder(slice),
      include: { group: true },
    });
  }

  /** @throws CausewayError SCIM_UNKNOWN */
  async get(connectionId: string, id: string, reads: Writes = this.tables.reads): Promise<SentGroup> {
    const row = isId(id)
      ? await reads.scimGroup.findFirst({ where: { connectionId, id }, include: { group: true } })
      : null;
    if (!row) throw causewayError('SCIM_UNKNOWN', { what: 'Group', id });
    return row;
  }

  /** The group of a connection that stands for a name there, whoever made it. */
  findByName(writes: Writes, connectionId: string, claimValue: string) {
    return writes.group.findUnique({
      where: { connectionId_claimValue: { connectionId, claimValue } },
      include: { scim: true },
    });
  }

  /** From then on SCIM names the members of a group. */
  insert(
    writes: Writes,
    { id: connectionId, organisationId }: { readonly id: string; readonly organisationId: string },
    groupId: string,
    externalId: string | null,
  ): Promise<SentGroup> {
    const now = new Date();
    const data = {
      id: newId(),
      organisationId,
      connectionId,
      groupId,
      externalId,
      createdAt: now,
      updatedAt: now,
    };
    return writes.scimGroup.create({ data, include: { group: true } });
  }

  async update(
    writes: Writes,
    { id, groupId }: ScimGroupRow,
    { externalId, ...ofGroup }: { externalId: string | null; claimValue: string; name: string },
  ): Promise<SentGroup> {
    await writes.group.update({ where: { id: groupId }, data: ofGroup });
    const data = { externalId, updatedAt: new Date() };
    return writes.scimGroup.update({ where: { id }, data, include: { group: true } });
  }

  /** How many members these groups have together. */
  countMembers(groupIds: readonly string[]): Promise<number> {
    return this.tables.reads.groupMember.count({ where: { groupId: { in: [...groupIds] } } });
  }

  /** The members that SCIM shows, by the id of the group here. */
  async membersOf(
    connectionId: string,
    groupIds: readonly string[],
    reads: Writes = this.tables.reads,
  ): Promise<Map<string, SentMember[]>> {
    const rows = await reads.groupMember.findMany({
      where: {
        groupId: { in: [...groupIds] },
        user: { scimUsers: { some: { connectionId, deletedAt: null } } },
      },
      include: { user: { include: { scimUsers: { where: { connectionId, deletedAt: null } } } } },
      orderBy: [{ groupId: 'asc' }, { createdAt: 'asc' }, { userId: 'asc' }],
    });
    const members = new Map<string, SentMember[]>(groupIds.map((id) => [id, []]));
    for (const { groupId, userId, user } of rows)
      members.get(groupId)?.push({ id: user.scimUsers[0]?.id ?? '', userId, name: user.name });
    return members;
  }

  /**
   * Makes exactly these people of a connection the members of a group; ids that are nobody's are left out.
   *
   * @param scimIds  SCIM's ids
   * @throws CausewayError LIMIT_REACHED
   */
  async setMembers(
    writes: Writes,
    connectionId: string,
    groupId: string,
    scimIds: readonly string[],
  ): Promise<{ joined: { id: string; name: string }[]; left: { id: string; name: string }[] }> {
    const wanted = await writes.scimUser.findMany({
      where: { connectionId, deletedAt: null, id: { in: scimIds.filter(isId) } },
      include: { user: { select: { id: true, name: true } } },
    });
    const former = await writes.groupMember.findMany({
      where: { groupId },
      include: { user: { select: { id: true, name: true } } },
    });
    const isWanted = new Set(wanted.map(({ userId }) => userId));
    const wasMember = new Set(former.map(({ userId }) => userId));
    const joined = wanted.filter(({ userId }) => !wasMember.has(userId)).map(({ user }) => user);
    const left = former.filter(({ userId }) => !isWanted.has(userId)).map(({ user }) => user);
    await this.checkGroupsOf(writes, joined);
    await writes.groupMember.deleteMany({ where: { groupId, userId: { in: left.map(({ id }) => id) } } });
    const createdAt = new Date();
    await writes.groupMember.createMany({
      data: joined.map(({ id: userId }) => ({ groupId, userId, createdAt })),
    });
    return { joined, left };
  }

  private async checkGroupsOf(
    writes: Writes,
    people: readonly { id: string; name: string }[],
  ): Promise<void> {
    const counts = await writes.groupMember.groupBy({
      by: ['userId'],
      where: { userId: { in: people.map(({ id }) => id) } },
      _count: true,
    });
    const full = counts.find(({ _count }) => _count >= MOST_GROUPS_OF_ONE);
    const person = people.find(({ id }) => id === full?.userId);
    if (person)
      throw causewayError('LIMIT_REACHED', { limit: MOST_GROUPS_OF_ONE, what: `groups of ${person.name}` });
  }
}

function where(connectionId: string, narrow: Narrowed | undefined) {
  const byName = (name: string) => ({
    group: { claimValue: { equals: name, mode: 'insensitive' as const } },
  });
  return { connectionId, ...conditionOf(narrow, byName) };
}
