import { accessChanged } from '@causeway/contracts';
import type { DeletedObject, Principal, RoleBinding } from '@causeway/contracts';
import { Bus, OutboxRelay } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { RoleStore } from '../../store/role.store.js';
import { Tables, tell } from '../../store/tables.js';
import { bindingEvent } from '../access-event.js';

/** Takes roles away from where nothing is any more. */
@Injectable()
export class EndingRoles {
  constructor(
    private readonly tables: Tables,
    private readonly store: RoleStore,
    private readonly relay: OutboxRelay,
    private readonly bus: Bus,
  ) {}

  /** Takes away the roles that were given in projects and flows before these were deleted. */
  async end(deleted: readonly DeletedObject[]): Promise<void> {
    for (const organisationId of new Set(deleted.map((one) => one.organisationId)))
      await this.endIn(
        organisationId,
        deleted.filter((one) => one.organisationId === organisationId),
      );
  }

  private async endIn(organisationId: string, deleted: readonly DeletedObject[]): Promise<void> {
    const ended = await this.tables.change(organisationId, async (writes) => {
      const bindings = await this.store.unbindAll(writes, deleted);
      const events = bindings.map((binding) =>
        bindingEvent({ principal: systemIn(binding, organisationId) }, 'role_binding.delete', binding),
      );
      await tell(writes, ...events);
      return bindings.length;
    });
    if (ended === 0) return;
    this.relay.wake();
    this.bus.publish(accessChanged, { organisationId });
  }
}

/** Auth itself, in the team of a role binding. */
function systemIn({ teamId = '' }: RoleBinding, organisationId: string): Principal {
  return { kind: 'system', id: 'auth', name: 'auth', organisationId, teamId, permissions: [] };
}
