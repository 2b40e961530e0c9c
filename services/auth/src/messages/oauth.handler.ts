import {
  askOAuth,
  authorizeOAuth,
  createOAuthClient,
  decideDevice,
  deleteOAuthClient,
  endOAuthGrant,
  listOAuthClients,
  listOAuthGrants,
  renewOAuthKey,
  renewOAuthSecret,
  reviewDevice,
  verifyToken,
} from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { AuthorizationServer } from '../operations/oauth/authorization-server.js';
import { Clients } from '../operations/oauth/clients.js';
import { Devices } from '../operations/oauth/devices.js';
import { SigningKeys } from '../operations/oauth/signing-keys.js';
import { Tokens } from '../operations/oauth/tokens.js';

/** Handles requests about OAuth clients, their tokens, and what people allow them. */
@Controller()
export class OAuthHandler {
  constructor(
    private readonly server: AuthorizationServer,
    private readonly clients: Clients,
    private readonly tokens: Tokens,
    private readonly keys: SigningKeys,
    private readonly devices: Devices,
  ) {}

  /** A second use of the same code or refresh token is refused and ends what followed from the first one. */
  @Handles(askOAuth)
  ask(input: InputOf<typeof askOAuth>): Promise<ReplyOf<typeof askOAuth>> {
    return this.server.ask(input);
  }

  @Handles(authorizeOAuth)
  authorize(input: InputOf<typeof authorizeOAuth>): Promise<ReplyOf<typeof authorizeOAuth>> {
    return this.server.authorize(input);
  }

  @Handles(reviewDevice)
  review(input: InputOf<typeof reviewDevice>): Promise<ReplyOf<typeof reviewDevice>> {
    return this.devices.review(input);
  }

  /** A second answer to the same code is refused. */
  @Handles(decideDevice)
  decide(input: InputOf<typeof decideDevice>): Promise<ReplyOf<typeof decideDevice>> {
    return this.devices.decide(input);
  }

  @Handles(verifyToken)
  verify(input: InputOf<typeof verifyToken>): Promise<ReplyOf<typeof verifyToken>> {
    return this.tokens.verify(input);
  }

  @Handles(createOAuthClient)
  create(input: InputOf<typeof createOAuthClient>): Promise<ReplyOf<typeof createOAuthClient>> {
    return this.clients.create(input);
  }

  @Handles(listOAuthClients)
  list(input: InputOf<typeof listOAuthClients>): Promise<ReplyOf<typeof listOAuthClients>> {
    return this.clients.list(input);
  }

  @Handles(deleteOAuthClient)
  async delete(input: InputOf<typeof deleteOAuthClient>): Promise<ReplyOf<typeof deleteOAuthClient>> {
    await this.clients.delete(input);
    return {};
  }

  @Handles(renewOAuthSecret)
  renew(input: InputOf<typeof renewOAuthSecret>): Promise<ReplyOf<typeof renewOAuthSecret>> {
    return this.clients.renew(input);
  }

  @Handles(renewOAuthKey)
  renewKey(input: InputOf<typeof renewOAuthKey>): Promise<ReplyOf<typeof renewOAuthKey>> {
    return this.keys.renew(input);
  }

  @Handles(listOAuthGrants)
  listGrants(input: InputOf<typeof listOAuthGrants>): Promise<ReplyOf<typeof listOAuthGrants>> {
    return this.tokens.list(input);
  }

  @Handles(endOAuthGrant)
  async endGrant(input: InputOf<typeof endOAuthGrant>): Promise<ReplyOf<typeof endOAuthGrant>> {
    await this.tokens.end(input);
    return {};
  }
}
