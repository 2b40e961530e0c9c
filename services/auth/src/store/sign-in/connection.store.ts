import { causewayError } from '@causeway/contracts';
import type { Connection } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { Connection as ConnectionRow } from '../generated/client.js';
import { Tables, type Writes } from '../tables.js';

const MOST_CONNECTIONS = 50;

interface Stored {
  readonly organisationId: string;
  readonly sealedSecret: string | null;
}

/** An OpenID Connect connection, with its sealed secret. */
export type OidcStored = Extract<Connection, { kind: 'oidc' }> & Stored;

/** A SAML connection, with its certificates as base64. */
export type SamlStored = Omit<Extract<Connection, { kind: 'saml' }>, 'certificates'> &
  Stored & { readonly certificates: readonly string[] };

/** A connection of either kind. */
export type StoredConnection = OidcStored | SamlStored;

type Change = Pick<StoredConnection, 'label' | 'issuer' | 'clientId' | 'domains' | 'scimIdClaim'> & {
  readonly disabledAt: Date | null;
};

/** What a connection becomes. */
export type ConnectionChange = Change &
  (
    | Pick<OidcStored, 'kind' | 'scopes' | 'groupsClaim' | 'sealedSecret'>
    | Pick<SamlStored, 'kind' | 'signInUrl' | 'certificates' | 'nameIdFormat' | 'attributes'>
  );

/** Connections to identity providers. */
@Injectable()
export class ConnectionStore {
  constructor(private readonly tables: Tables) {}

  /** Of an organisation, by name. */
  async list(organisationId: string): Promise<StoredConnection[]> {
    const rows = await this.tables.reads.connection.findMany({
      where: { organisationId },
      orderBy: { name: 'asc' },
    });
    return rows.map(connectionOf);
  }

  /** Those by which anybody may sign in, by name: all, or the one of a domain. */
  async offered(domain: string | undefined): Promise<StoredConnection[]> {
    const rows = await this.tables.reads.connection.findMany({
      where: { disabledAt: null, ...(domain !== undefined && { domains: { has: domain } }) },
      orderBy: { name: 'asc' },
      take: MOST_CONNECTIONS,
    });
    return rows.map(connectionOf);
  }

  /** By its name, in whatever organisation it is. */
  async find(name: string, reads: Writes = this.tables.reads): Promise<StoredConnection | undefined> {
    const row = await reads.connection.findUnique({ where: { name } });
    return row ? connectionOf(row) : undefined;
  }

  async findById(id: string, reads: Writes = this.tables.reads): Promise<StoredConnection | undefined> {
    const row = await reads.connection.findUnique({ where: { id } });
    return row ? connectionOf(row) : undefined;
  }

  /** @throws CausewayError DOMAIN_TAKEN, LIMIT_REACHED */
  async put(
    writes: Writes,
    organisationId: string,
    name: string,
    change: ConnectionChange,
  ): Promise<StoredConnection> {
    // Domains are unique among all organisations, whose changes do not wait for each other.
    await writes.$executeRaw`select pg_advisory_xact_lock(hashtextextended('auth: domains', 0))`;
    const taken = await writes.connection.findFirst({
      where: { name: { not: name }, domains: { hasSome: change.domains } },
    });
    const domain = change.domains.find((one) => taken?.domains.includes(one));
    if (taken && domain !== undefined)
      throw causewayError('DOMAIN_TAKEN', {
        domain,
        connection: taken.organisationId === organisationId ? taken.name : 'another organisation',
      });
    const data = columnsOf(change);
    const former = await writes.connection.findUnique({ where: { name } });
    if (former) {
      const isOther =
        former.issuer !== change.issuer ||
        (change.kind === 'saml' && former.nameIdFormat !== change.nameIdFormat);
      if (isOther) await this.leave(writes, former);
      // What another claim said is no id in this one.
      else if (former.scimIdClaim !== change.scimIdClaim)
        await writes.identity.updateMany({ where: { connectionId: former.id }, data: { scimId: null } });
      return connectionOf(await writes.connection.update({ where: { name }, data }));
    }
    if ((await writes.connection.count({ where: { organisationId } })) >= MOST_CONNECTIONS)
      throw causewayError('LIMIT_REACHED', { limit: MOST_CONNECTIONS, what: 'connections' });
    const made = { id: newId(), organisationId, name, ...data, createdAt: new Date() };
    return connectionOf(await writes.connection.create({ data: made }));
  }

  /**
   * An id of another provider may be somebody else: nobody is joined by it any more.
   *
   * @throws CausewayError CONNECTION_IN_USE while SCIM has people in the connection
   */
  private async leave(writes: Writes, { id, name }: Pick<ConnectionRow, 'id' | 'name'>): Promise<void> {
    const count = await writes.scimUser.count({ where: { connectionId: id } });
    if (count > 0)
      throw causewayError('CONNECTION_IN_USE', {
        connection: name,
        what: `${count} people whom SCIM has sent, and another identity provider may mean others by their ids; make another connection`,
      });
    await writes.identity.updateMany({
      where: { connectionId: id },
      data: { connectionId: null, scimId: null },
    });
  }

  /**
   * Who is barred from it may come back by no other connection to the same provider. Its SCIM tokens end.
   *
   * @returns the ids of these
   * @throws  CausewayError CONNECTION_IN_USE
   */
  async delete(
    writes: Writes,
    { id, name, organisationId, issuer }: Pick<StoredConnection, 'id' | 'name' | 'organisationId' | 'issuer'>,
  ): Promise<string[]> {
    const count = await writes.group.count({ where: { connectionId: id } });
    if (count > 0)
      throw causewayError('CONNECTION_IN_USE', {
        connection: name,
        what: `${count} groups; remove them first`,
      });
    const other = await writes.connection.findFirst({
      where: { organisationId, issuer, id: { not: id } },
      orderBy: { name: 'asc' },
    });
    if (other)
      await writes.barredPerson.updateMany({
        where: { connectionId: id },
        data: { connectionId: other.id },
      });
    const tokens = await writes.scimToken.findMany({ where: { connectionId: id }, select: { id: true } });
    await writes.connection.delete({ where: { id } });
    return tokens.map((one) => one.id);
  }
}

/** Whether the subject by which people sign in is also what SCIM calls them: an id that stays with one person. */
export function subjectIsScimId({
  scimIdClaim,
  kind,
  nameIdFormat,
}: Pick<ConnectionRow, 'scimIdClaim' | 'kind'> & { readonly nameIdFormat?: string | null }): boolean {
  return scimIdClaim === 'sub' && (kind === 'oidc' || nameIdFormat === 'persistent');
}

function columnsOf(change: ConnectionChange) {
  const { label, issuer, clientId, domains, scimIdClaim, disabledAt } = change;
  const common = { kind: change.kind, label, issuer, clientId, domains, scimIdClaim, disabledAt };
  if (change.kind === 'oidc') {
    const { scopes, groupsClaim, sealedSecret } = change;
    return { ...common, scopes, groupsClaim, clientSecret: sealedSecret };
  }
  const { signInUrl, certificates, nameIdFormat, attributes } = change;
  return {
    ...common,
    scopes: [],
    groupsClaim: attributes.groups,
    nameAttribute: attributes.name,
    emailAttribute: attributes.email,
    signInUrl,
    certificates: [...certificates],
    nameIdFormat,
  };
}

function connectionOf(row: ConnectionRow): StoredConnection {
  const common = {
    id: row.id,
    organisationId: row.organisationId,
    name: row.name,
    label: row.label,
    issuer: row.issuer,
    clientId: row.clientId,
    sealedSecret: row.clientSecret,
    domains: row.domains,
    scimIdClaim: row.scimIdClaim,
    createdAt: row.createdAt.toISOString(),
    disabledAt: row.disabledAt?.toISOString() ?? null,
  };
  if (row.kind !== 'saml')
    return {
      ...common,
      kind: 'oidc',
      hasSecret: row.clientSecret !== null,
      scopes: row.scopes,
      groupsClaim: row.groupsClaim,
    };
  // A check of the table sees to it that such a connection has all of them.
  return {
    ...common,
    kind: 'saml',
    signInUrl: row.signInUrl ?? '',
    certificates: row.certificates,
    nameIdFormat: row.nameIdFormat as SamlStored['nameIdFormat'],
    attributes: { name: row.nameAttribute ?? '', email: row.emailAttribute ?? '', groups: row.groupsClaim },
  };
}
