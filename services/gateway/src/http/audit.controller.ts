import { authorizeAt, principalAt, principalOfOrganisation } from '@causeway/authz';
import {
  actorOf,
  causewayError,
  deleteAuditStream,
  deleteAuditStreamRoute,
  explainAccess,
  exportAuditRoute,
  getAuditStream,
  getAuditStreamRoute,
  listAuditEvents,
  listAuditKeys,
  listAuditKeysRoute,
  listAuditRoute,
  putAuditStream,
  putAuditStreamRoute,
  tenantOf,
  withoutGrants,
} from '@causeway/contracts';
import type { AuditFilter, Principal, RouteInput, RouteReply } from '@causeway/contracts';
import { Bus, withContext } from '@causeway/platform';
import { Controller, StreamableFile } from '@nestjs/common';
import { presentedCredential } from './door/credential.js';
import { utcTime } from '../domain/utc-time.js';
import { AuditExports } from '../operations/audit-exports.js';
import { Identity } from '../operations/identity.js';
import { nameAttachment } from './answer/attachment.js';
import { countAnswer } from './answer/count-answer.js';
import type { Call } from './door/call.js';
import { Serve } from './door/serve.js';

type Query = RouteInput<typeof exportAuditRoute>['query'];

/** What was done and refused. */
@Controller()
export class AuditController {
  constructor(
    private readonly bus: Bus,
    private readonly identity: Identity,
    private readonly exports: AuditExports,
  ) {}

  @Serve(listAuditRoute)
  async list(
    { query }: RouteInput<typeof listAuditRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listAuditRoute>> {
    const reader = await this.readerIn(call, call.principal, query);
    const { organisationId, teamId } = reader;
    const question = {
      organisationId,
      teamId,
      scope: query.scope,
      order: query.order,
      ...filterOf(query),
      ...(query.count === 'true' && { count: true }),
      page: { limit: query.limit, ...(query.after !== undefined && { after: query.after }) },
    };
    return withContext({ principal: reader }, () => this.bus.request(listAuditEvents, question));
  }

  /** Each part is asked for by who the caller is then, so an export ends when its key is revoked. */
  @Serve(exportAuditRoute)
  async export({ query }: RouteInput<typeof exportAuditRoute>, call: Call): Promise<StreamableFile> {
    const { scope, format, after } = query;
    const filter = filterOf(query);
    let reader: Principal | undefined = await this.readerIn(call, call.principal, query);
    const parts = await this.exports.open({ format, after, scope, filter }, async () => {
      reader ??= await this.readerIn(
        call,
        await this.identity.verify(presentedCredential(call.request)),
        query,
      );
      const now = reader;
      reader = undefined;
      return now;
    });
    const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8';
    nameAttachment(call, `audit.${format}`, type);
    const stream = this.exports.stream(parts, {
      add: (bytes) => countAnswer(call, bytes),
      giveBack: (bytes) => call.memory.answer.giveBack(bytes),
    });
    return new StreamableFile(stream, { type });
  }

  @Serve(getAuditStreamRoute)
  getStream(
    _input: RouteInput<typeof getAuditStreamRoute>,
    call: Call,
  ): Promise<RouteReply<typeof getAuditStreamRoute>> {
    return this.inOrganisation(call, ({ organisationId, teamId }) =>
      this.bus.request(getAuditStream, { organisationId, teamId }),
    );
  }

  @Serve(putAuditStreamRoute)
  putStream(
    { body }: RouteInput<typeof putAuditStreamRoute>,
    call: Call,
  ): Promise<RouteReply<typeof putAuditStreamRoute>> {
    return this.inOrganisation(call, (principal) =>
      this.bus.request(putAuditStream, {
        ...tenantOf(call),
        principal: withoutGrants(principal),
        requestId: call.requestId,
        ...body,
      }),
    );
  }

  @Serve(deleteAuditStreamRoute)
  async deleteStream(_input: RouteInput<typeof deleteAuditStreamRoute>, call: Call): Promise<void> {
    await this.inOrganisation(call, (principal) =>
      this.bus.request(deleteAuditStream, {
        ...tenantOf(call),
        principal: withoutGrants(principal),
        requestId: call.requestId,
      }),
    );
  }

  @Serve(listAuditKeysRoute)
  listKeys(): Promise<RouteReply<typeof listAuditKeysRoute>> {
    return this.bus.request(listAuditKeys, {});
  }

  /** A request of somebody who may change the organisation. @throws CausewayError PERMISSION_DENIED */
  private inOrganisation<T>({ principal }: Call, ask: (principal: Principal) => Promise<T>): Promise<T> {
    authorizeAt(principal, 'organisation:write', { organisationId: principal.organisationId });
    const ofOrganisation = principalOfOrganisation(principal);
    return withContext({ principal: ofOrganisation }, () => ask(ofOrganisation));
  }

  /** The caller where it reads: in the team of the key, in another one, or in the organisation. @throws CausewayError TEAM_UNKNOWN, PERMISSION_DENIED */
  private async readerIn(
    call: Call,
    principal: Principal,
    { scope, team_id }: Pick<Query, 'scope' | 'team_id'>,
  ): Promise<Principal> {
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
      await this.bus.request(explainAccess, { principal: actorOf({ ...call, principal }).principal, teamId });
    authorizeAt(principal, 'audit:read', { organisationId, teamId });
    return teamId === own ? principal : principalAt(principal, { teamId });
  }
}

function filterOf(query: Omit<Query, 'format' | 'after'>): AuditFilter {
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
