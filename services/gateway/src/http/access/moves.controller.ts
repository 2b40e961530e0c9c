import { principalAt } from '@causeway/authz';
import {
  actorOf,
  explainAccess,
  moveFlow,
  moveFlowRoute,
  moveProject,
  moveProjectRoute,
} from '@causeway/contracts';
import type { Principal, RouteInput, RouteReply } from '@causeway/contracts';
import { Bus, withContext } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';

/** Moves flows and projects between teams. The registry decides, with what the caller may do in both. */
@Controller()
export class MovesController {
  constructor(private readonly bus: Bus) {}

  @Serve(moveFlowRoute)
  async moveFlow(
    { params, body }: RouteInput<typeof moveFlowRoute>,
    call: Call,
  ): Promise<RouteReply<typeof moveFlowRoute>> {
    const { teamId: toTeamId, ...project } = body;
    const { flow, ...moved } = await this.inBoth(call, toTeamId, (actor) =>
      this.bus.request(moveFlow, { ...actor, ...params, ...project, toTeamId }),
    );
    const { id, name, teamId, projectId = '', problems = [] } = flow;
    return { id, name, teamId, projectId, problems, ...moved };
  }

  @Serve(moveProjectRoute)
  async moveProject(
    { params, body }: RouteInput<typeof moveProjectRoute>,
    call: Call,
  ): Promise<RouteReply<typeof moveProjectRoute>> {
    const { teamId } = body;
    const moved = await this.inBoth(call, teamId, (actor) =>
      this.bus.request(moveProject, { ...actor, ...params, toTeamId: teamId }),
    );
    return { id: params.projectId, teamId, ...moved };
  }

  /** Sends a request that says what the caller may do in another team too. @throws CausewayError TEAM_UNKNOWN */
  private async inBoth<T>(
    call: Call,
    teamId: string,
    send: (actor: ReturnType<typeof actorOf>) => Promise<T>,
  ): Promise<T> {
    // A role in the whole organisation holds in every id: only auth knows which teams there are.
    await this.bus.request(explainAccess, { ...actorOf(call), teamId });
    const { permissions, objects } = principalAt(call.principal, { teamId });
    const other = { teamId, permissions, ...(objects && { objects }) };
    const principal: Principal = { ...call.principal, other };
    return withContext({ principal }, () => send(actorOf({ ...call, principal })));
  }
}
