import { createHash } from 'node:crypto';
import { causewayError } from '@causeway/contracts';
import type { ReplyOf, testConnection } from '@causeway/contracts';
import { assertNever } from '@causeway/dag';
import { SealedKind, Vault } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { Provider } from '../../clients/known-providers.js';
import { type LogoutToken, OpenIdClient } from '../../clients/openid.client.js';
import { SamlClient } from '../../clients/saml/saml.client.js';
import type { Arriving } from '../../domain/arriving.js';
import { groupsOf, shownAs, textAt } from '../../domain/provider-claims.js';
import { nameIdFormats } from '../../domain/saml/read-assertion.js';
import type { Ticket } from '../../domain/ticket.js';
import { subjectIsScimId } from '../../store/sign-in/connection.store.js';
import type { OidcStored, SamlStored, StoredConnection } from '../../store/sign-in/connection.store.js';
import { certificateOf } from './connection-change.js';

/** What the browser brought back from the identity provider. */
export interface Answer {
  readonly currentUrl: string;
  readonly samlResponse?: string | undefined;
}

/** With more groups than it puts into an assertion, Entra ID says where they can be read. */
const GROUPS_ELSEWHERE = 'http://schemas.microsoft.com/claims/groups.link';

/** The identity providers of connections, whichever protocol they speak. */
@Injectable()
export class Providers {
  constructor(
    private readonly vault: Vault,
    private readonly openId: OpenIdClient,
    private readonly saml: SamlClient,
  ) {}

  /** Whether people can sign in by it, as far as the settings say. */
  isUsable({ kind }: StoredConnection): boolean {
    return kind !== 'saml' || this.saml.isOn;
  }

  /** Begins a sign-in. @returns where the browser goes, and what the end must find unchanged */
  async begin(
    connection: StoredConnection,
    callbackUrl: string,
    email: string | undefined,
  ): Promise<{ url: string; noted: Record<string, unknown> }> {
    switch (connection.kind) {
      case 'oidc':
        return this.openId.begin(await this.openIdOf(connection), callbackUrl, email);
      case 'saml':
        return this.saml.begin(connection, callbackUrl);
      default:
        return assertNever(connection);
    }
  }

  /** Finishes the sign-in of a ticket. @throws CausewayError SIGN_IN_REFUSED, PROVIDER_UNUSABLE, SAML_OFF */
  async finish(connection: StoredConnection, ticket: Ticket, answer: Answer): Promise<Arriving> {
    switch (connection.kind) {
      case 'oidc':
        return this.finishOpenId(connection, ticket, answer);
      case 'saml':
        return this.finishSaml(connection, ticket, answer);
      default:
        return assertNever(connection);
    }
  }

  /** What an OpenID Connect provider says of itself, asked anew; of a SAML one, whether a sign-in can begin. */
  async test(connection: StoredConnection): Promise<ReplyOf<typeof testConnection>> {
    if (connection.kind === 'saml') {
      const { issuer, signInUrl, certificates } = connection;
      await this.saml.begin(connection, 'https://localhost/');
      return {
        issuer,
        authorizationEndpoint: signInUrl,
        keys: certificates.length,
        pkce: false,
        endsSessions: false,
        certificates: certificates.map(certificateOf),
      };
    }
    const { metadata, keys } = await this.openId.describe(await this.openIdOf(connection));
    return {
      issuer: metadata.issuer,
      authorizationEndpoint: metadata.authorization_endpoint ?? '',
      keys,
      pkce: metadata.code_challenge_methods_supported?.includes('S256') ?? false,
      endsSessions: metadata.end_session_endpoint !== undefined,
    };
  }

  /** What a SAML provider has to know of a connection, as XML. @throws CausewayError CONNECTION_OF_OTHER_KIND, SAML_OFF */
  async describe(connection: StoredConnection, callbackUrl: string): Promise<string> {
    if (connection.kind !== 'saml')
      throw causewayError('CONNECTION_OF_OTHER_KIND', {
        connection: connection.name,
        kind: connection.kind,
        wanted: 'saml',
      });
    return this.saml.describe(connection, callbackUrl);
  }

  /** Where a browser goes to end the provider's session; undefined when the provider does not offer it. */
  async findSignOutUrl(
    connection: StoredConnection,
    idToken: string,
    returnUrl: string | undefined,
  ): Promise<string | undefined> {
    if (connection.kind !== 'oidc') return undefined;
    return this.openId.findSignOutUrl(await this.openIdOf(connection), idToken, returnUrl);
  }

  /** @throws CausewayError LOGOUT_TOKEN_INVALID, PROVIDER_UNUSABLE */
  async readLogoutToken(connection: StoredConnection, token: string): Promise<LogoutToken> {
    if (connection.kind !== 'oidc')
      throw causewayError('LOGOUT_TOKEN_INVALID', {
        problem: 'a SAML identity provider has no logout tokens',
      });
    return this.openId.readLogoutToken(await this.openIdOf(connection), token);
  }

  private async finishOpenId(
    connection: OidcStored,
    { callbackUrl, noted }: Ticket,
    { currentUrl, samlResponse }: Answer,
  ): Promise<Arriving> {
    if (samlResponse !== undefined)
      throw refused('it answers by SAML, and the connection is of another kind');
    const who = await this.openId.finish(await this.openIdOf(connection), callbackUrl, currentUrl, noted);
    const { issuer, subject, idClaims, userInfo, idToken, sid } = who;
    return {
      issuer,
      subject,
      ...shownAs(subject, idClaims, userInfo),
      scimId: textAt(connection.scimIdClaim, idClaims, userInfo) ?? null,
      groups: groupsOf(connection.groupsClaim, idClaims, userInfo),
      idToken,
      sid,
      once: undefined,
      endsAt: undefined,
    };
  }

  private async finishSaml(
    connection: SamlStored,
    { callbackUrl, noted, untilMs }: Ticket,
    { samlResponse }: Answer,
  ): Promise<Arriving> {
    if (samlResponse === undefined) throw refused('it has sent no SAML response');
    const { id, nameId, attributes, sessionEndsMs } = await this.saml.finish(
      connection,
      callbackUrl,
      samlResponse,
      noted,
    );
    const names = connection.attributes;
    const groups = attributes.get(names.groups);
    const shown = {
      name: attributes.get(names.name)?.[0],
      email: attributes.get(names.email)?.[0],
      email_verified: true,
    };
    return {
      // A name of one format is not the same name in another one, nor the subject of an ID token of that provider.
      issuer: `${nameIdFormats[connection.nameIdFormat]} ${connection.issuer}`,
      subject: nameId,
      ...shownAs(nameId, shown),
      scimId: scimIdOf(connection, nameId, attributes.get(connection.scimIdClaim)),
      groups: groupsOf(names.groups, {
        ...(groups && { [names.groups]: groups }),
        hasgroups: attributes.has(GROUPS_ELSEWHERE),
      }),
      idToken: undefined,
      sid: undefined,
      once: {
        id: createHash('sha256').update(`${connection.id} ${id}`).digest('hex'),
        // Without its ticket nobody signs in by it.
        until: new Date(untilMs),
      },
      endsAt: sessionEndsMs === undefined ? undefined : new Date(sessionEndsMs),
    };
  }

  private async openIdOf(connection: OidcStored): Promise<Provider> {
    const { id, name, organisationId, issuer, clientId, scopes, groupsClaim, sealedSecret } = connection;
    const place = { organisationId, kind: SealedKind.connection, id: name };
    return {
      version: JSON.stringify([id, issuer, clientId, sealedSecret]),
      issuer,
      clientId,
      clientSecret: sealedSecret === null ? undefined : await this.vault.open(sealedSecret, place),
      scopes,
      groupsClaim,
    };
  }
}

function refused(problem: string): Error {
  return causewayError('SIGN_IN_REFUSED', { problem });
}

/** A NameID of another format than the persistent one may be an address, or somebody else's next year: it joins nobody. */
function scimIdOf(
  connection: SamlStored,
  nameId: string,
  [value, ...others]: readonly string[] = [],
): string | null {
  if (subjectIsScimId(connection)) return nameId;
  return value !== undefined && value !== '' && others.length === 0 ? value : null;
}
