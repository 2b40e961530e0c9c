import {
  actorOf,
  addGroupMemberRoute,
  createGroup,
  createGroupRoute,
  deleteGroup,
  deleteGroupRoute,
  endSession,
  endSessionRoute,
  getSelf,
  getSelfRoute,
  listGroupMembers,
  listGroupMembersRoute,
  listGroups,
  listGroupsRoute,
  listUserSessions,
  listUserSessionsRoute,
  listUsers,
  listUsersRoute,
  removeGroupMemberRoute,
  setGroupMember,
  updateUser,
  updateUserRoute,
} from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Bus } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';

/** People, their groups, and the sessions of the caller. Auth decides who may read and change them. */
@Controller()
export class PeopleController {
  constructor(private readonly bus: Bus) {}

  @Serve(getSelfRoute)
  self(_input: RouteInput<typeof getSelfRoute>, call: Call): Promise<RouteReply<typeof getSelfRoute>> {
    return this.bus.request(getSelf, { principal: actorOf(call).principal });
  }

  @Serve(listUsersRoute)
  list({ query }: RouteInput<typeof listUsersRoute>, call: Call): Promise<RouteReply<typeof listUsersRoute>> {
    const { search, ...page } = query;
    const { principal } = actorOf(call);
    return this.bus.request(listUsers, { principal, page, ...(search !== undefined && { search }) });
  }

  @Serve(updateUserRoute)
  update(
    { params, body }: RouteInput<typeof updateUserRoute>,
    call: Call,
  ): Promise<RouteReply<typeof updateUserRoute>> {
    return this.bus.request(updateUser, { ...actorOf(call), ...params, ...body });
  }

  @Serve(listGroupsRoute)
  listGroups(
    { query: page }: RouteInput<typeof listGroupsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listGroupsRoute>> {
    return this.bus.request(listGroups, { principal: actorOf(call).principal, page });
  }

  @Serve(createGroupRoute)
  createGroup(
    { body }: RouteInput<typeof createGroupRoute>,
    call: Call,
  ): Promise<RouteReply<typeof createGroupRoute>> {
    return this.bus.request(createGroup, { ...actorOf(call), ...body });
  }

  @Serve(deleteGroupRoute)
  async deleteGroup({ params }: RouteInput<typeof deleteGroupRoute>, call: Call): Promise<void> {
    await this.bus.request(deleteGroup, { ...actorOf(call), ...params });
  }

  @Serve(listGroupMembersRoute)
  members(
    { params, query: page }: RouteInput<typeof listGroupMembersRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listGroupMembersRoute>> {
    return this.bus.request(listGroupMembers, { principal: actorOf(call).principal, ...params, page });
  }

  @Serve(addGroupMemberRoute)
  async addMember({ params }: RouteInput<typeof addGroupMemberRoute>, call: Call): Promise<void> {
    await this.bus.request(setGroupMember, { ...actorOf(call), ...params, isMember: true });
  }

  @Serve(removeGroupMemberRoute)
  async removeMember({ params }: RouteInput<typeof removeGroupMemberRoute>, call: Call): Promise<void> {
    await this.bus.request(setGroupMember, { ...actorOf(call), ...params, isMember: false });
  }

  @Serve(listUserSessionsRoute)
  sessions(
    { query: page }: RouteInput<typeof listUserSessionsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listUserSessionsRoute>> {
    return this.bus.request(listUserSessions, { principal: actorOf(call).principal, page });
  }

  @Serve(endSessionRoute)
  async endSession({ params }: RouteInput<typeof endSessionRoute>, call: Call): Promise<void> {
    await this.bus.request(endSession, { ...actorOf(call), sessionId: params.browserSessionId });
  }
}
