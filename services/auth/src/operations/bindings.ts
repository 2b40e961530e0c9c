import { allowingGrants, authorizeAt, coverAny, knowsTeam, levelOf } from '@causeway/authz';
import type { Place } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type {
  InputOf,
  PlaceIds,
  Principal,
  ReplyOf,
  RoleBinding,
  createRoleBinding,
  deleteRoleBinding,
  getBindingPlace,
  listRoleBindings,
} from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { placeOf, storedPlace } from '../store/stored-place.js';
import { KeyStore } from '../store/key.store.js';
import { type FoundSubject, RoleStore, type StoredBinding, withName } from '../store/role.store.js';
import type { Writes } from '../store/tables.js';
import { bindingEvent } from './access-event.js';
import { Changing } from './changing.js';
import { checkMayGive } from './check-may-give.js';
import { Teams } from './teams.js';

/** Gives roles and takes them away. */
@Injectable()
export class Bindings {
  constructor(
    private readonly changing: Changing,
    private readonly store: RoleStore,
    private readonly keys: KeyStore,
    private readonly teams: Teams,
  ) {}

  async list(input: InputOf<typeof listRoleBindings>): Promise<ReplyOf<typeof listRoleBindings>> {
    const { page } = input;
    const principal = await this.changing.fresh(input.principal);
    const place = await this.placeNamed(principal, input);
    authorizeAt(principal, 'member:read', place);
    return this.store.listBindings(place, page);
  }

  /** Gives a role; a binding that exists is returned. A service account has roles only in its own team, a team only in flows of others. */
  create(input: InputOf<typeof createRoleBinding>): Promise<RoleBinding> {
    return this.changing.changeAccess(input, async (writes, actor) => {
      const { principal } = actor;
      const { organisationId } = principal;
      const place = await this.placeNamed(principal, input, writes);
      authorizeAt(principal, 'member:write', place);
      const role = await this.store.get(organisationId, input.role, writes);
      checkMayGive(principal, role, place);
      const subject = await this.store.findSubject(organisationId, input.subject, writes);
      if (!subject) throw causewayError('SUBJECT_UNKNOWN', input.subject);
      await this.checkOwnTeam(principal, subject, place, writes);
      checkShare(subject, place);
      const { binding, isNew } = await this.store.bind(writes, organisationId, {
        subject: input.subject,
        role: role.name,
        ...storedPlace(place),
      });
      if (isNew && subject.kind === 'service_account') await this.checkNotOfPages(subject, writes);
      const result = withName(binding, subject.name);
      return { result, events: isNew ? [bindingEvent(actor, 'role_binding.create', result)] : [] };
    });
  }

  async place({
    bindingId,
    ...input
  }: InputOf<typeof getBindingPlace>): Promise<ReplyOf<typeof getBindingPlace>> {
    const { organisationId, grants = [] } = await this.changing.fresh(input.principal);
    const binding = await this.store.findBinding(organisationId, bindingId);
    const { teamId: id } = binding ? placeOf(organisationId, binding) : {};
    const isKnown =
      id === undefined
        ? coverAny(grants, { organisationId })
        : knowsTeam(grants, { organisationId, teamId: id });
    if (!binding || !isKnown) throw causewayError('BINDING_UNKNOWN', { bindingId });
    const { level, objectId, teamId } = binding;
    return { level, objectId, ...(teamId !== undefined && { teamId }) };
  }

  async delete(input: InputOf<typeof deleteRoleBinding>): Promise<void> {
    const { bindingId, projectId } = input;
    await this.changing.changeAccess(input, async (writes, actor) => {
      const { principal } = actor;
      const { organisationId } = principal;
      const binding = await this.store.findBinding(organisationId, bindingId, writes);
      const place = binding && {
        ...placeOf(organisationId, binding),
        ...(binding.level === 'flow' && { projectId }),
      };
      if (!place || allowingGrants(principal.grants ?? [], 'member:read', place).length === 0)
        throw causewayError('BINDING_UNKNOWN', { bindingId });
      authorizeAt(principal, 'member:write', place);
      const role = await this.store.find(organisationId, binding.role, writes);
      if (role) checkMayGive(principal, role, place);
      await this.remove(writes, organisationId, binding);
      const subject = await this.store.findSubject(organisationId, binding.subject, writes);
      const named = withName(binding, subject?.name ?? '');
      return { result: undefined, events: [bindingEvent(actor, 'role_binding.delete', named)] };
    });
  }

  /**
   * A service account has roles only in its own team; who does not know that team does not know the account.
   *
   * @throws CausewayError ACCOUNT_ELSEWHERE, SUBJECT_UNKNOWN
   */
  private async checkOwnTeam(
    principal: Principal,
    { kind, id, name, teamId }: FoundSubject,
    place: Place,
    writes: Writes,
  ): Promise<void> {
    if (teamId === undefined || teamId === place.teamId) return;
    const team = await this.teams.findVisible(principal, teamId, writes);
    throw team
      ? causewayError('ACCOUNT_ELSEWHERE', { name, team: team.name })
      : causewayError('SUBJECT_UNKNOWN', { kind, id });
  }

  /** What everybody can use is not widened after it was published. @throws CausewayError ACCOUNT_OF_PAGES */
  private async checkNotOfPages({ id, name }: FoundSubject, writes: Writes): Promise<void> {
    if (await this.keys.hasPageKey(writes, id)) throw causewayError('ACCOUNT_OF_PAGES', { name });
  }

  private remove(writes: Writes, organisationId: string, { id, role, level }: StoredBinding): Promise<void> {
    const unbind = (): Promise<void> => this.store.unbind(writes, id);
    if (role !== 'owner' || level !== 'organisation') return unbind();
    return this.keys.keepingOwner(writes, organisationId, unbind);
  }

  /** The place that a request names. @throws CausewayError TEAM_UNKNOWN */
  private async placeNamed(
    principal: Principal,
    { teamId, projectId, flowId }: PlaceIds,
    reads?: Writes,
  ): Promise<Place> {
    const { organisationId } = principal;
    if (teamId === undefined) return { organisationId };
    await this.teams.visible(principal, teamId, reads);
    return { organisationId, teamId, projectId, flowId };
  }
}

/** A team has a role only in a single flow, and in one that is not its own. @throws CausewayError SHARE_REFUSED */
function checkShare({ kind, id, name }: FoundSubject, place: Place): void {
  if (kind !== 'team') return;
  const level = levelOf(place);
  if (level !== 'flow')
    throw causewayError('SHARE_REFUSED', { problem: `a team gets no role in a whole ${level}` });
  if (id === place.teamId)
    throw causewayError('SHARE_REFUSED', { problem: `the flow already belongs to team ${name}` });
}
