import { authorizeAt } from '@causeway/authz';
import { causewayError, permissions } from '@causeway/contracts';
import type {
  Connection,
  InputOf,
  Principal,
  ReplyOf,
  deleteConnection,
  listConnections,
  putConnection,
  testConnection,
} from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { OpenIdClient } from '../../clients/openid.client.js';
import { ConnectionStore, shownConnection } from '../../store/sign-in/connection.store.js';
import type { StoredConnection } from '../../store/sign-in/connection.store.js';
import type { Writes } from '../../store/tables.js';
import { accessEvent } from '../access-event.js';
import { Changing } from '../changing.js';
import { checkMayGive } from '../check-may-give.js';
import { Providers } from './providers.js';
import { Sessions } from './sessions.js';

const INITIAL_SCOPES = ['openid', 'profile', 'email'];
const INITIAL_CLAIM = 'groups';

/** The identity providers of organisations. Whoever says who signs in can become anybody, so only those who may do everything change them. */
@Injectable()
export class Connections {
  constructor(
    private readonly changing: Changing,
    private readonly store: ConnectionStore,
    private readonly providers: Providers,
    private readonly client: OpenIdClient,
    private readonly sessions: Sessions,
  ) {}

  async list(input: InputOf<typeof listConnections>): Promise<ReplyOf<typeof listConnections>> {
    const principal = await this.changing.fresh(input.principal);
    authorizeAt(principal, 'organisation:write', { organisationId: principal.organisationId });
    const items = await this.store.list(principal.organisationId);
    return { items: items.map(shownConnection) };
  }

  put({ name, fields, sealedSecret, ...input }: InputOf<typeof putConnection>): Promise<Connection> {
    return this.changing.change(input, async (writes, actor) => {
      const { organisationId } = actor.principal;
      checkMayDecideWhoSignsIn(actor.principal);
      const former = await this.store.find(name, writes);
      if (former && former.organisationId !== organisationId)
        throw causewayError('CONNECTION_TAKEN', { connection: name });
      const { disabled = former !== undefined && former.disabledAt !== null } = fields;
      const stored = await this.store.put(writes, organisationId, name, {
        label: fields.label ?? former?.label ?? name,
        issuer: fields.issuer,
        clientId: fields.clientId,
        scopes: [...new Set(['openid', ...(fields.scopes ?? former?.scopes ?? INITIAL_SCOPES)])],
        groupsClaim: fields.groupsClaim ?? former?.groupsClaim ?? INITIAL_CLAIM,
        domains: [...new Set(fields.domains ?? former?.domains ?? [])],
        sealedSecret: sealedSecret === undefined ? (former?.sealedSecret ?? null) : sealedSecret,
        disabledAt: disabled ? new Date() : null,
      });
      const { issuer, clientId, scopes, groupsClaim, domains } = stored;
      const detail = {
        issuer,
        clientId,
        scopes,
        groupsClaim,
        domains,
        disabled,
        isSecretChanged: sealedSecret !== undefined,
        ...(former && {
          former: { issuer: former.issuer, clientId: former.clientId, domains: former.domains },
        }),
      };
      const action = former ? 'connection.update' : 'connection.create';
      const event = accessEvent(actor, action, objectOf(stored), detail);
      return { result: shownConnection(stored), events: [event] };
    });
  }

  async delete({ name, ...input }: InputOf<typeof deleteConnection>): Promise<void> {
    const ended = await this.changing.change(input, async (writes, actor) => {
      checkMayDecideWhoSignsIn(actor.principal);
      const connection = await this.get(actor.principal, name, writes);
      const sessions = await this.sessions.endOf(writes, { connectionId: connection.id });
      await this.store.delete(writes, connection);
      const event = accessEvent(actor, 'connection.delete', objectOf(connection), {
        sessions: sessions.length,
      });
      return { result: sessions, events: [event] };
    });
    this.sessions.tellEnded(ended);
  }

  async test({ name, ...input }: InputOf<typeof testConnection>): Promise<ReplyOf<typeof testConnection>> {
    const principal = await this.changing.fresh(input.principal);
    authorizeAt(principal, 'organisation:write', { organisationId: principal.organisationId });
    const provider = await this.providers.of(await this.get(principal, name));
    const { metadata, keys } = await this.client.describe(provider);
    return {
      issuer: metadata.issuer,
      authorizationEndpoint: metadata.authorization_endpoint ?? '',
      keys,
      pkce: metadata.code_challenge_methods_supported?.includes('S256') ?? false,
      endsSessions: metadata.end_session_endpoint !== undefined,
    };
  }

  private async get({ organisationId }: Principal, name: string, reads?: Writes): Promise<StoredConnection> {
    const connection = await this.store.find(name, reads);
    if (connection?.organisationId !== organisationId)
      throw causewayError('CONNECTION_UNKNOWN', { connection: name });
    return connection;
  }
}

function checkMayDecideWhoSignsIn(principal: Principal): void {
  const { organisationId } = principal;
  authorizeAt(principal, 'organisation:write', { organisationId });
  checkMayGive(principal, { name: 'owner', permissions: [...permissions] }, { organisationId });
}

function objectOf({ id, name }: Connection) {
  return { type: 'connection', id, name };
}
