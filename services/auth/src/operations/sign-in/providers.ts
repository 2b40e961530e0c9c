import { SealedKind, Vault } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { Provider } from '../../clients/openid.client.js';
import type { StoredConnection } from '../../store/sign-in/connection.store.js';

/** Opens the secrets of connections. */
@Injectable()
export class Providers {
  constructor(private readonly vault: Vault) {}

  /** The identity provider of a connection. @throws CausewayError SEALED_UNREADABLE */
  async of(connection: StoredConnection): Promise<Provider> {
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
