import { accessChanged } from '@causeway/contracts';
import type { AuditEvent, Principal } from '@causeway/contracts';
import { Bus, OutboxRelay } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { type FreshPrincipal, PrincipalStore } from '../store/principal.store.js';
import { Tables, type Writes, tell } from '../store/tables.js';
import type { Actor } from './access-event.js';

/** A change that is made, with the audit events that report it: none when nothing changed. */
export interface Change<T> {
  readonly result: T;
  readonly events: readonly AuditEvent[];
  /** Whether it changes what somebody may do. @default whether there are events */
  readonly isAccessChanged?: boolean;
}

/** The caller of a change as they are when it is made; `expiresAt` is when their key expires. */
export type FreshActor = Required<Actor> & Pick<FreshPrincipal, 'expiresAt'>;

/**
 * Changes teams, roles and keys of an organisation, one change after another. What the caller may do is read again in the transaction of
 * the change, so that somebody who has just lost a role or a key cannot use what a gateway still remembers.
 */
@Injectable()
export class Changing {
  constructor(
    private readonly tables: Tables,
    private readonly principals: PrincipalStore,
    private readonly relay: OutboxRelay,
    private readonly bus: Bus,
  ) {}

  /** The caller of a question as they are now, with their grants, which no message says. @throws CausewayError KEY_INVALID */
  async fresh(principal: Principal): Promise<Principal> {
    return (await this.principals.refresh(principal)).principal;
  }

  /** @throws CausewayError KEY_INVALID when the caller's key is not valid any more; what `fn` throws */
  async change<T>(
    asked: Required<Actor>,
    fn: (writes: Writes, actor: FreshActor) => Promise<Change<T>>,
  ): Promise<T> {
    const { organisationId } = asked.principal;
    const { result, events } = await this.tables.change(organisationId, async (writes) => {
      const { principal, expiresAt } = await this.principals.refresh(asked.principal, writes);
      const change = await fn(writes, { principal, requestId: asked.requestId, expiresAt });
      await tell(writes, ...change.events);
      return change;
    });
    if (events.length > 0) this.relay.wake();
    return result;
  }

  /** The same for what changes what keys of the organisation may do: gateways ask again. */
  async changeAccess<T>(
    asked: Required<Actor>,
    fn: (writes: Writes, actor: FreshActor) => Promise<Change<T>>,
  ): Promise<T> {
    let isChanged = false;
    const result = await this.change(asked, async (writes, actor) => {
      const change = await fn(writes, actor);
      isChanged = change.isAccessChanged ?? change.events.length > 0;
      return change;
    });
    if (isChanged) this.bus.publish(accessChanged, { organisationId: asked.principal.organisationId });
    return result;
  }
}
