import { authorizeAt } from '@causeway/authz';
import { MOST_OWNED_LISTED, causewayError } from '@causeway/contracts';
import type { InputOf, Owned, listOwned } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { OwnedStore, shownClient } from '../../store/people/owned.store.js';
import { UserStore } from '../../store/people/user.store.js';
import { withName } from '../../store/role.store.js';
import { Changing } from '../changing.js';

/** What people own. */
@Injectable()
export class Owning {
  constructor(
    private readonly changing: Changing,
    private readonly users: UserStore,
    private readonly store: OwnedStore,
  ) {}

  async list(input: InputOf<typeof listOwned>): Promise<Owned> {
    const { userId } = input;
    const principal = await this.changing.fresh(input.principal);
    const { organisationId } = principal;
    authorizeAt(principal, 'member:write', { organisationId });
    const user = await this.users.find(organisationId, userId);
    if (!user) throw causewayError('USER_UNKNOWN', { userId });
    const [roles, clients, keys, madeKeys, grants, groups, scimTokens, onlyAdministratorOf] =
      await Promise.all([
        this.store.bindings(userId),
        this.store.clients(userId, MOST_OWNED_LISTED),
        this.store.keys(userId, MOST_OWNED_LISTED),
        this.store.madeKeys(userId, MOST_OWNED_LISTED),
        this.store.grants(userId),
        this.store.groups(userId),
        this.store.scimTokens(userId),
        this.store.onlyAdministratorOf(organisationId, userId),
      ]);
    const teamOf = ({ level, objectId, teamId }: (typeof roles)[number]): string =>
      level === 'team' ? objectId : (teamId ?? '');
    const names = await this.store.teamNames(roles.map(teamOf).filter((id) => id !== ''));
    return {
      user,
      roles: roles.map((one) => ({ ...withName(one, user.name), team: names.get(teamOf(one)) ?? null })),
      clients: clients.items.map(shownClient),
      keys: keys.items,
      madeKeys: madeKeys.items,
      grants,
      groups,
      scimTokens,
      onlyAdministratorOf,
      totals: {
        roles: roles.length,
        clients: clients.total,
        keys: keys.total,
        madeKeys: madeKeys.total,
      },
    };
  }
}
