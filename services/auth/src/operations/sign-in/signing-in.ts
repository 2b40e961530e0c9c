import { SealedArrival, causewayError } from '@causeway/contracts';
import type { InputOf, ReplyOf, beginSignIn, finishSignIn, offerConnections } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { SealedKind, type SealedPlace, Vault } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { SIGN_IN_MINUTES, type Ticket, readTicket } from '../../domain/ticket.js';
import { typedPlace } from '../passwords/opening.js';
import { ConnectionStore, type StoredConnection } from '../../store/sign-in/connection.store.js';
import { Arrivals } from './arrivals.js';
import { Providers } from './providers.js';

/** Signs people in at the identity providers of their organisations. */
@Injectable()
export class SigningIn {
  constructor(
    private readonly connections: ConnectionStore,
    private readonly providers: Providers,
    private readonly arrivals: Arrivals,
    private readonly vault: Vault,
  ) {}

  /** The connections by which anybody may sign in. */
  async offer({ email }: InputOf<typeof offerConnections>): Promise<ReplyOf<typeof offerConnections>> {
    const domain = email === undefined ? undefined : email.slice(email.lastIndexOf('@') + 1).toLowerCase();
    const items = await this.connections.offered(domain);
    return {
      items: items
        .filter((connection) => this.providers.isUsable(connection))
        .map(({ name, label }) => ({ name, label })),
    };
  }

  async begin(input: InputOf<typeof beginSignIn>): Promise<ReplyOf<typeof beginSignIn>> {
    const { callbackUrl, email } = input;
    const connection = await this.get(input.connection);
    const { url, noted } = await this.providers.begin(connection, callbackUrl, email);
    const ticket: Ticket = {
      connectionId: connection.id,
      callbackUrl,
      returnTo: input.returnTo,
      noted,
      untilMs: Date.now() + SIGN_IN_MINUTES * 60_000,
    };
    return { url, ticket: await this.vault.seal(JSON.stringify(ticket), placeOf(connection)) };
  }

  async finish(input: InputOf<typeof finishSignIn>): Promise<ReplyOf<typeof finishSignIn>> {
    const connection = await this.get(input.connection);
    const brought = await this.vault.open(input.sealed, typedPlace(input.tokenHash));
    const { ticket: sealedTicket, ...answer } = SealedArrival.parse(JSON.parse(brought));
    const ticket = await this.open(sealedTicket, connection);
    if (ticket?.connectionId !== connection.id)
      throw causewayError('SIGN_IN_EXPIRED', { minutes: SIGN_IN_MINUTES });
    const who = await this.providers.finish(connection, ticket, answer);
    const expiresAt = await this.arrivals.add(connection, who, input);
    return { returnTo: ticket.returnTo, expiresAt: expiresAt.toISOString() };
  }

  private async open(sealed: string, connection: StoredConnection): Promise<Ticket | undefined> {
    try {
      return readTicket(await this.vault.open(sealed, placeOf(connection)), Date.now());
    } catch (error) {
      if (isCausewayError(error) && error.code === 'SEALED_UNREADABLE') return undefined;
      throw error;
    }
  }

  /** @throws CausewayError CONNECTION_UNKNOWN, also for a disabled one */
  private async get(name: string): Promise<StoredConnection> {
    const connection = await this.connections.find(name);
    if (!connection || connection.disabledAt !== null)
      throw causewayError('CONNECTION_UNKNOWN', { connection: name });
    return connection;
  }
}

function placeOf({ organisationId, id }: StoredConnection): SealedPlace {
  return { organisationId, kind: SealedKind.ticket, id };
}
