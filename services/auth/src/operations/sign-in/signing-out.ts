import { causewayError } from '@causeway/contracts';
import type { InputOf, ReplyOf, endProviderSessions, endSession } from '@causeway/contracts';
import { SealedKind, Vault, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { checkNoToken } from '../../domain/check-no-token.js';
import { ConnectionStore } from '../../store/sign-in/connection.store.js';
import type { EndedSession } from '../../store/sign-in/session.store.js';
import { SessionStore } from '../../store/sign-in/session.store.js';
import { typedPlace } from '../passwords/opening.js';
import { endEvent } from './end-event.js';
import { Providers } from './providers.js';
import { Sessions } from './sessions.js';

/** Ends sessions: because their person wishes it, or because the identity provider has ended its own. */
@Injectable()
export class SigningOut {
  constructor(
    private readonly sessions: Sessions,
    private readonly store: SessionStore,
    private readonly connections: ConnectionStore,
    private readonly providers: Providers,
    private readonly vault: Vault,
  ) {}

  async end(input: InputOf<typeof endSession>): Promise<ReplyOf<typeof endSession>> {
    const { principal, requestId, others = false } = input;
    checkNoToken(principal, 'end sessions');
    const { organisationId, id: userId, sessionId: ownId } = principal;
    const { sessionId: wanted = ownId } = input;
    const ended = await this.sessions.telling(organisationId, async (writes) => {
      const usable = await this.store.usable(writes, { userId });
      const ids = usable.filter((id) => (others ? id !== ownId : id === wanted));
      if (!others && ids.length === 0)
        throw causewayError('BROWSER_SESSION_UNKNOWN', { sessionId: wanted ?? 'session' });
      const rows = await this.store.end(writes, ids);
      const about = { actor: principal, requestId };
      return { result: rows, events: rows.map((row) => endEvent(row, about)), ended: rows };
    });
    const own = ended.find(({ id }) => id === ownId);
    const signOutUrl = own && (await this.findSignOutUrl(own, input.returnUrl));
    if (signOutUrl === undefined) return { ended: ended.length };
    const sealedSignOutUrl = await this.vault.seal(signOutUrl, typedPlace(requestId));
    return { ended: ended.length, sealedSignOutUrl };
  }

  /** Takes a logout token of an identity provider. Idempotent: what has ended does not end again. */
  async endByProvider({
    connection: name,
    logoutToken,
    requestId,
  }: InputOf<typeof endProviderSessions>): Promise<ReplyOf<typeof endProviderSessions>> {
    const connection = await this.connections.find(name);
    if (!connection || connection.disabledAt !== null)
      throw causewayError('CONNECTION_UNKNOWN', { connection: name });
    const { organisationId, id: connectionId, issuer } = connection;
    const { sid, subject } = await this.providers.readLogoutToken(connection, logoutToken);
    return this.sessions.telling(organisationId, async (writes) => {
      const people =
        subject === undefined
          ? []
          : await writes.identity.findMany({ where: { organisationId, issuer, subject } });
      const ids = await this.store.usable(writes, {
        connectionId,
        // A token may name both: then it is this session, of this person.
        ...(sid !== undefined && { providerSession: sid }),
        ...(subject !== undefined && { userIds: people.map(({ userId }) => userId) }),
      });
      const rows = await this.store.end(writes, ids);
      const actor = { kind: 'system' as const, id: 'auth', name: `identity provider of ${name}` };
      const events = rows.map((row) => endEvent(row, { actor, requestId }));
      return { result: { ended: rows.length }, events, ended: rows };
    });
  }

  /** Where the browser goes to end the provider's session too. Whoever signs out here is signed out here, whatever the provider does. */
  private async findSignOutUrl(
    { organisationId, connectionId, idToken, tokenHash }: EndedSession,
    returnUrl: string | undefined,
  ): Promise<string | undefined> {
    if (connectionId === null || idToken === null) return undefined;
    const connection = await this.connections.findById(connectionId);
    if (!connection) return undefined;
    try {
      const place = { organisationId, kind: SealedKind.session, id: tokenHash };
      const token = await this.vault.open(idToken, place);
      return await this.providers.findSignOutUrl(connection, token, returnUrl);
    } catch (error) {
      log.failure(error, 'session of the identity provider not ended');
      return undefined;
    }
  }
}
