import { authorizeAt } from '@causeway/authz';
import { causewayError, permissions } from '@causeway/contracts';
import type {
  Connection,
  InputOf,
  Principal,
  ReplyOf,
  SamlConnectionFields,
  deleteConnection,
  describeConnection,
  listConnections,
  putConnection,
  testConnection,
} from '@causeway/contracts';
import type { JsonObject } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { SamlClient } from '../../clients/saml/saml.client.js';
import type { ProviderMetadata } from '../../domain/saml/read-metadata.js';
import { eventsOfEach } from '../../domain/events-of-each.js';
import { ConnectionStore } from '../../store/sign-in/connection.store.js';
import type { ConnectionChange, SamlStored, StoredConnection } from '../../store/sign-in/connection.store.js';
import type { Writes } from '../../store/tables.js';
import { accessEvent } from '../access-event.js';
import { Changing } from '../changing.js';
import { checkMayGive } from '../check-may-give.js';
import { certificateOf, oidcChange, samlChange } from './connection-change.js';
import { Providers } from './providers.js';
import { Sessions } from './sessions.js';

type SamlFields = z.infer<typeof SamlConnectionFields>;

/** The identity providers of organisations. Whoever says who signs in can become anybody, so only those who may do everything change them. */
@Injectable()
export class Connections {
  constructor(
    private readonly changing: Changing,
    private readonly store: ConnectionStore,
    private readonly providers: Providers,
    private readonly saml: SamlClient,
    private readonly sessions: Sessions,
  ) {}

  async list(input: InputOf<typeof listConnections>): Promise<ReplyOf<typeof listConnections>> {
    const principal = await this.changing.fresh(input.principal);
    authorizeAt(principal, 'organisation:write', { organisationId: principal.organisationId });
    const items = await this.store.list(principal.organisationId);
    return { items: items.map(shownConnection) };
  }

  async put({ name, fields, ...input }: InputOf<typeof putConnection>): Promise<Connection> {
    const metadata = fields.kind === 'saml' ? await this.readMetadata(input.principal, fields) : undefined;
    return this.changing.change(input, async (writes, actor) => {
      const { organisationId } = actor.principal;
      checkMayDecideWhoSignsIn(actor.principal);
      const former = await this.store.find(name, writes);
      if (former && former.organisationId !== organisationId)
        throw causewayError('CONNECTION_TAKEN', { connection: name });
      const asked = { ...input, name };
      const { kind = 'oidc' } = fields;
      const otherKind = (): Error =>
        causewayError('CONNECTION_OF_OTHER_KIND', {
          connection: name,
          kind: former?.kind ?? '',
          wanted: kind,
        });
      let change: ConnectionChange;
      if (fields.kind === 'saml') {
        if (former && former.kind !== 'saml') throw otherKind();
        change = samlChange(asked, fields, metadata, former);
      } else {
        if (former && former.kind !== 'oidc') throw otherKind();
        change = oidcChange(asked, fields, former);
      }
      const stored = await this.store.put(writes, organisationId, name, change);
      const detail = detailOf(stored, former, input.sealedSecret !== undefined);
      const action = former ? 'connection.update' : 'connection.create';
      const event = accessEvent(actor, action, objectOf(stored), detail);
      return { result: shownConnection(stored), events: [event] };
    });
  }

  async delete({ name, ...input }: InputOf<typeof deleteConnection>): Promise<void> {
    const ended = await this.changing.change(input, async (writes, actor) => {
      checkMayDecideWhoSignsIn(actor.principal);
      const connection = await this.get(actor.principal, name, writes);
      const because = 'the connection was removed';
      const sessions = await this.sessions.endOf(
        writes,
        { connectionId: connection.id },
        { ...actor, because },
      );
      const tokens = await this.store.delete(writes, connection);
      const detail = { sessions: sessions.ended.length, scimTokens: tokens.length };
      const event = accessEvent(actor, 'connection.delete', objectOf(connection), detail);
      const ofTokens = eventsOfEach(tokens, (id) =>
        accessEvent(actor, 'scim_token.delete', { type: 'scim_token', id }, { connection: name, because }),
      );
      return { result: sessions.ended, events: [event, ...ofTokens, ...sessions.events] };
    });
    this.sessions.tellEnded(ended);
  }

  async test({ name, ...input }: InputOf<typeof testConnection>): Promise<ReplyOf<typeof testConnection>> {
    const principal = await this.changing.fresh(input.principal);
    authorizeAt(principal, 'organisation:write', { organisationId: principal.organisationId });
    return this.providers.test(await this.get(principal, name));
  }

  /** For the provider, so for anybody: it says nothing that is secret. */
  async describe({
    connection: name,
    callbackUrl,
  }: InputOf<typeof describeConnection>): Promise<ReplyOf<typeof describeConnection>> {
    const connection = await this.store.find(name);
    if (!connection || connection.disabledAt !== null)
      throw causewayError('CONNECTION_UNKNOWN', { connection: name });
    return { xml: await this.providers.describe(connection, callbackUrl) };
  }

  /** What the given metadata says. Only whoever may change connections has an address read. */
  private async readMetadata(
    principal: Principal,
    { metadata: text, metadataUrl: url, disabled }: SamlFields,
  ): Promise<ProviderMetadata | undefined> {
    // One that exists can be disabled while SAML is off.
    if (disabled !== true) this.saml.checkOn();
    checkMayDecideWhoSignsIn(await this.changing.fresh(principal));
    if (text !== undefined) return this.saml.readMetadata({ text });
    return url === undefined ? undefined : this.saml.readMetadata({ url });
  }

  private async get({ organisationId }: Principal, name: string, reads?: Writes): Promise<StoredConnection> {
    const connection = await this.store.find(name, reads);
    if (connection?.organisationId !== organisationId)
      throw causewayError('CONNECTION_UNKNOWN', { connection: name });
    return connection;
  }
}

/** @throws CausewayError PERMISSION_DENIED, ROLE_TOO_WIDE */
export function checkMayDecideWhoSignsIn(principal: Principal): void {
  const { organisationId } = principal;
  authorizeAt(principal, 'organisation:write', { organisationId });
  checkMayGive(principal, { name: 'owner', permissions: [...permissions] }, { organisationId });
}

/** What the audit log says of a connection: what decides who signs in, and what of it was different. */
function detailOf(
  stored: StoredConnection,
  former: StoredConnection | undefined,
  isSecretChanged: boolean,
): JsonObject {
  const { issuer, clientId, domains, scimIdClaim, disabledAt } = stored;
  const own: JsonObject =
    stored.kind === 'oidc'
      ? { scopes: stored.scopes, groupsClaim: stored.groupsClaim, isSecretChanged }
      : {
          kind: stored.kind,
          signInUrl: stored.signInUrl,
          certificates: fingerprintsOf(stored),
          nameIdFormat: stored.nameIdFormat,
          attributes: stored.attributes,
        };
  return {
    issuer,
    clientId,
    ...own,
    domains,
    scimIdClaim,
    disabled: disabledAt !== null,
    ...(former && {
      former: {
        issuer: former.issuer,
        clientId: former.clientId,
        domains: former.domains,
        ...(former.kind === 'saml' && {
          signInUrl: former.signInUrl,
          certificates: fingerprintsOf(former),
          nameIdFormat: former.nameIdFormat,
        }),
      },
    }),
  };
}

function fingerprintsOf({ certificates }: SamlStored): string[] {
  return certificates.map((one) => certificateOf(one).fingerprint);
}

/** A connection as people see it. */
function shownConnection(stored: StoredConnection): Connection {
  const { organisationId: _organisation, sealedSecret: _secret, ...connection } = stored;
  if (connection.kind === 'oidc') return connection;
  return { ...connection, certificates: connection.certificates.map(certificateOf) };
}

function objectOf({ id, name }: StoredConnection) {
  return { type: 'connection', id, name };
}
