import { authorizeAt, knowsTeam } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type {
  InputOf,
  Principal,
  ReplyOf,
  ServiceAccount,
  createServiceAccount,
  listServiceAccounts,
  updateServiceAccount,
} from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { storedPlace } from '../store/stored-place.js';
import { RoleStore, withName } from '../store/role.store.js';
import type { Writes } from '../store/tables.js';
import { TeamStore } from '../store/team.store.js';
import { accessEvent, bindingEvent } from './access-event.js';
import { Changing } from './changing.js';
import { checkMayGive, checkMayGiveAll } from './check-may-give.js';
import { Teams } from './teams.js';

/** Makes and changes the service accounts of teams. */
@Injectable()
export class Accounts {
  constructor(
    private readonly changing: Changing,
    private readonly teams: Teams,
    private readonly store: TeamStore,
    private readonly roles: RoleStore,
  ) {}

  async list(input: InputOf<typeof listServiceAccounts>): Promise<ReplyOf<typeof listServiceAccounts>> {
    const { page } = input;
    const principal = await this.changing.fresh(input.principal);
    const { id: teamId } = await this.teams.visible(principal, input.teamId);
    authorizeAt(principal, 'member:read', { organisationId: principal.organisationId, teamId });
    return this.store.listAccounts(teamId, page);
  }

  /** Makes a service account, which has one role from the start: in its team, or only in a project or a flow of it. */
  create(input: InputOf<typeof createServiceAccount>): Promise<ServiceAccount> {
    return this.changing.change(input, async (writes, actor) => {
      const { principal } = actor;
      const { organisationId } = principal;
      const { id: teamId } = await this.teams.visible(principal, input.teamId, writes);
      const place = { organisationId, teamId, projectId: input.projectId, flowId: input.flowId };
      authorizeAt(principal, 'member:write', place);
      const role = await this.roles.get(organisationId, input.role, writes);
      checkMayGive(principal, role, place);
      const account = await this.store.insertAccount(writes, { organisationId, teamId }, input.name);
      const { binding } = await this.roles.bind(writes, organisationId, {
        subject: { kind: 'service_account', id: account.id },
        role: role.name,
        ...storedPlace(place),
      });
      const made = accessEvent(actor, 'service_account.create', objectOf(account), {}, teamId);
      const bound = bindingEvent(actor, 'role_binding.create', withName(binding, account.name));
      return { result: account, events: [made, bound] };
    });
  }

  /** Renames an account, or disables or enables it: that is like taking its roles away and giving them. */
  update(input: InputOf<typeof updateServiceAccount>): Promise<ServiceAccount> {
    return this.changing.changeAccess(input, async (writes, actor) => {
      const { principal } = actor;
      const former = await this.visible(principal, input.accountId, writes);
      const { organisationId } = principal;
      const place = { organisationId, teamId: former.teamId };
      authorizeAt(principal, 'member:write', place);
      const name = input.name === former.name ? undefined : input.name;
      const disabled = input.disabled === (former.disabledAt !== null) ? undefined : input.disabled;
      if (disabled !== undefined)
        checkMayGiveAll(principal, await this.roles.grantsOf(organisationId, former.id, writes));
      if (name === undefined && disabled === undefined) return { result: former, events: [] };
      const account = await this.store.updateAccount(writes, former, {
        ...(name !== undefined && { name }),
        ...(disabled !== undefined && { disabledAt: disabled ? new Date() : null }),
      });
      const detail = {
        ...(name !== undefined && { formerName: former.name }),
        ...(disabled !== undefined && { disabled }),
      };
      const event = accessEvent(actor, 'service_account.update', objectOf(account), detail, account.teamId);
      return { result: account, events: [event] };
    });
  }

  /** A service account of a team in which the caller has a role. @throws CausewayError ACCOUNT_UNKNOWN */
  async visible(principal: Principal, accountId: string, reads?: Writes): Promise<ServiceAccount> {
    const { organisationId, grants = [] } = principal;
    const account = await this.store.findAccount(organisationId, accountId, reads);
    if (!account || !knowsTeam(grants, { organisationId, teamId: account.teamId }))
      throw causewayError('ACCOUNT_UNKNOWN', { accountId });
    return account;
  }
}

function objectOf({ id, name }: ServiceAccount) {
  return { type: 'service_account', id, name };
}
