import {
  actorOf,
  createAccountKeyRoute,
  createKey,
  createServiceAccount,
  createServiceAccountRoute,
  createTeam,
  createTeamRoute,
  listAccountKeys,
  listAccountKeysRoute,
  listServiceAccounts,
  listServiceAccountsRoute,
  listTeams,
  listTeamsRoute,
  renameTeam,
  renameTeamRoute,
  updateServiceAccount,
  updateServiceAccountRoute,
} from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Bus, newApiKey } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { apiKeyRead } from '../../domain/langflow-shapes.js';
import { Places } from '../../operations/places.js';
import { wantedKey } from '../body/key-body.js';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';

/** Teams and their service accounts. Auth decides who may do what to them. */
@Controller()
export class TeamsController {
  constructor(
    private readonly bus: Bus,
    private readonly places: Places,
  ) {}

  @Serve(listTeamsRoute)
  list(
    { query: { all, ...page } }: RouteInput<typeof listTeamsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listTeamsRoute>> {
    return this.bus.request(listTeams, { principal: actorOf(call).principal, all: all === 'true', page });
  }

  @Serve(createTeamRoute)
  create(
    { body }: RouteInput<typeof createTeamRoute>,
    call: Call,
  ): Promise<RouteReply<typeof createTeamRoute>> {
    return this.bus.request(createTeam, { ...actorOf(call), ...body });
  }

  @Serve(renameTeamRoute)
  rename(
    { params, body }: RouteInput<typeof renameTeamRoute>,
    call: Call,
  ): Promise<RouteReply<typeof renameTeamRoute>> {
    return this.bus.request(renameTeam, { ...actorOf(call), ...params, ...body });
  }

  @Serve(listServiceAccountsRoute)
  listAccounts(
    { params, query: page }: RouteInput<typeof listServiceAccountsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listServiceAccountsRoute>> {
    return this.bus.request(listServiceAccounts, { principal: actorOf(call).principal, ...params, page });
  }

  @Serve(createServiceAccountRoute)
  async createAccount(
    { params, body }: RouteInput<typeof createServiceAccountRoute>,
    call: Call,
  ): Promise<RouteReply<typeof createServiceAccountRoute>> {
    const { name, role, ...named } = body;
    const place = await this.places.find(call, { ...params, ...named });
    return this.bus.request(createServiceAccount, { ...actorOf(call), ...place, ...params, name, role });
  }

  @Serve(updateServiceAccountRoute)
  updateAccount(
    { params, body }: RouteInput<typeof updateServiceAccountRoute>,
    call: Call,
  ): Promise<RouteReply<typeof updateServiceAccountRoute>> {
    return this.bus.request(updateServiceAccount, { ...actorOf(call), ...params, ...body });
  }

  @Serve(listAccountKeysRoute)
  async listKeys(
    { params, query: page }: RouteInput<typeof listAccountKeysRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listAccountKeysRoute>> {
    const { principal } = actorOf(call);
    const { items, ...rest } = await this.bus.request(listAccountKeys, { principal, ...params, page });
    return { items: items.map((key) => apiKeyRead(key)), ...rest };
  }

  @Serve(createAccountKeyRoute)
  async createKey(
    { params, body }: RouteInput<typeof createAccountKeyRoute>,
    call: Call,
  ): Promise<RouteReply<typeof createAccountKeyRoute>> {
    const { accountId: serviceAccountId } = params;
    const { secret, ...stored } = newApiKey();
    const wanted = { ...actorOf(call), ...wantedKey(body), ...stored, serviceAccountId };
    const { key } = await this.bus.request(createKey, wanted);
    return apiKeyRead(key, secret);
  }
}
