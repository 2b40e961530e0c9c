import { authorizeAt, findMissing, permissionsOfRole } from '@causeway/authz';
import { DEFAULT_TEAM_ID, causewayError, endTeamObjects, endTeamRuns } from '@causeway/contracts';
import type {
  InputOf,
  Principal,
  Team,
  deleteServiceAccount,
  deleteTeam,
  deleteUser,
} from '@causeway/contracts';
import { newId, outboxRow } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { DELETED_PERSON, DeletionStore } from '../../store/deletion.store.js';
import { KeyStore } from '../../store/key.store.js';
import { type BindingsWhere, RoleStore, withName } from '../../store/role.store.js';
import { type Writes, databaseTime, tell } from '../../store/tables.js';
import { accessEvent, bindingEvent } from '../access-event.js';
import { Accounts } from '../accounts.js';
import { Changing, type FreshActor } from '../changing.js';
import { checkMayGiveAll } from '../check-may-give.js';
import { Teams } from '../teams.js';
import { endedEvents } from './ended-events.js';
import { EndingKeys } from './ending-keys.js';

/** How many roles are taken away at once, with their audit events. */
const ROLES_AT_ONCE = 500;

/** Deletes teams, service accounts and people. Their keys, roles and sessions end at once; the audit log keeps their ids. */
@Injectable()
export class Deleting {
  constructor(
    private readonly changing: Changing,
    private readonly store: DeletionStore,
    private readonly keys: KeyStore,
    private readonly roles: RoleStore,
    private readonly accounts: Accounts,
    private readonly teams: Teams,
    private readonly endingKeys: EndingKeys,
  ) {}

  /** Deletes a service account with its keys and clients. Needs what disabling it needs. */
  async deleteAccount(input: InputOf<typeof deleteServiceAccount>): Promise<void> {
    const revoked = await this.changing.changeAccess(input, async (writes, actor) => {
      const { principal } = actor;
      const { organisationId } = principal;
      const account = await this.accounts.visible(principal, input.accountId, writes);
      authorizeAt(principal, 'member:write', { organisationId, teamId: account.teamId });
      await this.checkMayEnd(principal, account.id, writes);
      const keys = await this.endingKeys.end(writes, actor, { accountIds: [account.id] });
      await this.endRoles(writes, actor, rolesOf(organisationId, 'service_account', account.id));
      const { clients } = await this.store.endAccounts(writes, [account.id], await databaseTime(writes));
      const object = { type: 'service_account', id: account.id, name: account.name };
      const event = accessEvent(actor, 'service_account.delete', object, {}, account.teamId);
      const ended = endedEvents(actor, { clients }, 'the service account was deleted');
      return { result: keys.rows, events: [...keys.events, ...ended, event] };
    });
    this.endingKeys.tell(revoked);
  }

  /** Deletes a disabled person: name, address and how they signed in are removed; the audit log keeps the id. Whom a provider still knows does not come back. */
  async deleteUser(input: InputOf<typeof deleteUser>): Promise<void> {
    const { userId } = input;
    const revoked = await this.changing.changeAccess(input, async (writes, actor) => {
      const { organisationId } = actor.principal;
      authorizeAt(actor.principal, 'member:write', { organisationId });
      const user = await this.roles.findSubject(organisationId, { kind: 'user', id: userId }, writes);
      if (!user) throw causewayError('USER_UNKNOWN', { userId });
      if (!user.isDisabled) throw causewayError('USER_NOT_DISABLED', { name: user.name });
      await this.checkMayEnd(actor.principal, userId, writes);
      const keys = await this.endingKeys.end(writes, actor, { userId });
      const at = await databaseTime(writes);
      const deletion = { by: actor.principal, at };
      const { barredFrom, ...ended } = await this.keys.keepingOwner(writes, organisationId, async () => {
        await this.endRoles(writes, actor, rolesOf(organisationId, 'user', userId), DELETED_PERSON);
        return this.store.endUser(writes, { organisationId, id: userId }, deletion);
      });
      const detail = { ...(barredFrom.length > 0 && { barredFrom: [...barredFrom] }) };
      const event = accessEvent(actor, 'user.delete', { type: 'user', id: userId }, detail);
      const gone = { id: userId, name: DELETED_PERSON };
      const told = endedEvents(actor, ended, 'the person was deleted', gone);
      return { result: keys.rows, events: [...keys.events, ...told, event] };
    });
    this.endingKeys.tell(revoked);
  }

  /**
   * Deletes a team with what it holds, which the caller has to confirm by its name unless it is empty. Nobody ends with it what they could not
   * end by itself: keys of others and accounts need member:write there, and each key and role no more than the caller may do there. What people
   * themselves began in the team, sessions and grants of programs, ends as it does when they lose their role there.
   */
  async deleteTeam(input: InputOf<typeof deleteTeam>): Promise<void> {
    const { teamId, holds, confirm } = input;
    const revoked = await this.changing.changeAccess(input, async (writes, actor) => {
      const { organisationId } = actor.principal;
      authorizeAt(actor.principal, 'organisation:write', { organisationId });
      const team = await this.teams.visible(actor.principal, teamId, writes);
      const other = await this.otherTeam(writes, organisationId, team);
      const accounts = await writes.serviceAccount.findMany({
        where: { teamId, deletedAt: null },
        select: { id: true },
      });
      const accountIds = accounts.map(({ id }) => id);
      const ending = { accountIds, teamId };
      const keyCount = await this.endingKeys.count(writes, ending);
      const all = { ...holds, 'service accounts': accounts.length, keys: keyCount };
      const named = Object.entries(all).flatMap(([what, count]) =>
        count > 0 ? [`${count} ${count === 1 ? what.replace(/s$/, '') : what}`] : [],
      );
      if (named.length > 0 && confirm !== team.name)
        throw causewayError('TEAM_NOT_EMPTY', { name: team.name, holds: named.join(', ') });
      if (accounts.length + keyCount > 0)
        authorizeAt(actor.principal, 'member:write', { organisationId, teamId });
      await this.checkMayEndRoles(actor.principal, teamId, writes);
      const keys = await this.endingKeys.end(writes, actor, ending);
      const at = await databaseTime(writes);
      const ended = { organisationId, teamId };
      const { roles, ...things } = await this.keys.keepingOwner(writes, organisationId, async () => ({
        roles: await this.endRoles(writes, actor, rolesIn(organisationId, teamId)),
        ...(await this.store.endAccounts(writes, accountIds, at)),
        ...(await this.store.endTeam(writes, { ...ended, otherId: other }, at)),
      }));
      for (const contract of [endTeamObjects, endTeamRuns])
        await writes.outbox.create({ data: outboxRow(contract, ended, ended, newId()) });
      const object = { type: 'team', id: teamId, name: team.name };
      const event = accessEvent(actor, 'team.delete', object, { ...all, roles }, teamId);
      const told = endedEvents(actor, things, 'the team was deleted');
      return { result: keys.rows, events: [...keys.events, ...told, event] };
    });
    this.endingKeys.tell(revoked);
  }

  /** The oldest of the other teams. @throws CausewayError TEAM_LAST for the last team, and for the one that always exists */
  private async otherTeam(writes: Writes, organisationId: string, { id, name }: Team): Promise<string> {
    const other = await writes.team.findFirst({
      where: { organisationId, deletedAt: null, id: { not: id } },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    });
    if (!other || id === DEFAULT_TEAM_ID) throw causewayError('TEAM_LAST', { name });
    return other.id;
  }

  /** @throws CausewayError ROLE_TOO_WIDE */
  private async checkMayEnd(principal: Principal, subjectId: string, writes: Writes): Promise<void> {
    checkMayGiveAll(principal, await this.roles.grantsOf(principal.organisationId, subjectId, writes));
  }

  /** The same for all roles in a team: the flows that other teams shared with it are theirs. @throws CausewayError ROLE_TOO_WIDE */
  private async checkMayEndRoles(principal: Principal, teamId: string, writes: Writes): Promise<void> {
    const { organisationId } = principal;
    for (const { name, level } of await this.roles.namesIn(writes, organisationId, teamId)) {
      const role = await this.roles.find(organisationId, name, writes);
      if (!role) continue;
      const wanted = permissionsOfRole(role.name, role.permissions, level);
      const permission = findMissing(principal, wanted, { organisationId, teamId });
      if (permission !== undefined) throw causewayError('ROLE_TOO_WIDE', { role: role.name, permission });
    }
  }

  /**
   * Takes away roles and writes an audit event of each, some at a time: a team may have many.
   *
   * @param subjectName  what the events call who had them, if not by their name
   * @returns            how many
   */
  private async endRoles(
    writes: Writes,
    actor: FreshActor,
    where: BindingsWhere,
    subjectName?: string,
  ): Promise<number> {
    for (let count = 0; ;) {
      const ended = await this.roles.unbindSome(writes, where, ROLES_AT_ONCE);
      const named = ended.map((one) => (subjectName === undefined ? one : withName(one, subjectName)));
      await tell(writes, ...named.map((one) => bindingEvent(actor, 'role_binding.delete', one)));
      count += ended.length;
      if (ended.length < ROLES_AT_ONCE) return count;
    }
  }
}

/** The roles that a person or an account has itself. */
function rolesOf(
  organisationId: string,
  subjectKind: 'user' | 'service_account',
  subjectId: string,
): BindingsWhere {
  return { organisationId, subjectKind, subjectId };
}

/** The roles in a team and in what it owns, and those that other teams gave it in their flows. */
function rolesIn(organisationId: string, teamId: string): BindingsWhere {
  const received = { subjectKind: 'team', subjectId: teamId };
  return { organisationId, OR: [{ level: 'team', objectId: teamId }, { teamId }, received] };
}
