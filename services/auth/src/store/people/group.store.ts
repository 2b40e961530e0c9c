import { causewayError, cutPage } from '@causeway/contracts';
import type { Group, User } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { type Page, after, inOrder, keyOf } from '../pages.js';
import { Tables, type Writes } from '../tables.js';
import { userOf } from './user.store.js';

const MOST_GROUPS = 1_000;
/** Groups of one person, and so of what a claim may name. */
const MOST_GROUPS_OF_ONE = 200;

const withMembers = { connection: true, _count: { select: { members: true } } } as const;

interface GroupRow {
  readonly id: string;
  readonly name: string;
  readonly claimValue: string | null;
  readonly createdAt: Date;
  readonly connection: { readonly name: string } | null;
  readonly _count: { readonly members: number };
}

/** Groups, and who is in them. */
@Injectable()
export class GroupStore {
  constructor(private readonly tables: Tables) {}

  async list(organisationId: string, page: Page): Promise<{ items: Group[]; next?: string }> {
    const rows = await this.tables.reads.group.findMany({
      where: { organisationId, ...after(page) },
      ...inOrder(page),
      include: withMembers,
    });
    return cutPage(rows, page.limit, groupOf, keyOf);
  }

  async find(
    organisationId: string,
    id: string,
    reads: Writes = this.tables.reads,
  ): Promise<Group | undefined> {
    const row = await reads.group.findFirst({ where: { organisationId, id }, include: withMembers });
    return row ? groupOf(row) : undefined;
  }

  /** @throws CausewayError GROUP_TAKEN, GROUP_CLAIM_TAKEN, LIMIT_REACHED */
  async insert(
    writes: Writes,
    organisationId: string,
    name: string,
    claim?: { readonly connection: { readonly id: string; readonly name: string }; readonly value: string },
  ): Promise<Group> {
    if ((await writes.group.count({ where: { organisationId } })) >= MOST_GROUPS)
      throw causewayError('LIMIT_REACHED', { limit: MOST_GROUPS, what: 'groups' });
    if (await writes.group.findFirst({ where: { organisationId, name } }))
      throw causewayError('GROUP_TAKEN', { name });
    const source = claim && { connectionId: claim.connection.id, claimValue: claim.value };
    const same = source && (await writes.group.findFirst({ where: source }));
    if (claim && same) {
      const { name: connection } = claim.connection;
      throw causewayError('GROUP_CLAIM_TAKEN', { name: same.name, claimValue: claim.value, connection });
    }
    const data = { id: newId(), organisationId, name, ...source, createdAt: new Date() };
    return groupOf(await writes.group.create({ data, include: withMembers }));
  }

  /** Removes a group; its members leave it. */
  async delete(writes: Writes, id: string): Promise<void> {
    await writes.roleBinding.deleteMany({ where: { subjectId: id } });
    await writes.group.delete({ where: { id } });
  }

  async members(groupId: string, page: Page): Promise<{ items: User[]; next?: string }> {
    const rows = await this.tables.reads.user.findMany({
      where: { groups: { some: { groupId } }, ...after(page) },
      ...inOrder(page),
    });
    return cutPage(rows, page.limit, userOf, keyOf);
  }

  /** @returns whether it was not so already. @throws CausewayError LIMIT_REACHED */
  async setMember(writes: Writes, groupId: string, userId: string, isMember: boolean): Promise<boolean> {
    const id = { groupId_userId: { groupId, userId } };
    const was = (await writes.groupMember.findUnique({ where: id })) !== null;
    if (was === isMember) return false;
    if (!isMember) {
      await writes.groupMember.delete({ where: id });
      return true;
    }
    if ((await writes.groupMember.count({ where: { userId } })) >= MOST_GROUPS_OF_ONE)
      throw causewayError('LIMIT_REACHED', { limit: MOST_GROUPS_OF_ONE, what: 'groups of this person' });
    await writes.groupMember.create({ data: { groupId, userId, createdAt: new Date() } });
    return true;
  }

  /** Makes a person a member of those groups of a connection that its identity provider names, and of no others of it; SCIM's groups stay as SCIM says. @returns the names of those that changed */
  async setNamed(
    writes: Writes,
    connectionId: string,
    userId: string,
    claimValues: readonly string[],
  ): Promise<{ joined: string[]; left: string[] }> {
    const wanted = await writes.group.findMany({
      where: { connectionId, claimValue: { in: [...claimValues] }, scim: null },
      orderBy: { name: 'asc' },
      take: MOST_GROUPS_OF_ONE,
    });
    const former = await writes.group.findMany({
      where: { connectionId, members: { some: { userId } }, scim: null },
    });
    const isWanted = new Set(wanted.map(({ id }) => id));
    const wasMember = new Set(former.map(({ id }) => id));
    const joined = wanted.filter(({ id }) => !wasMember.has(id));
    const left = former.filter(({ id }) => !isWanted.has(id));
    await writes.groupMember.deleteMany({ where: { userId, groupId: { in: left.map(({ id }) => id) } } });
    const data = joined.map(({ id: groupId }) => ({ groupId, userId, createdAt: new Date() }));
    await writes.groupMember.createMany({ data });
    const names = (groups: typeof wanted): string[] => groups.map(({ name }) => name);
    return { joined: names(joined), left: names(left) };
  }
}

function groupOf({ id, name, claimValue, createdAt, connection, _count }: GroupRow): Group {
  return {
    id,
    name,
    connection: connection?.name ?? null,
    claimValue,
    members: _count.members,
    createdAt: createdAt.toISOString(),
  };
}
