import {
  actorOf,
  causewayError,
  createRoleBinding,
  createRoleBindingRoute,
  deleteRole,
  deleteRoleBinding,
  deleteRoleBindingRoute,
  deleteRoleRoute,
  explainAccess,
  explainAccessRoute,
  listRoleBindings,
  listRoleBindingsRoute,
  listRoles,
  listRolesRoute,
  putRole,
  putRoleRoute,
} from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Bus } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { parsePermissions } from './body/key-body.js';
import type { Call } from './door/call.js';
import { Serve } from './door/serve.js';

/** Roles, who has them, and what they allow. Auth decides who may read and change them. */
@Controller()
export class RolesController {
  constructor(private readonly bus: Bus) {}

  @Serve(listRolesRoute)
  async list(
    _input: RouteInput<typeof listRolesRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listRolesRoute>> {
    const { principal } = actorOf(call);
    const { roles: items } = await this.bus.request(listRoles, { principal });
    return { items };
  }

  @Serve(putRoleRoute)
  put(
    { params, body }: RouteInput<typeof putRoleRoute>,
    call: Call,
  ): Promise<RouteReply<typeof putRoleRoute>> {
    const permissions = parsePermissions(body.permissions);
    return this.bus.request(putRole, { ...actorOf(call), name: params.role, permissions });
  }

  @Serve(deleteRoleRoute)
  async delete({ params }: RouteInput<typeof deleteRoleRoute>, call: Call): Promise<void> {
    await this.bus.request(deleteRole, { ...actorOf(call), name: params.role });
  }

  @Serve(listRoleBindingsRoute)
  listBindings(
    { query }: RouteInput<typeof listRoleBindingsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listRoleBindingsRoute>> {
    const { principal } = actorOf(call);
    const { team_id: teamId, ...page } = query;
    return this.bus.request(listRoleBindings, { principal, page, ...(teamId !== undefined && { teamId }) });
  }

  @Serve(createRoleBindingRoute)
  bind(
    { body }: RouteInput<typeof createRoleBindingRoute>,
    call: Call,
  ): Promise<RouteReply<typeof createRoleBindingRoute>> {
    const { subject, role, objectId: teamId } = body;
    return this.bus.request(createRoleBinding, {
      ...actorOf(call),
      subject,
      role,
      ...(teamId !== undefined && { teamId }),
    });
  }

  @Serve(deleteRoleBindingRoute)
  async unbind({ params }: RouteInput<typeof deleteRoleBindingRoute>, call: Call): Promise<void> {
    await this.bus.request(deleteRoleBinding, { ...actorOf(call), ...params });
  }

  @Serve(explainAccessRoute)
  explain(
    { query }: RouteInput<typeof explainAccessRoute>,
    call: Call,
  ): Promise<RouteReply<typeof explainAccessRoute>> {
    const { principal } = actorOf(call);
    const { team_id: teamId = principal.teamId, subject_kind: kind, subject_id: id } = query;
    if ((kind === undefined) !== (id === undefined))
      throw causewayError('REQUEST_INVALID', {
        problems: 'query: give both subject_kind and subject_id, or neither',
      });
    const subject = kind !== undefined && id !== undefined ? { subject: { kind, id } } : {};
    return this.bus.request(explainAccess, { principal, teamId, ...subject });
  }
}
