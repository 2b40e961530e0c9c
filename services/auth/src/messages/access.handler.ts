import {
  createRoleBinding,
  createServiceAccount,
  createTeam,
  deleteRole,
  deleteRoleBinding,
  endObjectRoles,
  explainAccess,
  getBindingPlace,
  listRoleBindings,
  listRoles,
  listServiceAccounts,
  listTeams,
  putRole,
  renameTeam,
  updateServiceAccount,
} from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Accounts } from '../operations/accounts.js';
import { Bindings } from '../operations/bindings.js';
import { EndingRoles } from '../operations/deletion/ending-roles.js';
import { Roles } from '../operations/roles.js';
import { Teams } from '../operations/teams.js';

/** Handles requests about teams, service accounts, roles and who has them. */
@Controller()
export class AccessHandler {
  constructor(
    private readonly teams: Teams,
    private readonly accounts: Accounts,
    private readonly roles: Roles,
    private readonly bindings: Bindings,
    private readonly ending: EndingRoles,
  ) {}

  @Handles(listTeams)
  listTeams(input: InputOf<typeof listTeams>): Promise<ReplyOf<typeof listTeams>> {
    return this.teams.list(input);
  }

  @Handles(createTeam)
  createTeam(input: InputOf<typeof createTeam>): Promise<ReplyOf<typeof createTeam>> {
    return this.teams.create(input);
  }

  @Handles(renameTeam)
  renameTeam(input: InputOf<typeof renameTeam>): Promise<ReplyOf<typeof renameTeam>> {
    return this.teams.rename(input);
  }

  @Handles(listServiceAccounts)
  listAccounts(input: InputOf<typeof listServiceAccounts>): Promise<ReplyOf<typeof listServiceAccounts>> {
    return this.accounts.list(input);
  }

  @Handles(createServiceAccount)
  createAccount(input: InputOf<typeof createServiceAccount>): Promise<ReplyOf<typeof createServiceAccount>> {
    return this.accounts.create(input);
  }

  @Handles(updateServiceAccount)
  updateAccount(input: InputOf<typeof updateServiceAccount>): Promise<ReplyOf<typeof updateServiceAccount>> {
    return this.accounts.update(input);
  }

  @Handles(listRoles)
  listRoles(input: InputOf<typeof listRoles>): Promise<ReplyOf<typeof listRoles>> {
    return this.roles.list(input);
  }

  @Handles(putRole)
  putRole(input: InputOf<typeof putRole>): Promise<ReplyOf<typeof putRole>> {
    return this.roles.put(input);
  }

  @Handles(deleteRole)
  async deleteRole(input: InputOf<typeof deleteRole>): Promise<ReplyOf<typeof deleteRole>> {
    await this.roles.delete(input);
    return {};
  }

  @Handles(listRoleBindings)
  listBindings(input: InputOf<typeof listRoleBindings>): Promise<ReplyOf<typeof listRoleBindings>> {
    return this.bindings.list(input);
  }

  @Handles(createRoleBinding)
  bind(input: InputOf<typeof createRoleBinding>): Promise<ReplyOf<typeof createRoleBinding>> {
    return this.bindings.create(input);
  }

  @Handles(getBindingPlace)
  placeOfBinding(input: InputOf<typeof getBindingPlace>): Promise<ReplyOf<typeof getBindingPlace>> {
    return this.bindings.place(input);
  }

  @Handles(deleteRoleBinding)
  async unbind(input: InputOf<typeof deleteRoleBinding>): Promise<ReplyOf<typeof deleteRoleBinding>> {
    await this.bindings.delete(input);
    return {};
  }

  /** Idempotent: what was taken away is not taken away again. */
  @Handles(endObjectRoles)
  async endRoles({ items }: InputOf<typeof endObjectRoles>): Promise<ReplyOf<typeof endObjectRoles>> {
    await this.ending.end(items.map(({ payload }) => payload));
    return { confirmed: items.map(({ id }) => id) };
  }

  @Handles(explainAccess)
  explain(input: InputOf<typeof explainAccess>): Promise<ReplyOf<typeof explainAccess>> {
    return this.roles.explain(input);
  }
}
