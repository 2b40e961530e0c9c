import { authorizeAt, principalAt, principalOfOrganisation } from '@causeway/authz';
import {
  type AuditFilter,
  type Caller,
  type Principal,
  type ReplyOf,
  type RouteInput,
  actorOf,
  causewayError,
  explainAccess,
  type exportAuditRoute,
  listAuditEvents,
  type listAuditRoute,
} from '@causeway/contracts';
import { Bus, withContext } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { utcTime } from '../../domain/utc-time.js';

type Filter = Omit<RouteInput<typeof exportAuditRoute>['query'], 'format' | 'after'>;

/** Reads the audit log for a caller, in the place that the request names. */
@Injectable()
export class AuditReads {
  constructor(private readonly bus: Bus) {}

  /** One page of events. @throws CausewayError TEAM_UNKNOWN, PERMISSION_DENIED, REQUEST_INVALID */
  async list(
    caller: Caller,
    query: RouteInput<typeof listAuditRoute>['query'],
  ): Promise<ReplyOf<typeof listAuditEvents>> {
    const reader = await this.readerIn(caller, query);
    const { organisationId, teamId } = reader;
    const question = {
      organisationId,
      teamId,
      scope: query.scope,
      order: query.order,
      ...auditFilter(query),
      ...(query.count === 'true' && { count: true }),
      page: { limit: query.limit, ...(query.after !== undefined && { after: query.after }) },
    };
    return withContext({ principal: reader }, () => this.bus.request(listAuditEvents, question));
  }

  /** The caller where it reads: in the team of the key, in another one, or in the organisation. @throws CausewayError TEAM_UNKNOWN, PERMISSION_DENIED */
  async readerIn(caller: Caller, { scope, team_id }: Pick<Filter, 'scope' | 'team_id'>): Promise<Principal> {
    const { principal } = caller;
    const { organisationId, teamId: own } = principal;
    if (scope === 'organisation') {
      if (team_id !== undefined)
        throw causewayError('REQUEST_INVALID', {
          problems: 'query: give either team_id or scope=organisation',
        });
      authorizeAt(principal, 'audit:read', { organisationId });
      return principalOfOrganisation(principal);
    }
    const teamId = team_id ?? own;
    if (teamId !== own)
      await this.bus.request(explainAccess, { principal: actorOf(caller).principal, teamId });
    authorizeAt(principal, 'audit:read', { organisationId, teamId });
    return teamId === own ? principal : principalAt(principal, { teamId });
  }
}

/** Which events a request wants, as the contracts say it. */
export function auditFilter(query: Filter): AuditFilter {
  const { from, to, actor_id: actorId, action, object_type: objectType, object_id: objectId, result } = query;
  const { address, request_id: requestId, run_id: runId, text } = query;
  const time = (given: string | undefined): string | undefined =>
    given === undefined ? undefined : utcTime(given);
  const all = {
    from: time(from),
    to: time(to),
    actorId,
    action,
    objectType,
    objectId,
    result,
    address,
    requestId,
    runId,
    text,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
