import { authorizeAt } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type {
  Group,
  InputOf,
  Principal,
  ReplyOf,
  createGroup,
  deleteGroup,
  listGroupMembers,
  listGroups,
  setGroupMember,
} from '@causeway/contracts';
import type { JsonObject } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import { GroupStore } from '../../store/people/group.store.js';
import { UserStore } from '../../store/people/user.store.js';
import { RoleStore } from '../../store/role.store.js';
import { ConnectionStore } from '../../store/sign-in/connection.store.js';
import type { Writes } from '../../store/tables.js';
import { accessEvent } from '../access-event.js';
import { Changing } from '../changing.js';
import { checkMayGiveAll } from '../check-may-give.js';
import { checkMaySeePeople } from './users.js';

/** Groups of people: those that are made here, and those of identity providers. */
@Injectable()
export class Groups {
  constructor(
    private readonly changing: Changing,
    private readonly store: GroupStore,
    private readonly users: UserStore,
    private readonly roles: RoleStore,
    private readonly connections: ConnectionStore,
  ) {}

  async list(input: InputOf<typeof listGroups>): Promise<ReplyOf<typeof listGroups>> {
    const principal = await this.changing.fresh(input.principal);
    checkMaySeePeople(principal);
    return this.store.list(principal.organisationId, input.page);
  }

  async members(input: InputOf<typeof listGroupMembers>): Promise<ReplyOf<typeof listGroupMembers>> {
    const principal = await this.changing.fresh(input.principal);
    checkMaySeePeople(principal);
    const { id } = await this.get(principal, input.groupId);
    return this.store.members(id, input.page);
  }

  create(input: InputOf<typeof createGroup>): Promise<Group> {
    return this.changing.change(input, async (writes, actor) => {
      const { organisationId } = actor.principal;
      authorizeAt(actor.principal, 'member:write', { organisationId });
      const claim = await this.findClaim(organisationId, input, writes);
      const group = await this.store.insert(writes, organisationId, input.name, claim);
      const { connection, claimValue } = group;
      const detail: JsonObject = connection === null ? {} : { connection, claimValue };
      return { result: group, events: [accessEvent(actor, 'group.create', objectOf(group), detail)] };
    });
  }

  async delete(input: InputOf<typeof deleteGroup>): Promise<void> {
    await this.changing.changeAccess(input, async (writes, actor) => {
      const group = await this.changeable(actor.principal, input.groupId, writes);
      await this.store.delete(writes, group.id);
      const detail = { members: group.members };
      return { result: undefined, events: [accessEvent(actor, 'group.delete', objectOf(group), detail)] };
    });
  }

  async setMember({ userId, isMember, ...input }: InputOf<typeof setGroupMember>): Promise<void> {
    await this.changing.changeAccess(input, async (writes, actor) => {
      const { organisationId } = actor.principal;
      const group = await this.changeable(actor.principal, input.groupId, writes);
      const { connection, name } = group;
      if (connection !== null) throw causewayError('GROUP_OF_CONNECTION', { connection, name });
      const user = await this.users.find(organisationId, userId, writes);
      if (!user) throw causewayError('USER_UNKNOWN', { userId });
      const isChanged = await this.store.setMember(writes, group.id, user.id, isMember);
      if (!isChanged) return { result: undefined, events: [] };
      const action = isMember ? 'group_member.create' : 'group_member.delete';
      const detail = { user: { id: user.id, name: user.name } };
      return { result: undefined, events: [accessEvent(actor, action, objectOf(group), detail)] };
    });
  }

  /** A group that the caller may change: with all permissions that its roles give. */
  private async changeable(principal: Principal, groupId: string, writes: Writes): Promise<Group> {
    const { organisationId } = principal;
    authorizeAt(principal, 'member:write', { organisationId });
    const group = await this.get(principal, groupId, writes);
    checkMayGiveAll(principal, await this.roles.grantsOf(organisationId, groupId, writes));
    return group;
  }

  private async findClaim(
    organisationId: string,
    { name, connection: named, claimValue }: InputOf<typeof createGroup>,
    writes: Writes,
  ) {
    if (named === undefined) {
      if (claimValue === undefined) return undefined;
      throw causewayError('REQUEST_INVALID', { problems: 'claimValue: give it with a connection' });
    }
    const connection = await this.connections.find(named, writes);
    if (connection?.organisationId !== organisationId)
      throw causewayError('CONNECTION_UNKNOWN', { connection: named });
    return { connection, value: claimValue ?? name };
  }

  private async get({ organisationId }: Principal, groupId: string, reads?: Writes): Promise<Group> {
    const group = await this.store.find(organisationId, groupId, reads);
    if (!group) throw causewayError('GROUP_UNKNOWN', { groupId });
    return group;
  }
}

function objectOf({ id, name }: Group) {
  return { type: 'group', id, name };
}
