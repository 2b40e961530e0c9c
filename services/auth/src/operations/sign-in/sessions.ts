import { homeTeam, knowsTeam, workTeam } from '@causeway/authz';
import { accessChanged, causewayError, sessionChanged } from '@causeway/contracts';
import type {
  AuditEvent,
  InputOf,
  ReplyOf,
  listUserSessions,
  switchTeam,
  verifySession,
} from '@causeway/contracts';
import { Bus, OutboxRelay } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { eventsOfEach } from '../../domain/events-of-each.js';
import { checkNoToken } from '../../domain/check-no-token.js';
import { PrincipalStore } from '../../store/principal.store.js';
import { RoleStore } from '../../store/role.store.js';
import { type EndedSession, type NewSession, SessionStore } from '../../store/sign-in/session.store.js';
import { Tables, type Writes, tell } from '../../store/tables.js';
import type { Actor } from '../access-event.js';
import { endEvent } from './end-event.js';

/** A change of sessions that is made. */
export interface SessionsChange<T> {
  readonly result: T;
  readonly events: readonly AuditEvent[];
  readonly ended: readonly EndedSession[];
  /** Whether the groups of somebody changed. */
  readonly isAccessChanged?: boolean;
}

/** Where people sign in: a page of the gateway. */
const SIGN_IN_PAGE = '/sign-in';

/** Sessions of browsers: who is signed in. */
@Injectable()
export class Sessions {
  constructor(
    private readonly store: SessionStore,
    private readonly principals: PrincipalStore,
    private readonly roles: RoleStore,
    private readonly tables: Tables,
    private readonly relay: OutboxRelay,
    private readonly bus: Bus,
  ) {}

  async verify({
    tokenHash,
    again = false,
  }: InputOf<typeof verifySession>): Promise<ReplyOf<typeof verifySession>> {
    const found = await this.principals.findBySession(tokenHash, !again);
    if (!found) throw causewayError('SESSION_ENDED', { page: SIGN_IN_PAGE });
    return found;
  }

  /** The caller's own. */
  async list({
    principal,
    page,
  }: InputOf<typeof listUserSessions>): Promise<ReplyOf<typeof listUserSessions>> {
    checkNoToken(principal, 'see sessions');
    return this.store.list(principal.id, principal.sessionId, page);
  }

  /**
   * Begins a session, and ends those that are too many, and the one that the same browser had until now: a session does not outlive the
   * next sign-in, whoever it was of.
   */
  async begin(
    writes: Writes,
    session: NewSession,
    by: {
      readonly name: string;
      readonly formerHash?: string | undefined;
      readonly requestId: string;
      /** When it ends at the latest, if the provider says so. */
      readonly endsAt?: Date | undefined;
    },
  ): Promise<Awaited<ReturnType<SessionStore['begin']>> & { readonly events: readonly AuditEvent[] }> {
    const { name, formerHash, requestId, endsAt } = by;
    const { organisationId, userId } = session;
    const grants = await this.roles.grantsOf(organisationId, userId, writes);
    const begun = await this.store.begin(writes, { ...session, teamId: homeTeam(grants, session) }, endsAt);
    const actor = { kind: 'user' as const, id: session.userId, name, sessionId: begun.id };
    const tooMany = begun.ended.map((row) =>
      endEvent(row, { actor, requestId, because: 'the person had too many' }),
    );
    if (formerHash === undefined) return { ...begun, events: tooMany };
    const former = await this.store.end(writes, await this.store.usable(writes, { tokenHash: formerHash }));
    const because = 'the same browser signed in again';
    return {
      ...begun,
      ended: [...begun.ended, ...former],
      events: [...tooMany, ...former.map((row) => endEvent(row, { actor, requestId, because }))],
    };
  }

  async switchTeam({ principal, teamId }: InputOf<typeof switchTeam>): Promise<void> {
    const { organisationId } = principal;
    await this.telling(organisationId, async (writes) => {
      const { sessionId, grants = [] } = (await this.principals.refresh(principal, writes)).principal;
      if (sessionId === undefined) throw causewayError('BROWSER_SESSION_UNKNOWN', { sessionId: 'session' });
      const team = await writes.team.findFirst({ where: { organisationId, id: teamId, deletedAt: null } });
      if (!team || !knowsTeam(grants, { organisationId, teamId }))
        throw causewayError('TEAM_UNKNOWN', { teamId });
      await this.store.setTeam(writes, sessionId, teamId);
      return { result: sessionId, events: [], ended: [] };
    }).then((sessionId) => this.bus.publish(sessionChanged, { organisationId, sessionId }));
  }

  /** Ends the sessions that can still be used, of a person, a connection, or a provider's session. Their events are about the organisation: a session may be in a team where its person has no role any more. */
  async endOf(
    writes: Writes,
    where: Parameters<SessionStore['usable']>[1],
    { principal: actor, requestId, because }: Actor & { readonly because: string },
  ): Promise<{ ended: EndedSession[]; events: AuditEvent[] }> {
    const ended = await this.store.end(writes, await this.store.usable(writes, where));
    const events = eventsOfEach(ended, ({ teamId: _team, ...row }) =>
      endEvent(row, { actor, requestId, because }),
    );
    return { ended, events };
  }

  /** Changes sessions and tells of it: the audit log, and gateways, which may remember them. */
  async telling<T>(
    organisationId: string,
    change: (writes: Writes) => Promise<SessionsChange<T>>,
  ): Promise<T> {
    const { result, events, ended, isAccessChanged } = await this.tables.change(
      organisationId,
      async (writes) => {
        const made = await change(writes);
        const events = [];
        for (const event of made.events) events.push(await this.inTeamOf(writes, event));
        await tell(writes, ...events);
        return made;
      },
    );
    if (events.length > 0) this.relay.wake();
    this.tellEnded(ended);
    if (isAccessChanged) this.bus.publish(accessChanged, { organisationId });
    return result;
  }

  /** An event in a team in which the person has a role; without any it is about the organisation, and no team's business. */
  private async inTeamOf(writes: Writes, event: AuditEvent): Promise<AuditEvent> {
    const { organisationId, teamId: chosen, ...rest } = event;
    const userId = event.actor.kind === 'user' ? event.actor.id : event.detail?.['userId'];
    if (chosen === undefined || typeof userId !== 'string') return event;
    const grants = await this.roles.grantsOf(organisationId, userId, writes);
    const teamId = workTeam(grants, { organisationId, teamId: chosen });
    const isKnown = knowsTeam(grants, { organisationId, teamId });
    return { ...rest, organisationId, ...(isKnown && { teamId }) };
  }

  /** Gateways forget these sessions. */
  tellEnded(ended: readonly EndedSession[]): void {
    for (const { id: sessionId, organisationId } of ended)
      this.bus.publish(sessionChanged, { organisationId, sessionId });
  }
}
