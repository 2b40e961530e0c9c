import { principalAt } from '@causeway/authz';
import {
  actorOf,
  countTeam,
  deleteServiceAccount,
  deleteServiceAccountRoute,
  deleteTeam,
  deleteTeamRoute,
  deleteUser,
  deleteUserRoute,
} from '@causeway/contracts';
import type { RouteInput } from '@causeway/contracts';
import { Bus, withContext } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';

/** Deletes teams, service accounts and people. Auth decides who may. */
@Controller()
export class DeletionsController {
  constructor(private readonly bus: Bus) {}

  @Serve(deleteTeamRoute)
  async deleteTeam({ params, query }: RouteInput<typeof deleteTeamRoute>, call: Call): Promise<void> {
    const { teamId } = params;
    const { organisationId } = call.tenant;
    const there = principalAt(call.principal, { teamId });
    const holds = await withContext({ principal: there }, () =>
      this.bus.request(countTeam, { organisationId, teamId }),
    );
    await this.bus.request(deleteTeam, { ...actorOf(call), teamId, holds, ...query });
  }

  @Serve(deleteServiceAccountRoute)
  async deleteAccount({ params }: RouteInput<typeof deleteServiceAccountRoute>, call: Call): Promise<void> {
    await this.bus.request(deleteServiceAccount, { ...actorOf(call), ...params });
  }

  @Serve(deleteUserRoute)
  async deleteUser({ params }: RouteInput<typeof deleteUserRoute>, call: Call): Promise<void> {
    await this.bus.request(deleteUser, { ...actorOf(call), ...params });
  }
}
