import { causewayError } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import type { User as UserRow } from '../generated/client.js';
import type { Writes } from '../tables.js';

/** Groups and roles of one person, as `GroupStore` and `RoleStore` limit them. */
const MOST_GROUPS = 200;
const MOST_ROLES = 50;

/** People whom SCIM has sent and as whom nobody has signed in: only their groups and roles say that they exist. */
@Injectable()
export class ShellStore {
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
  async moveTo(writes: Writes, { id, name }: UserRow, userId: string): Promise<void> {
    const groupsOf = (of: string) => writes.groupMember.findMany({ where: { userId: of } });
    const rolesOf = (of: string) => writes.roleBinding.findMany({ where: { subjectId: of } });
    const has = new Set((await groupsOf(userId)).map(({ groupId }) => groupId));
    const groups = (await groupsOf(id)).filter(({ groupId }) => !has.has(groupId));
    if (has.size + groups.length > MOST_GROUPS)
      throw causewayError('LIMIT_REACHED', { limit: MOST_GROUPS, what: `groups of ${name}` });
    await writes.groupMember.deleteMany({ where: { userId: id } });
    await writes.groupMember.createMany({ data: groups.map((one) => ({ ...one, userId })) });
    const placeOf = (one: { role: string; level: string; objectId: string }): string =>
      `${one.role} ${one.level} ${one.objectId}`;
    const held = new Set((await rolesOf(userId)).map(placeOf));
    const roles = (await rolesOf(id)).filter((one) => !held.has(placeOf(one)));
    if (held.size + roles.length > MOST_ROLES)
      throw causewayError('LIMIT_REACHED', { limit: MOST_ROLES, what: `roles of ${name}` });
    await writes.roleBinding.updateMany({
      where: { id: { in: roles.map((one) => one.id) } },
      data: { subjectId: userId },
    });
    await writes.roleBinding.deleteMany({ where: { subjectId: id } });
    await writes.user.delete({ where: { id } });
  }
}
