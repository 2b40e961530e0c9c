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
  getBindingPlace,
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
import { Places } from '../../operations/places.js';
import { parsePermissions } from '../body/key-body.js';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';

/** Roles, who has them, and what they allow. Auth decides who may read and change them. */
@Controller()
export class RolesController {
  constructor(
    private readonly bus: Bus,
    private readonly places: Places,
  ) {}

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
  async listBindings(
    { query }: RouteInput<typeof listRoleBindingsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listRoleBindingsRoute>> {
    const { principal } = actorOf(call);
    const { team_id: teamId, project_id: projectId, flow_id: flowId, ...page } = query;
    const place = await this.places.find(call, { teamId, projectId, flowId });
    return this.bus.request(listRoleBindings, { principal, page, ...place });
  }

  @Serve(createRoleBindingRoute)
  async bind(
    { body }: RouteInput<typeof createRoleBindingRoute>,
    call: Call,
  ): Promise<RouteReply<typeof createRoleBindingRoute>> {
    const { subject, role, level, objectId } = body;
    const place = await this.places.find(call, {
      teamId: level === 'team' ? objectId : body.teamId,
      projectId: level === 'project' ? objectId : undefined,
      flowId: level === 'flow' ? objectId : undefined,
    });
    return this.bus.request(createRoleBinding, { ...actorOf(call), subject, role, ...place });
  }

  @Serve(deleteRoleBindingRoute)
  async unbind({ params }: RouteInput<typeof deleteRoleBindingRoute>, call: Call): Promise<void> {
    const { principal } = actorOf(call);
    const {
      level,
      objectId: flowId,
      teamId,
    } = await this.bus.request(getBindingPlace, { principal, ...params });
    const around =
      level === 'flow' && teamId !== undefined ? await this.places.findAround(call, { teamId, flowId }) : {};
    await this.bus.request(deleteRoleBinding, { ...actorOf(call), ...params, ...around });
  }

  @Serve(explainAccessRoute)
  async explain(
    { query }: RouteInput<typeof explainAccessRoute>,
    call: Call,
  ): Promise<RouteReply<typeof explainAccessRoute>> {
    const { principal } = actorOf(call);
    const { team_id: teamId = principal.teamId, project_id: projectId, flow_id: flowId } = query;
    const { subject_kind: kind, subject_id: id } = query;
    if ((kind === undefined) !== (id === undefined))
      throw causewayError('REQUEST_INVALID', {
        problems: 'query: give both subject_kind and subject_id, or neither',
      });
    const subject = kind !== undefined && id !== undefined ? { subject: { kind, id } } : {};
    const place = await this.places.find(call, { teamId, projectId, flowId });
    return this.bus.request(explainAccess, { principal, ...place, teamId, ...subject });
  }
}
