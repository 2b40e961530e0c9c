import { Vault } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { Provider } from '../../clients/openid.client.js';
import type { StoredConnection } from '../../store/sign-in/connection.store.js';

/** Opens the secrets of connections. */
@Injectable()
export class Providers {
  constructor(private readonly vault: Vault) {}

  /** The identity provider of a connection. */
  of(connection: StoredConnection): Provider {
    const { id, issuer, clientId, scopes, groupsClaim, sealedSecret } = connection;
    return {
      version: JSON.stringify([id, issuer, clientId, sealedSecret]),
      issuer,
      clientId,
      clientSecret: sealedSecret === null ? undefined : this.vault.open(sealedSecret),
      scopes,
      groupsClaim,
    };
  }
}
