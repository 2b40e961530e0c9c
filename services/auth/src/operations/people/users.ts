import { authorizeAt, holdsSomewhere } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type { InputOf, Principal, ReplyOf, User, listUsers, updateUser } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { KeyStore } from '../../store/key.store.js';
import { OwnedStore } from '../../store/people/owned.store.js';
import { UserStore } from '../../store/people/user.store.js';
import { RoleStore } from '../../store/role.store.js';
import { accessEvent } from '../access-event.js';
import { Changing } from '../changing.js';
import { Sessions } from '../sign-in/sessions.js';
import { checkMayGiveAll } from '../check-may-give.js';

/** The people of organisations. */
@Injectable()
export class Users {
  constructor(
    private readonly changing: Changing,
    private readonly store: UserStore,
    private readonly roles: RoleStore,
    private readonly keys: KeyStore,
    private readonly sessions: Sessions,
    private readonly owned: OwnedStore,
  ) {}

  async list(input: InputOf<typeof listUsers>): Promise<ReplyOf<typeof listUsers>> {
    const principal = await this.changing.fresh(input.principal);
    checkMaySeePeople(principal);
    return this.store.list(principal.organisationId, input.search, input.page);
  }

  /** Renames a person, or disables or enables them: that is like taking their roles away and giving them. */
  update(input: InputOf<typeof updateUser>): Promise<User> {
    return this.changing.changeAccess(input, async (writes, actor) => {
      const { principal } = actor;
      const { organisationId } = principal;
      authorizeAt(principal, 'member:write', { organisationId });
      const former = await this.store.find(organisationId, input.userId, writes);
      if (!former) throw causewayError('USER_UNKNOWN', { userId: input.userId });
      const name = input.name === former.name ? undefined : input.name;
      const disabled = input.disabled === (former.disabledAt !== null) ? undefined : input.disabled;
      // Also for somebody whom an identity provider has disabled already: it must not enable them again.
      const isTaken = input.disabled === true && (await this.store.takeFromScim(writes, former.id));
      if (name === undefined && disabled === undefined && !isTaken) return { result: former, events: [] };
      if (disabled !== undefined || isTaken)
        checkMayGiveAll(principal, await this.roles.grantsOf(organisationId, former.id, writes));
      const change = {
        ...(name !== undefined && { name }),
        ...(disabled !== undefined && { disabledAt: disabled ? new Date() : null }),
      };
      const user = await this.keys.keepingOwner(writes, organisationId, () =>
        this.store.update(writes, former.id, change),
      );
      // Otherwise they would be valid again when the person is enabled.
      const because = 'the person was disabled';
      const sessions =
        disabled && (await this.sessions.endOf(writes, { userId: user.id }, { ...actor, because }));
      const detail = {
        ...(name !== undefined && { formerName: former.name }),
        ...((disabled !== undefined || isTaken) && { disabled: input.disabled ?? null }),
        ...(disabled && { owned: await this.owned.totals(user.id, writes) }),
      };
      const object = { type: 'user', id: user.id, name: user.name };
      const event = accessEvent(actor, 'user.update', object, detail);
      return { result: user, events: [event, ...(sessions ? sessions.events : [])] };
    });
  }
}

/**
 * Who gives roles anywhere must be able to find the people and groups of the organisation.
 *
 * @throws CausewayError PERMISSION_DENIED
 */
export function checkMaySeePeople(principal: Principal): void {
  if (holdsSomewhere(principal, 'member:write')) return;
  authorizeAt(principal, 'member:read', { organisationId: principal.organisationId });
}
