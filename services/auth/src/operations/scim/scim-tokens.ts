import { authorizeAt } from '@causeway/authz';
import { causewayError, tokensChanged } from '@causeway/contracts';
import type {
  InputOf,
  Principal,
  ReplyOf,
  ScimToken,
  createScimToken,
  deleteScimToken,
  getScimStatus,
  verifyScimToken,
} from '@causeway/contracts';
import { Bus } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { checkNoToken } from '../../domain/check-no-token.js';
import { ScimGroupStore } from '../../store/scim/scim-group.store.js';
import { ScimTokenStore } from '../../store/scim/scim-token.store.js';
import { ScimUserStore } from '../../store/scim/scim-user.store.js';
import { ConnectionStore, type StoredConnection } from '../../store/sign-in/connection.store.js';
import type { Writes } from '../../store/tables.js';
import { accessEvent } from '../access-event.js';
import { makerOf } from '../../domain/maker-of.js';
import { Changing } from '../changing.js';
import { checkMayDecideWhoSignsIn } from '../sign-in/connections.js';

/** The tokens of identity providers: who may send people and groups of a connection. */
@Injectable()
export class ScimTokens {
  constructor(
    private readonly changing: Changing,
    private readonly connections: ConnectionStore,
    private readonly store: ScimTokenStore,
    private readonly people: ScimUserStore,
    private readonly groups: ScimGroupStore,
    private readonly bus: Bus,
  ) {}

  create(input: InputOf<typeof createScimToken>): Promise<ScimToken> {
    return this.changing.change(input, async (writes, actor) => {
      checkNoToken(actor.principal, 'make SCIM tokens');
      checkMayDecideWhoSignsIn(actor.principal);
      const connection = await this.get(actor.principal, input.connection, writes);
      const token = await this.store.insert(writes, connection, {
        tokenHash: input.tokenHash,
        madeByUserId: makerOf(actor.principal).madeByUserId,
      });
      const detail = { connection: connection.name };
      const object = { type: 'scim_token', id: token.id };
      return { result: token, events: [accessEvent(actor, 'scim_token.create', object, detail)] };
    });
  }

  async delete({ tokenId, connection: name, ...input }: InputOf<typeof deleteScimToken>): Promise<void> {
    await this.changing.change(input, async (writes, actor) => {
      checkMayDecideWhoSignsIn(actor.principal);
      const connection = await this.get(actor.principal, name, writes);
      if (!(await this.store.delete(writes, connection.id, tokenId)))
        throw causewayError('SCIM_TOKEN_UNKNOWN', { connection: name, tokenId });
      const object = { type: 'scim_token', id: tokenId };
      const event = accessEvent(actor, 'scim_token.delete', object, { connection: name });
      return { result: undefined, events: [event] };
    });
    this.bus.publish(tokensChanged, { organisationId: input.principal.organisationId });
  }

  async status(input: InputOf<typeof getScimStatus>): Promise<ReplyOf<typeof getScimStatus>> {
    const principal = await this.changing.fresh(input.principal);
    authorizeAt(principal, 'organisation:write', { organisationId: principal.organisationId });
    const { id, scimIdClaim } = await this.get(principal, input.connection);
    const [tokens, people, groups] = await Promise.all([
      this.store.list(id),
      this.people.count(id),
      this.groups.count(id),
    ]);
    return { tokens, idClaim: scimIdClaim, people, groups };
  }

  async verify({ tokenHash }: InputOf<typeof verifyScimToken>): Promise<ReplyOf<typeof verifyScimToken>> {
    const principal = await this.store.use(tokenHash);
    if (!principal) throw causewayError('SCIM_TOKEN_INVALID', {});
    return { principal };
  }

  private async get({ organisationId }: Principal, name: string, reads?: Writes): Promise<StoredConnection> {
    const connection = await this.connections.find(name, reads);
    if (connection?.organisationId !== organisationId)
      throw causewayError('CONNECTION_UNKNOWN', { connection: name });
    return connection;
  }
}
