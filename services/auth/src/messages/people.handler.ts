import {
  createGroup,
  deleteGroup,
  getSelf,
  listGroupMembers,
  listGroups,
  listUsers,
  setGroupMember,
  updateUser,
} from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Groups } from '../operations/people/groups.js';
import { Selves } from '../operations/people/selves.js';
import { Users } from '../operations/people/users.js';

/** Handles requests about people and their groups. */
@Controller()
export class PeopleHandler {
  constructor(
    private readonly users: Users,
    private readonly groups: Groups,
    private readonly selves: Selves,
  ) {}

  @Handles(listUsers)
  listUsers(input: InputOf<typeof listUsers>): Promise<ReplyOf<typeof listUsers>> {
    return this.users.list(input);
  }

  @Handles(updateUser)
  updateUser(input: InputOf<typeof updateUser>): Promise<ReplyOf<typeof updateUser>> {
    return this.users.update(input);
  }

  @Handles(listGroups)
  listGroups(input: InputOf<typeof listGroups>): Promise<ReplyOf<typeof listGroups>> {
    return this.groups.list(input);
  }

  @Handles(createGroup)
  createGroup(input: InputOf<typeof createGroup>): Promise<ReplyOf<typeof createGroup>> {
    return this.groups.create(input);
  }

  @Handles(deleteGroup)
  async deleteGroup(input: InputOf<typeof deleteGroup>): Promise<ReplyOf<typeof deleteGroup>> {
    await this.groups.delete(input);
    return {};
  }

  @Handles(listGroupMembers)
  members(input: InputOf<typeof listGroupMembers>): Promise<ReplyOf<typeof listGroupMembers>> {
    return this.groups.members(input);
  }

  @Handles(setGroupMember)
  async setMember(input: InputOf<typeof setGroupMember>): Promise<ReplyOf<typeof setGroupMember>> {
    await this.groups.setMember(input);
    return {};
  }

  @Handles(getSelf)
  self(input: InputOf<typeof getSelf>): Promise<ReplyOf<typeof getSelf>> {
    return this.selves.get(input);
  }
}
