import { authorizeAt, principalAt } from '@causeway/authz';
import { actorOf, explainAccess, listAuditEvents, listAuditRoute } from '@causeway/contracts';
import type { Principal, RouteInput, RouteReply } from '@causeway/contracts';
import { Bus, withContext } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { utcTime } from '../domain/utc-time.js';
import type { Call } from './door/call.js';
import { Serve } from './door/serve.js';

/** What was done and refused. */
@Controller()
export class AuditController {
  constructor(private readonly bus: Bus) {}

  @Serve(listAuditRoute)
  async list(
    { query }: RouteInput<typeof listAuditRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listAuditRoute>> {
    const reader = await this.readerIn(call, query.team_id);
    const { organisationId, teamId } = reader;
    const question = {
      organisationId,
      teamId,
      page: { limit: query.limit, ...(query.after !== undefined && { after: query.after }) },
      ...(query.from !== undefined && { from: utcTime(query.from) }),
      ...(query.to !== undefined && { to: utcTime(query.to) }),
      ...(query.actor_id !== undefined && { actorId: query.actor_id }),
      ...(query.action !== undefined && { action: query.action }),
      ...(query.object_id !== undefined && { objectId: query.object_id }),
      ...(query.result !== undefined && { result: query.result }),
    };
    return withContext({ principal: reader }, () => this.bus.request(listAuditEvents, question));
  }

  /** The caller in the team of the key, or in another one where they may read the audit log. @throws CausewayError TEAM_UNKNOWN, PERMISSION_DENIED */
  private async readerIn(call: Call, teamId = call.tenant.teamId): Promise<Principal> {
    const { principal, tenant } = call;
    const place = { organisationId: tenant.organisationId, teamId };
    if (teamId !== tenant.teamId)
      await this.bus.request(explainAccess, { principal: actorOf(call).principal, teamId });
    authorizeAt(principal, 'audit:read', place);
    return teamId === tenant.teamId ? principal : principalAt(principal, place);
  }
}
