import { causewayError } from '@causeway/contracts';
import type { InputOf, ReplyOf, beginSignIn, finishSignIn, offerConnections } from '@causeway/contracts';
import { Vault } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { OpenIdClient } from '../../clients/openid.client.js';
import { SIGN_IN_MINUTES, type Ticket, readTicket } from '../../domain/ticket.js';
import { ConnectionStore, type StoredConnection } from '../../store/sign-in/connection.store.js';
import { Arrivals } from './arrivals.js';
import { Providers } from './providers.js';

/** Signs people in at the identity providers of their organisations. */
@Injectable()
export class SigningIn {
  constructor(
    private readonly connections: ConnectionStore,
    private readonly providers: Providers,
    private readonly client: OpenIdClient,
    private readonly arrivals: Arrivals,
    private readonly vault: Vault,
  ) {}

  /** The connections by which anybody may sign in. */
  async offer({ email }: InputOf<typeof offerConnections>): Promise<ReplyOf<typeof offerConnections>> {
    const domain = email === undefined ? undefined : email.slice(email.lastIndexOf('@') + 1).toLowerCase();
    const items = await this.connections.offered(domain);
    return { items: items.map(({ name, label }) => ({ name, label })) };
  }

  async begin(input: InputOf<typeof beginSignIn>): Promise<ReplyOf<typeof beginSignIn>> {
    const { callbackUrl, email } = input;
    const connection = await this.get(input.connection);
    const { url, noted } = await this.client.begin(this.providers.of(connection), callbackUrl, email);
    const ticket: Ticket = {
      connectionId: connection.id,
      callbackUrl,
      returnTo: input.returnTo,
      noted,
      untilMs: Date.now() + SIGN_IN_MINUTES * 60_000,
    };
    return { url, ticket: this.vault.seal(JSON.stringify(ticket)) };
  }

  async finish(input: InputOf<typeof finishSignIn>): Promise<ReplyOf<typeof finishSignIn>> {
    const connection = await this.get(input.connection);
    const ticket = this.open(input.ticket);
    if (ticket?.connectionId !== connection.id)
      throw causewayError('SIGN_IN_EXPIRED', { minutes: SIGN_IN_MINUTES });
    const { callbackUrl, noted, returnTo } = ticket;
    const provider = this.providers.of(connection);
    const who = await this.client.finish(provider, callbackUrl, input.currentUrl, noted);
    const expiresAt = await this.arrivals.add(connection, who, input);
    return { returnTo, expiresAt: expiresAt.toISOString() };
  }

  private open(sealed: string): Ticket | undefined {
    try {
      return readTicket(this.vault.open(sealed), Date.now());
    } catch {
      return undefined;
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
