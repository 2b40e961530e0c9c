import { auditEvent, causewayError } from '@causeway/contracts';
import type { AuditEvent, InputOf, User, finishSignIn } from '@causeway/contracts';
import { SealedKind, Vault, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { Arriving } from '../../domain/arriving.js';
import type { NamedGroups } from '../../domain/provider-claims.js';
import { GroupStore } from '../../store/people/group.store.js';
import { UserStore } from '../../store/people/user.store.js';
import type { StoredConnection } from '../../store/sign-in/connection.store.js';
import { UsedAssertionStore } from '../../store/sign-in/used-assertion.store.js';
import { ScimJoining } from '../scim/scim-joining.js';
import { Sessions } from './sessions.js';

/** From where somebody signs in, and the hash of the token that they get. */
type From = Pick<
  InputOf<typeof finishSignIn>,
  'tokenHash' | 'formerHash' | 'address' | 'userAgent' | 'requestId'
>;

interface Arrival {
  readonly user: User;
  readonly teamId: string;
  readonly isNew: boolean;
  readonly named: NamedGroups;
  readonly joined: readonly string[];
  readonly left: readonly string[];
  readonly sessionId: string;
}

/** Takes in people whose identity provider has said who they are. */
@Injectable()
export class Arrivals {
  constructor(
    private readonly users: UserStore,
    private readonly groups: GroupStore,
    private readonly used: UsedAssertionStore,
    private readonly sessions: Sessions,
    private readonly joining: ScimJoining,
    private readonly vault: Vault,
  ) {}

  /**
   * Makes the person if they are new and SCIM has not sent them before, sets their groups of this connection, and begins a session. When the provider says that it names
   * only some of the groups, they stay as they are: nobody gets more by it.
   *
   * @returns  when the session expires
   * @throws   CausewayError SIGN_IN_REFUSED, CONNECTION_UNKNOWN, USER_DISABLED, PERSON_BARRED, LIMIT_REACHED
   */
  async add(connection: StoredConnection, who: Arriving, from: From): Promise<Date> {
    const { organisationId } = connection;
    const { groups: named, once } = who;
    await this.joining.settle(connection, who, from.requestId);
    const place = { organisationId, kind: SealedKind.session, id: from.tokenHash };
    const idToken = who.idToken === undefined ? null : await this.vault.seal(who.idToken, place);
    return this.sessions.telling(organisationId, async (writes) => {
      // Somebody may have disabled or deleted it while the provider answered.
      const usable = { id: connection.id, disabledAt: null };
      if ((await writes.connection.count({ where: usable })) === 0)
        throw causewayError('CONNECTION_UNKNOWN', { connection: connection.name });
      if (once && !(await this.used.use(writes, once)))
        throw causewayError('SIGN_IN_REFUSED', {
          problem: 'somebody has signed in with the same assertion before',
        });
      const sent = await this.joining.findSent(writes, connection.id, who.scimId);
      const { user, teamId, isNew } = await this.users.signIn(
        writes,
        organisationId,
        connection.id,
        who,
        sent,
      );
      if (user.disabledAt !== null) throw causewayError('USER_DISABLED', { name: user.name });
      const { joined, left } =
        named.kind === 'named'
          ? await this.groups.setNamed(writes, connection.id, user.id, named.values)
          : { joined: [], left: [] };
      const {
        id: sessionId,
        expiresAt,
        ended,
        events: told,
      } = await this.sessions.begin(
        writes,
        {
          organisationId,
          userId: user.id,
          teamId,
          connectionId: connection.id,
          tokenHash: from.tokenHash,
          providerSession: who.sid ?? null,
          idToken,
          address: from.address ?? null,
          userAgent: from.userAgent?.replaceAll('\u0000', '\uFFFD').toWellFormed() ?? null,
        },
        { ...from, name: user.name, endsAt: who.endsAt },
      );
      const about = eventsOf(connection, from, { user, teamId, isNew, named, joined, left, sessionId });
      const isChanged = joined.length > 0 || left.length > 0;
      const events = [...about, ...told];
      return { result: expiresAt, events, ended, isAccessChanged: isChanged };
    });
  }
}

function eventsOf(
  { organisationId, name: connection }: StoredConnection,
  { address, userAgent, requestId }: From,
  { user, teamId, isNew, named, joined, left, sessionId }: Arrival,
): AuditEvent[] {
  const about = {
    at: new Date(),
    tenant: { organisationId, teamId },
    actor: { kind: 'user' as const, id: user.id, name: user.name, sessionId },
    from: { address, userAgent },
    requestId,
  };
  const { id, name, email } = user;
  const made = auditEvent({
    ...about,
    id: newId(),
    action: 'user.create',
    object: { type: 'user', id, name },
    detail: { connection, email },
  });
  const begun = auditEvent({
    ...about,
    id: newId(),
    action: 'session.create',
    object: { type: 'session', id: sessionId },
    detail: {
      connection,
      joinedGroups: [...joined],
      leftGroups: [...left],
      ...(named.kind === 'unknown' && { groupsUnknown: true }),
    },
  });
  return isNew ? [made, begun] : [begun];
}
