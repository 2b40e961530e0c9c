import { authorizeAt } from '@causeway/authz';
import { explainAccess, listAuditEvents, listAuditRoute } from '@causeway/contracts';
import type { RouteInput, RouteReply, Tenant } from '@causeway/contracts';
import { Bus } from '@causeway/platform';
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
    return this.bus.request(listAuditEvents, {
      ...(await this.placeOf(call, query.team_id)),
      page: { limit: query.limit, ...(query.after !== undefined && { after: query.after }) },
      ...(query.from !== undefined && { from: utcTime(query.from) }),
      ...(query.to !== undefined && { to: utcTime(query.to) }),
      ...(query.actor_id !== undefined && { actorId: query.actor_id }),
      ...(query.action !== undefined && { action: query.action }),
      ...(query.object_id !== undefined && { objectId: query.object_id }),
      ...(query.result !== undefined && { result: query.result }),
    });
  }

  /** The team of the key, or another one in which the caller may read the audit log. @throws CausewayError TEAM_UNKNOWN, PERMISSION_DENIED */
  private async placeOf({ principal, tenant }: Call, teamId = tenant.teamId): Promise<Tenant> {
    const place = { organisationId: tenant.organisationId, teamId };
    if (teamId !== tenant.teamId) await this.bus.request(explainAccess, { principal, teamId });
    authorizeAt(principal, 'audit:read', place);
    return place;
  }
}
