import { allowingGrants, authorizeAt, knowsTeam, holdsSomewhere } from '@causeway/authz';
import { causewayError, permissions } from '@causeway/contracts';
import type {
  InputOf,
  Principal,
  ReplyOf,
  Role,
  deleteRole,
  explainAccess,
  listRoles,
  putRole,
} from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { RoleStore } from '../store/role.store.js';
import type { Writes } from '../store/tables.js';
import { accessEvent } from './access-event.js';
import { Changing } from './changing.js';
import { checkMayGive } from './check-may-give.js';
import { Teams } from './teams.js';

/** Custom roles, and what somebody's roles allow. */
@Injectable()
export class Roles {
  constructor(
    private readonly changing: Changing,
    private readonly store: RoleStore,
    private readonly teams: Teams,
  ) {}

  async list(input: InputOf<typeof listRoles>): Promise<ReplyOf<typeof listRoles>> {
    const principal = await this.changing.fresh(input.principal);
    const permission = 'member:read';
    if (!holdsSomewhere(principal, permission)) throw causewayError('PERMISSION_DENIED', { permission });
    return { roles: await this.store.list(principal.organisationId) };
  }

  put(input: InputOf<typeof putRole>): Promise<Role> {
    const { name } = input;
    const wanted = [...new Set(input.permissions)];
    return this.changing.changeAccess(input, async (writes, actor) => {
      const { organisationId } = actor.principal;
      authorizeAt(actor.principal, 'organisation:write', { organisationId });
      const former = await this.findCustom(organisationId, name, writes);
      const either = [...new Set([...wanted, ...(former?.permissions ?? [])])];
      checkMayGive(actor.principal, { name, permissions: either }, { organisationId });
      const result = { name, isBuiltIn: false, permissions: wanted };
      if (former && former.permissions.toSorted().join() === wanted.toSorted().join())
        return { result, events: [] };
      await this.store.put(writes, organisationId, name, wanted);
      const detail = { permissions: wanted, ...(former && { formerPermissions: former.permissions }) };
      const action = former ? 'role.update' : 'role.create';
      return { result, events: [accessEvent(actor, action, objectOf(name), detail)] };
    });
  }

  async delete(input: InputOf<typeof deleteRole>): Promise<void> {
    const { name } = input;
    await this.changing.changeAccess(input, async (writes, actor) => {
      const { organisationId } = actor.principal;
      authorizeAt(actor.principal, 'organisation:write', { organisationId });
      const former = await this.findCustom(organisationId, name, writes);
      if (!former) throw causewayError('ROLE_UNKNOWN', { role: name });
      checkMayGive(actor.principal, former, { organisationId });
      await this.store.delete(writes, organisationId, name);
      const detail = { formerPermissions: former.permissions };
      return { result: undefined, events: [accessEvent(actor, 'role.delete', objectOf(name), detail)] };
    });
  }

  async explain(input: InputOf<typeof explainAccess>): Promise<ReplyOf<typeof explainAccess>> {
    const principal = await this.changing.fresh(input.principal);
    const { organisationId } = principal;
    const team = await this.teams.visible(principal, input.teamId);
    const { projectId, flowId } = input;
    const place = { organisationId, teamId: team.id, projectId, flowId };
    const wanted = input.subject ?? ownSubject(principal);
    if (wanted.id !== principal.id) authorizeAt(principal, 'member:read', place);
    const subject = await this.store.findSubject(organisationId, wanted);
    const grants = await this.store.grantsOf(organisationId, wanted.id);
    if (!subject || !knowsTeam(grants, place)) throw causewayError('SUBJECT_UNKNOWN', wanted);
    // The caller's own key may leave out a part of what the roles allow.
    const withKey = input.subject ? grants : (principal.grants ?? []);
    const { kind, id, name, isDisabled } = subject;
    return {
      subject: { kind, id, name },
      team,
      permissions: permissions.map((permission) => ({
        permission,
        allowed: !isDisabled && allowingGrants(withKey, permission, place).length > 0,
        by: isDisabled
          ? []
          : allowingGrants(grants, permission, place).map(({ role, level, group, sharedWith }) => ({
              role,
              level,
              ...(group !== undefined && { group }),
              ...(sharedWith && { sharedWith }),
            })),
      })),
    };
  }

  /** @throws CausewayError ROLE_BUILT_IN */
  private async findCustom(organisationId: string, name: string, writes: Writes): Promise<Role | undefined> {
    const role = await this.store.find(organisationId, name, writes);
    if (role?.isBuiltIn) throw causewayError('ROLE_BUILT_IN', { role: name });
    return role;
  }
}

export function ownSubject({ kind, id }: Principal): { kind: 'user' | 'service_account'; id: string } {
  if (kind === 'user' || kind === 'service_account') return { kind, id };
  throw causewayError('SUBJECT_UNKNOWN', { kind, id });
}

function objectOf(name: string) {
  return { type: 'role', id: name, name };
}
