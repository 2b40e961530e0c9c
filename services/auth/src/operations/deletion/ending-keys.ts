import { permissionsAt } from '@causeway/authz';
import { keyChanged } from '@causeway/contracts';
import type { AuditEvent, Principal } from '@causeway/contracts';
import { Bus, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { eventsOfEach } from '../../domain/events-of-each.js';
import { checkMayRevoke, findTooWide } from '../../domain/api-key.js';
import { type EventKey, keyEvent } from '../../domain/key-event.js';
import { DeletionStore, type Ending } from '../../store/deletion.store.js';
import { KeyStore } from '../../store/key.store.js';
import { PrincipalStore } from '../../store/principal.store.js';
import type { Writes } from '../../store/tables.js';
import type { FreshActor } from '../changing.js';

/** Revokes the keys that end with a person, an account or a team. */
@Injectable()
export class EndingKeys {
  constructor(
    private readonly store: DeletionStore,
    private readonly keys: KeyStore,
    private readonly principals: PrincipalStore,
    private readonly bus: Bus,
  ) {}

  /** How many there are. */
  async count(writes: Writes, ending: Ending): Promise<number> {
    return (await this.store.keys(writes, ending)).length;
  }

  /**
   * Nobody ends a key together with something else that they could not revoke by itself: whoever calls it has checked that the caller may
   * write members where the keys are, and here each key must allow no more in its team than the caller may do there, or be made with theirs.
   *
   * @throws CausewayError KEY_OF_MORE, KEY_LAST
   */
  async end(
    writes: Writes,
    { principal, requestId }: FreshActor,
    ending: Ending,
  ): Promise<{ rows: EventKey[]; events: AuditEvent[] }> {
    const ids = await this.store.keys(writes, ending);
    if (ids.length === 0) return { rows: [], events: [] };
    await this.checkMayRevoke(writes, principal, ids);
    const at = new Date();
    const rows = await this.keys.revoke(writes, principal.organisationId, ids, at);
    const events = eventsOfEach(rows, (key) =>
      keyEvent('key.delete', key, { id: newId(), at, actor: principal, requestId }),
    );
    return { rows, events };
  }

  /** Gateways forget these keys. */
  tell(keys: readonly EventKey[]): void {
    for (const { id: keyId, organisationId, teamId } of keys)
      this.bus.publish(keyChanged, { organisationId, teamId, keyId });
  }

  private async checkMayRevoke(
    writes: Writes,
    { organisationId, keyId, grants = [] }: Principal,
    ids: readonly string[],
  ): Promise<void> {
    const allowed = await this.principals.allowedBy(writes, ids);
    for (const { id, teamId } of await this.keys.teamsOf(writes, ids)) {
      const permissions = allowed.get(id) ?? [];
      const held = permissionsAt(grants, { organisationId, teamId });
      if (findTooWide(permissions, held) === undefined) continue;
      if (keyId !== undefined && (await this.keys.isMadeWith(writes, id, keyId))) continue;
      checkMayRevoke({ id, permissions }, held);
    }
  }
}
