import {
  actorOf,
  createAccountClientRoute,
  createClientRoute,
  createOAuthClient,
  deleteClientRoute,
  deleteOAuthClient,
  endGrantRoute,
  endOAuthGrant,
  listAccountClientsRoute,
  listClientsRoute,
  listGrantsRoute,
  listOAuthClients,
  listOAuthGrants,
  renewOAuthKey,
  renewOAuthSecret,
  renewSecretRoute,
  renewSigningKeyRoute,
} from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Bus, newClientSecret } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';

/** OAuth clients, and what people allow them. Auth decides who may do what to them; secrets are made here, where they are shown. */
@Controller()
export class ClientsController {
  constructor(private readonly bus: Bus) {}

  @Serve(createAccountClientRoute)
  async createOfAccount(
    { params, body }: RouteInput<typeof createAccountClientRoute>,
    call: Call,
  ): Promise<RouteReply<typeof createAccountClientRoute>> {
    const { secret, secretHash } = newClientSecret();
    const { accountId: serviceAccountId } = params;
    const wanted = { ...actorOf(call), ...body, kind: 'service' as const, serviceAccountId, secretHash };
    return { ...(await this.bus.request(createOAuthClient, wanted)), secret };
  }

  @Serve(listAccountClientsRoute)
  listOfAccount(
    { params, query: page }: RouteInput<typeof listAccountClientsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listAccountClientsRoute>> {
    const { principal } = actorOf(call);
    return this.bus.request(listOAuthClients, { principal, serviceAccountId: params.accountId, page });
  }

  @Serve(createClientRoute)
  async create(
    { body }: RouteInput<typeof createClientRoute>,
    call: Call,
  ): Promise<RouteReply<typeof createClientRoute>> {
    const wanted = { ...actorOf(call), ...body };
    if (body.kind === 'public') return this.bus.request(createOAuthClient, wanted);
    const { secret, secretHash } = newClientSecret();
    return { ...(await this.bus.request(createOAuthClient, { ...wanted, secretHash })), secret };
  }

  @Serve(listClientsRoute)
  list(
    { query: page }: RouteInput<typeof listClientsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listClientsRoute>> {
    return this.bus.request(listOAuthClients, { principal: actorOf(call).principal, page });
  }

  @Serve(deleteClientRoute)
  async delete({ params }: RouteInput<typeof deleteClientRoute>, call: Call): Promise<void> {
    await this.bus.request(deleteOAuthClient, { ...actorOf(call), ...params });
  }

  @Serve(renewSecretRoute)
  async renewSecret(
    { params }: RouteInput<typeof renewSecretRoute>,
    call: Call,
  ): Promise<RouteReply<typeof renewSecretRoute>> {
    const { secret, secretHash } = newClientSecret();
    const client = await this.bus.request(renewOAuthSecret, { ...actorOf(call), ...params, secretHash });
    return { ...client, secret };
  }

  @Serve(renewSigningKeyRoute)
  renewKey(
    _input: RouteInput<typeof renewSigningKeyRoute>,
    call: Call,
  ): Promise<RouteReply<typeof renewSigningKeyRoute>> {
    return this.bus.request(renewOAuthKey, actorOf(call));
  }

  @Serve(listGrantsRoute)
  listGrants(
    { query: page }: RouteInput<typeof listGrantsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listGrantsRoute>> {
    return this.bus.request(listOAuthGrants, { principal: actorOf(call).principal, page });
  }

  @Serve(endGrantRoute)
  async endGrant({ params }: RouteInput<typeof endGrantRoute>, call: Call): Promise<void> {
    await this.bus.request(endOAuthGrant, { ...actorOf(call), ...params });
  }
}
