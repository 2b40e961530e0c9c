import { principalAt, reachOf } from '@causeway/authz';
import { causewayError, getProject, listFlows, tenantOf } from '@causeway/contracts';
import type { Caller, PlaceIds, Principal } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { Bus, withContext } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** A caller with its grants, which say what it may do in other teams. */
export type Asking = Pick<Caller, 'tenant'> & { readonly principal: Principal };

/** Finds the places that requests about roles name: a project or a flow with the team and the project that it is in. */
@Injectable()
export class Places {
  constructor(private readonly bus: Bus) {}

  /**
   * A project or a flow that the caller may read, with what is around it; any other place as it is named.
   *
   * @throws CausewayError PROJECT_UNKNOWN, FLOW_UNKNOWN
   */
  async find({ principal, tenant }: Asking, named: PlaceIds): Promise<PlaceIds> {
    const { projectId, flowId } = named;
    if (projectId === undefined && flowId === undefined) return named;
    const { teamId = tenant.teamId } = named;
    const there = principalAt(principal, { teamId });
    return withContext({ principal: there }, async () => {
      const team = tenantOf({ tenant: { ...tenant, teamId } });
      if (flowId === undefined) {
        if (projectId !== undefined) await this.bus.request(getProject, { ...team, projectId });
        return { teamId, projectId };
      }
      const only = reachOf(there, ['flow:read']);
      const { items } = await this.bus.request(listFlows, {
        ...team,
        flowIds: [flowId],
        ...(only && { only }),
      });
      const [flow] = items;
      if (!flow) throw causewayError('FLOW_UNKNOWN', { flow: flowId });
      return { teamId, projectId: flow.projectId, flowId };
    });
  }

  /** The project of a flow for who may read the flow; nothing for who may not. */
  async findAround(
    asking: Asking,
    flow: { teamId: string; flowId: string },
  ): Promise<{ projectId?: string }> {
    try {
      const { projectId } = await this.find(asking, flow);
      return projectId === undefined ? {} : { projectId };
    } catch (error) {
      if (isCausewayError(error) && /^(FLOW_UNKNOWN|PERMISSION_DENIED)$/.test(error.code)) return {};
      throw error;
    }
  }
}
