import { causewayError } from '@causeway/contracts';
import type { AuditEvent } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { scimInvalid } from '../../domain/scim/scim-invalid.js';
import { ShellStore } from '../../store/scim/shell.store.js';
import { type ScimPerson, ScimUserStore } from '../../store/scim/scim-user.store.js';
import { type StoredConnection, subjectIsScimId } from '../../store/sign-in/connection.store.js';
import type { Identity } from '../../store/people/user.store.js';
import { Tables, type Writes } from '../../store/tables.js';
import { type Actor, accessEvent } from '../access-event.js';
import { Sessions } from '../sign-in/sessions.js';
import { joinedEvents } from './joined-events.js';
import { PersonAccess } from './person-access.js';

/** Somebody who is here already. */
export interface KnownPerson {
  readonly userId: string;
  /** When the provider ended their access before. */
  readonly disabledAt: Date | null;
}

/**
 * Joins people whom SCIM sends with people who sign in. They are the same person if, and only if, the `externalId` is equal to the claim that
 * the connection names: names, addresses and our own ids join nobody.
 */
@Injectable()
export class ScimJoining {
  constructor(
    private readonly store: ScimUserStore,
    private readonly shells: ShellStore,
    private readonly access: PersonAccess,
    private readonly sessions: Sessions,
    private readonly tables: Tables,
  ) {}

  /** Whom SCIM has sent with this id, also if they were deleted there since. */
  async findSent(writes: Writes, connectionId: string, scimId: string | null): Promise<string | undefined> {
    if (scimId === null) return undefined;
    return (await this.store.findByExternalId(connectionId, scimId, writes))?.userId;
  }

  /**
   * Who is here already of somebody whom SCIM sends: a person who was deleted there before, or one who has signed in.
   *
   * @throws CausewayError SCIM_TAKEN, SCIM_INVALID
   */
  async findPerson(
    writes: Writes,
    connection: StoredConnection,
    externalId: string | undefined,
  ): Promise<KnownPerson | undefined> {
    if (externalId === undefined) return undefined;
    const { id: connectionId, scimIdClaim } = connection;
    const taken = causewayError('SCIM_TAKEN', { what: 'User', attribute: 'externalId', value: externalId });
    const sent = await this.store.findByExternalId(connectionId, externalId, writes);
    if (sent) {
      if (sent.deletedAt === null) throw taken;
      await this.store.delete(writes, sent.id);
      return sent;
    }
    const [userId, other] = await this.store.findSignedIn(
      writes,
      connectionId,
      externalId,
      subjectIsScimId(connection),
    );
    if (other !== undefined)
      throw scimInvalid(
        'invalidValue',
        `Several people have signed in with ${externalId} as their ${scimIdClaim}, so it tells nobody apart; name another claim for the connection`,
      );
    if (userId === undefined) return undefined;
    const former = await this.store.findByUser(connectionId, userId, writes);
    if (former?.deletedAt === null) throw taken;
    if (former) await this.store.delete(writes, former.id);
    return { userId, disabledAt: former?.disabledAt ?? null };
  }

  /**
   * Before a sign-in: somebody who signed in before SCIM sent them under an id that was not known yet is two people until then. What SCIM has sent becomes
   * part of the person who signs in, if nobody has signed in as the other one. It is committed before the sign-in goes on, so that a person whose access has ended stays without.
   *
   * @throws CausewayError PERSON_DIVIDED
   */
  async settle(connection: StoredConnection, identity: Identity, requestId: string): Promise<void> {
    const { organisationId } = connection;
    if (!(await this.findDivided(this.tables.reads, connection, identity))) return;
    await this.sessions.telling(organisationId, async (writes) => {
      const divided = await this.findDivided(writes, connection, identity);
      if (!divided) return { result: undefined, events: [], ended: [] };
      const { sent, user } = divided;
      const { id, name, teamId } = user;
      const principal = { kind: 'user' as const, id, name, organisationId, teamId, permissions: [] };
      const former = { id: sent.userId, name: sent.user.name };
      const actor = { principal, requestId };
      const { events } = await this.absorb(writes, actor, connection, sent, id);
      const detail = { connection: connection.name, joined: former };
      const object = { type: 'user', id, name };
      const event = accessEvent(actor, 'user.update', object, detail);
      return { result: undefined, events: [event, ...events], ended: [], isAccessChanged: true };
    });
  }

  /**
   * Makes what SCIM has sent part of another person. Whoever nobody has signed in as is removed, and their roles and groups go to that person.
   *
   * @throws CausewayError PERSON_DIVIDED when somebody has signed in as both
   */
  async absorb(
    writes: Writes,
    actor: Actor,
    connection: StoredConnection,
    sent: ScimPerson,
    userId: string,
  ): Promise<{ person: ScimPerson; events: AuditEvent[] }> {
    const own = await this.store.findByUser(connection.id, userId, writes);
    if (own?.deletedAt === null || !(await this.shells.isShell(writes, sent.userId, sent.id)))
      throw causewayError('PERSON_DIVIDED', { name: sent.user.name });
    if (own) await this.store.delete(writes, own.id);
    const moved = await this.store.setUser(writes, sent.id, userId);
    const had = await this.shells.moveTo(writes, sent.user, userId);
    const told = joinedEvents(actor, sent.user, moved.user, had);
    if (sent.user.disabledAt === null) return { person: moved, events: told };
    const asActive = { user: moved.user, disabledAt: null };
    const { disabledAt, events } = await this.access.set(writes, actor, asActive, false);
    const endedAt = sent.disabledAt === null ? null : disabledAt;
    return { person: await this.store.setDisabled(writes, sent.id, endedAt), events: [...told, ...events] };
  }

  private async findDivided(
    reads: Writes,
    { id: connectionId, organisationId }: StoredConnection,
    identity: Identity,
  ) {
    const { issuer, subject, scimId } = identity;
    if (scimId === null) return undefined;
    const sent = await this.store.findByExternalId(connectionId, scimId, reads);
    if (!sent) return undefined;
    const known = await reads.identity.findUnique({
      where: { organisationId_issuer_subject: { organisationId, issuer, subject } },
      include: { user: true },
    });
    return known && known.userId !== sent.userId ? { sent, user: known.user } : undefined;
  }
}
