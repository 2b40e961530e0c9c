import {
  actorOf,
  deleteConnection,
  deleteConnectionRoute,
  listConnections,
  listConnectionsRoute,
  putConnection,
  putConnectionRoute,
  testConnection,
  testConnectionRoute,
} from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Bus, SealedKind, Vault } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';
import { originOf } from '../door/public-origin.js';

/** The identity providers at which people sign in. Their secrets leave the gateway sealed. */
@Controller()
export class ConnectionsController {
  constructor(
    private readonly bus: Bus,
    private readonly vault: Vault,
  ) {}

  @Serve(listConnectionsRoute)
  list(
    _input: RouteInput<typeof listConnectionsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listConnectionsRoute>> {
    return this.bus.request(listConnections, { principal: actorOf(call).principal });
  }

  @Serve(putConnectionRoute)
  async put(
    { params, body }: RouteInput<typeof putConnectionRoute>,
    call: Call,
  ): Promise<RouteReply<typeof putConnectionRoute>> {
    const { clientSecret, ...fields } = body.kind === 'saml' ? { ...body, clientSecret: undefined } : body;
    const { organisationId } = call.principal;
    const place = { organisationId, kind: SealedKind.connection, id: params.connection };
    const sealedSecret =
      typeof clientSecret === 'string' ? await this.vault.seal(clientSecret, place) : clientSecret;
    return this.bus.request(putConnection, {
      ...actorOf(call),
      name: params.connection,
      fields,
      ...(sealedSecret !== undefined && { sealedSecret }),
      metadataUrl: `${originOf(call.request)}/sign-in/${params.connection}/metadata`,
    });
  }

  @Serve(deleteConnectionRoute)
  async delete({ params }: RouteInput<typeof deleteConnectionRoute>, call: Call): Promise<void> {
    await this.bus.request(deleteConnection, { ...actorOf(call), name: params.connection });
  }

  @Serve(testConnectionRoute)
  test(
    { params }: RouteInput<typeof testConnectionRoute>,
    call: Call,
  ): Promise<RouteReply<typeof testConnectionRoute>> {
    return this.bus.request(testConnection, {
      principal: actorOf(call).principal,
      name: params.connection,
    });
  }
}
