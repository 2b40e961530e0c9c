import { causewayError } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import type { User as UserRow } from '../generated/client.js';
import { RoleStore, type StoredBinding } from '../role.store.js';
import type { Writes } from '../tables.js';

/** Groups and roles of one person, as `GroupStore` and `RoleStore` limit them. */
const MOST_GROUPS = 200;
const MOST_ROLES = 50;

interface NamedGroup {
  readonly id: string;
  readonly name: string;
}

/** What became of the roles and groups of somebody who is now part of another person. */
export interface Moved {
  /** Roles that the other one did not have. */
  readonly given: readonly StoredBinding[];
  /** All roles that the first one had. */
  readonly taken: readonly StoredBinding[];
  /** Groups in which the other one was not. */
  readonly joined: readonly NamedGroup[];
  /** All groups of the first one. */
  readonly left: readonly NamedGroup[];
}

/** People whom SCIM has sent and as whom nobody has signed in: only their groups and roles say that they exist. */
@Injectable()
export class ShellStore {
  constructor(private readonly roles: RoleStore) {}

  /** Whether nobody has signed in as this person, and only this one row of SCIM is about them. */
  async isShell(writes: Writes, userId: string, scimUserId: string): Promise<boolean> {
    const user = await writes.user.findUniqueOrThrow({
      where: { id: userId },
      include: {
        password: true,
        _count: {
          select: {
            identities: true,
            sessions: true,
            apiKeys: true,
            oauthGrants: true,
            memberships: true,
            scimUsers: { where: { id: { not: scimUserId } } },
          },
        },
      },
    });
    return user.password === null && Object.values(user._count).every((count) => count === 0);
  }

  /** Gives the groups and roles of such a person to another one, and removes them. @throws CausewayError LIMIT_REACHED */
  async moveTo(writes: Writes, { id, name }: UserRow, userId: string): Promise<Moved> {
    const groupsOf = (of: string) =>
      writes.groupMember.findMany({
        where: { userId: of },
        include: { group: { select: { id: true, name: true } } },
      });
    const has = new Set((await groupsOf(userId)).map(({ groupId }) => groupId));
    const former = await groupsOf(id);
    const groups = former.filter(({ groupId }) => !has.has(groupId));
    if (has.size + groups.length > MOST_GROUPS)
      throw causewayError('LIMIT_REACHED', { limit: MOST_GROUPS, what: `groups of ${name}` });
    await writes.groupMember.deleteMany({ where: { userId: id } });
    await writes.groupMember.createMany({
      data: groups.map(({ groupId, createdAt }) => ({ groupId, createdAt, userId })),
    });
    const placeOf = (one: { role: string; level: string; objectId: string }): string =>
      `${one.role} ${one.level} ${one.objectId}`;
    const held = new Set((await this.roles.bindingsOf(userId, writes)).map(placeOf));
    const taken = await this.roles.bindingsOf(id, writes);
    const roles = taken.filter((one) => !held.has(placeOf(one)));
    if (held.size + roles.length > MOST_ROLES)
      throw causewayError('LIMIT_REACHED', { limit: MOST_ROLES, what: `roles of ${name}` });
    await writes.roleBinding.updateMany({
      where: { id: { in: roles.map((one) => one.id) } },
      data: { subjectId: userId },
    });
    await writes.roleBinding.deleteMany({ where: { subjectId: id } });
    await writes.user.delete({ where: { id } });
    return {
      given: roles.map((one) => ({ ...one, subject: { ...one.subject, id: userId } })),
      taken,
      joined: groups.map(({ group }) => group),
      left: former.map(({ group }) => group),
    };
  }
}
