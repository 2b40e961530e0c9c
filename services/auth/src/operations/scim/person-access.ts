import type { AuditEvent, Owned } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { KeyStore } from '../../store/key.store.js';
import { OwnedStore } from '../../store/people/owned.store.js';
import { UserStore } from '../../store/people/user.store.js';
import type { Writes } from '../../store/tables.js';
import type { Actor } from '../access-event.js';
import { Sessions } from '../sign-in/sessions.js';

/** A person whose access changes, and when the identity provider ended it. */
interface Person {
  readonly user: { readonly id: string; readonly organisationId: string; readonly disabledAt: Date | null };
  readonly disabledAt: Date | null;
}

/** Ends and gives back the access of people for identity providers. */
@Injectable()
export class PersonAccess {
  constructor(
    private readonly users: UserStore,
    private readonly keys: KeyStore,
    private readonly sessions: Sessions,
    private readonly store: OwnedStore,
  ) {}

  /** How much a person owns, for the event that tells that their access has ended. */
  owned(writes: Writes, userId: string): Promise<Owned['totals']> {
    return this.store.totals(userId, writes);
  }

  /**
   * Disables or enables a person. Whoever was disabled by somebody else stays disabled: a provider gives back only what it has taken.
   *
   * @returns  since when the provider has ended the person’s access, and the events of the sessions that ended
   * @throws   CausewayError OWNER_LAST, KEY_OF_OWNER_LAST
   */
  async set(
    writes: Writes,
    actor: Actor,
    { user, disabledAt }: Person,
    isActive: boolean,
  ): Promise<{ disabledAt: Date | null; events: AuditEvent[] }> {
    const { id, organisationId } = user;
    if (isActive === (user.disabledAt === null)) return { disabledAt, events: [] };
    if (isActive) {
      if (user.disabledAt?.getTime() !== disabledAt?.getTime()) return { disabledAt, events: [] };
      await this.users.update(writes, id, { disabledAt: null });
      return { disabledAt: null, events: [] };
    }
    const now = new Date();
    await this.keys.keepingOwner(writes, organisationId, () =>
      this.users.update(writes, id, { disabledAt: now }),
    );
    // Otherwise they would be valid again when the person is enabled.
    const because = 'the identity provider ended the access of the person';
    const { events } = await this.sessions.endOf(writes, { userId: id }, { ...actor, because });
    return { disabledAt: now, events };
  }
}
