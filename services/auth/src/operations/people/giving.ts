import { authorizeAt, permissionsAt } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type { AuditEvent, RoleBinding, User } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { findTooWide } from '../../domain/api-key.js';
import { known } from '../../domain/known-permissions.js';
import { KeyStore } from '../../store/key.store.js';
import { ClientStore } from '../../store/oauth/client.store.js';
import type { MadeClient } from '../../store/people/owned.store.js';
import { RoleStore, withName } from '../../store/role.store.js';
import { placeOf } from '../../store/stored-place.js';
import { TeamStore } from '../../store/team.store.js';
import type { Writes } from '../../store/tables.js';
import { accessEvent, bindingEvent } from '../access-event.js';
import type { FreshActor } from '../changing.js';
import { checkMayGive } from '../check-may-give.js';
import { makerOf } from '../../domain/maker-of.js';

/** Gives single things, and nothing that the one who gives may not give. */
@Injectable()
export class Giving {
  constructor(
    private readonly roleStore: RoleStore,
    private readonly keys: KeyStore,
    private readonly clients: ClientStore,
    private readonly teams: TeamStore,
  ) {}

  /** The roles that were given to one person go to another one. @throws CausewayError ROLE_TOO_WIDE, LIMIT_REACHED, OWNER_LAST, KEY_OF_OWNER_LAST */
  async roles(
    writes: Writes,
    actor: FreshActor,
    from: User,
    to: User,
  ): Promise<{ roles: RoleBinding[]; events: AuditEvent[] }> {
    const { organisationId } = actor.principal;
    const roles: RoleBinding[] = [];
    const events: AuditEvent[] = [];
    const move = async (): Promise<void> => {
      for (const former of await this.roleStore.bindingsOf(from.id, writes)) {
        const role = await this.roleStore.find(organisationId, former.role, writes);
        if (role) checkMayGive(actor.principal, role, placeOf(organisationId, former));
        const { level, objectId, teamId } = former;
        const { binding, isNew } = await this.roleStore.bind(writes, organisationId, {
          subject: { kind: 'user', id: to.id },
          role: former.role,
          level,
          objectId,
          ...(teamId !== undefined && { teamId }),
        });
        await this.roleStore.unbind(writes, former.id);
        const given = withName(binding, to.name);
        roles.push(given);
        if (isNew) events.push(bindingEvent(actor, 'role_binding.create', given));
        events.push(bindingEvent(actor, 'role_binding.delete', withName(former, from.name)));
      }
    };
    await this.keys.keepingOwner(writes, organisationId, move);
    return { roles, events };
  }

  /**
   * A client stays, and does not end any more with the key that made it but with the one that is used now. Its secret ends, because the person who
   * leaves may know it, and so do the tokens that it has given.
   *
   * @throws CausewayError PERMISSION_DENIED, KEY_SCOPE_TOO_WIDE
   */
  async client(
    writes: Writes,
    actor: FreshActor,
    { id, name, kind, permissions, serviceAccountId }: MadeClient,
    to: User,
  ): Promise<AuditEvent> {
    const { principal } = actor;
    const { organisationId, grants = [] } = principal;
    const account =
      serviceAccountId === null
        ? undefined
        : await this.teams.findAccount(organisationId, serviceAccountId, writes);
    const place = { organisationId, ...(account && { teamId: account.teamId }) };
    authorizeAt(principal, account ? 'member:write' : 'organisation:write', place);
    const permission = account && findTooWide(known(permissions), permissionsAt(grants, place));
    if (permission !== undefined) throw causewayError('KEY_SCOPE_TOO_WIDE', { permission });
    await this.clients.keep(writes, id, makerOf(principal));
    const detail = { handedOverTo: { id: to.id, name: to.name }, isSecretEnded: kind !== 'public' };
    return accessEvent(actor, 'client.update', { type: 'client', id, name }, detail, account?.teamId);
  }
}
