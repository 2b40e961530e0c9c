import { authorizeAt, principalOfOrganisation } from '@causeway/authz';
import {
  deleteAuditStream,
  deleteAuditStreamRoute,
  getAuditStream,
  getAuditStreamRoute,
  ownerOf,
  putAuditStream,
  putAuditStreamRoute,
  tenantOf,
  withoutGrants,
} from '@causeway/contracts';
import type { Principal, RouteInput, RouteReply } from '@causeway/contracts';
import {
  Bus,
  KeyExchange,
  SETTINGS,
  aboutAuditStream,
  readSigningKey,
  readTrustedKeys,
  withContext,
} from '@causeway/platform';
import { Controller, Inject } from '@nestjs/common';
import type { Settings } from '../../config.js';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';

/** Where the events of an organisation are sent. The secret that signs them comes encrypted for this process, and is shown once. */
@Controller()
export class AuditStreamsController {
  private readonly exchange: KeyExchange;

  constructor(
    private readonly bus: Bus,
    @Inject(SETTINGS) { signingKey, trustedKeys }: Settings,
  ) {
    this.exchange = new KeyExchange('gateway', readSigningKey(signingKey), readTrustedKeys(trustedKeys));
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
    return this.inOrganisation(call, async (principal) => {
      const tenant = tenantOf(call);
      const about = aboutAuditStream({ organisationId: tenant.organisationId, url: body.url });
      const { question, open } = this.exchange.ask(ownerOf(putAuditStream), about);
      const { stream, answer } = await this.bus.request(putAuditStream, {
        ...tenant,
        principal: withoutGrants(principal),
        requestId: call.requestId,
        ...body,
        question,
      });
      return { ...stream, secret: open(answer).toString() };
    });
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

  /** A request of somebody who may change the organisation. @throws CausewayError PERMISSION_DENIED */
  private inOrganisation<T>({ principal }: Call, ask: (principal: Principal) => Promise<T>): Promise<T> {
    authorizeAt(principal, 'organisation:write', { organisationId: principal.organisationId });
    const ofOrganisation = principalOfOrganisation(principal);
    return withContext({ principal: ofOrganisation }, () => ask(ofOrganisation));
  }
}
