import { authorizeAt, coverAny, levelOf, permissionsAt, permissionsOfRole } from '@causeway/authz';
import { SealedPassword, auditEvent, causewayError } from '@causeway/contracts';
import type {
  InputOf,
  Invitation,
  Level,
  ReplyOf,
  acceptInvitation,
  createInvitation,
  deleteInvitation,
  listInvitations,
  readInvitation,
} from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { InvitationStore, type StoredInvitation } from '../../store/passwords/invitation.store.js';
import { PasswordStore } from '../../store/passwords/password.store.js';
import { UserStore } from '../../store/people/user.store.js';
import { RoleStore, type StoredBinding, withName } from '../../store/role.store.js';
import { placeOf, storedPlace } from '../../store/stored-place.js';
import { accessEvent, bindingEvent } from '../access-event.js';
import { Changing } from '../changing.js';
import { checkMayGive } from '../check-may-give.js';
import { Sessions } from '../sign-in/sessions.js';
import { Teams } from '../teams.js';
import { checkPassword } from './check-password.js';
import { Hashing } from './hashing.js';
import { Opening } from './opening.js';

/** Invites people by links. */
@Injectable()
export class Invitations {
  constructor(
    private readonly changing: Changing,
    private readonly store: InvitationStore,
    private readonly roles: RoleStore,
    private readonly teams: Teams,
  ) {}

  create({ name, email, tokenHash, ...input }: InputOf<typeof createInvitation>): Promise<Invitation> {
    return this.changing.change(input, async (writes, actor) => {
      const { principal } = actor;
      const { organisationId } = principal;
      authorizeAt(principal, 'member:write', { organisationId });
      const { ssoEnforcedAt } = await writes.organisation.findUniqueOrThrow({
        where: { id: organisationId },
      });
      if (ssoEnforcedAt !== null) throw causewayError('SSO_ENFORCED', {});
      const { teamId, projectId, flowId } = input;
      if (teamId !== undefined) await this.teams.visible(principal, teamId, writes);
      const place = { organisationId, teamId, projectId, flowId };
      const role =
        input.role === undefined ? undefined : await this.roles.get(organisationId, input.role, writes);
      if (role) checkMayGive(principal, role, place);
      const given = role && { role: role.name, ...storedPlace(place) };
      const {
        kind: makerKind,
        id: makerId,
        keyId: madeById = null,
        tokenId: madeByTokenId = null,
      } = principal;
      const endsAt = actor.expiresAt === null ? undefined : new Date(actor.expiresAt);
      const maker = { makerKind, makerId, madeById, madeByTokenId, endsAt };
      const wanted = { organisationId, tokenHash, name, email, ...maker, ...given };
      const invitation = await this.store.insert(writes, wanted);
      const { id, level } = invitation;
      const detail = { email: email ?? null, role: role?.name ?? null, level };
      const object = { type: 'invitation', id, name };
      return { result: invitation, events: [accessEvent(actor, 'invitation.create', object, detail)] };
    });
  }

  async list(input: InputOf<typeof listInvitations>): Promise<ReplyOf<typeof listInvitations>> {
    const principal = await this.changing.fresh(input.principal);
    const { organisationId } = principal;
    authorizeAt(principal, 'member:write', { organisationId });
    return this.store.list(organisationId, input.page);
  }

  async delete({ invitationId, ...input }: InputOf<typeof deleteInvitation>): Promise<void> {
    await this.changing.change(input, async (writes, actor) => {
      const { organisationId } = actor.principal;
      authorizeAt(actor.principal, 'member:write', { organisationId });
      const taken = await this.store.take(writes, organisationId, invitationId);
      if (!taken) throw causewayError('INVITATION_UNKNOWN', {});
      const object = { type: 'invitation', id: taken.id, name: taken.name };
      return { result: undefined, events: [accessEvent(actor, 'invitation.delete', object, {})] };
    });
  }
}

/** Takes in people who were invited. */
@Injectable()
export class Accepting {
  constructor(
    private readonly store: InvitationStore,
    private readonly users: UserStore,
    private readonly passwords: PasswordStore,
    private readonly roles: RoleStore,
    private readonly sessions: Sessions,
    private readonly hashing: Hashing,
    private readonly opening: Opening,
  ) {}

  async read({ tokenHash }: InputOf<typeof readInvitation>): Promise<ReplyOf<typeof readInvitation>> {
    const { name, email, organisation } = await this.get(tokenHash);
    return { name, email, organisation: organisation.name };
  }

  /** Makes the person with the role of the invitation, which is used up, and begins a session. */
  async accept(input: InputOf<typeof acceptInvitation>): Promise<ReplyOf<typeof acceptInvitation>> {
    const { invitationHash, tokenHash, formerHash, address, userAgent, requestId } = input;
    const known = await this.get(invitationHash);
    const { login, password } = await this.opening.open(input.sealed, tokenHash, SealedPassword);
    await checkPassword(password, [login, known.name, known.email ?? '']);
    const hash = await this.hashing.hash(password, input.network ?? address ?? '');
    const { organisationId } = known;
    return this.sessions.telling(organisationId, async (writes) => {
      const invitation = await this.store.find(invitationHash, writes);
      if (!invitation || !(await this.store.take(writes, organisationId, invitation.id)))
        throw causewayError('INVITATION_UNKNOWN', {});
      await this.checkMakerMay(writes, invitation);
      if (invitation.organisation.ssoEnforcedAt !== null) throw causewayError('SSO_ENFORCED', {});
      const { user, teamId } = await this.users.insert(writes, organisationId, invitation);
      await this.passwords.put(writes, {
        userId: user.id,
        login,
        hash,
        isBreakGlass: false,
        totpSecret: null,
      });
      const binding = await this.give(writes, user.id, invitation);
      const given = binding?.level === 'team' ? binding.objectId : binding?.teamId;
      const {
        id: sessionId,
        expiresAt,
        ended,
        events,
      } = await this.sessions.begin(
        writes,
        {
          organisationId,
          userId: user.id,
          teamId: given ?? teamId,
          connectionId: null,
          tokenHash,
          providerSession: null,
          idToken: null,
          address: address ?? null,
          userAgent: userAgent?.replaceAll('\u0000', '\uFFFD').toWellFormed() ?? null,
        },
        { name: user.name, formerHash, requestId },
      );
      const event = auditEvent({
        id: newId(),
        at: new Date(),
        tenant: { organisationId, teamId: given ?? teamId },
        actor: { kind: 'user', id: user.id, name: user.name, sessionId },
        action: 'user.create',
        object: { type: 'user', id: user.id, name: user.name },
        from: { address, userAgent },
        requestId,
        detail: { invitation: invitation.id, login, email: user.email, role: invitation.role },
      });
      const principal = { kind: 'user' as const, id: user.id, name: user.name, organisationId, teamId };
      const bound = binding
        ? [
            bindingEvent(
              { principal: { ...principal, permissions: [] }, requestId },
              'role_binding.create',
              withName(binding, user.name),
            ),
          ]
        : [];
      return {
        result: { expiresAt: expiresAt.toISOString() },
        events: [event, ...bound, ...events],
        ended,
      };
    });
  }

  /**
   * An invitation gives only what its maker may still give, and ends with the key or the token with which it was made, as keys do. One that
   * is older than its maker's column is taken as it is.
   *
   * @throws CausewayError INVITATION_UNKNOWN
   */
  private async checkMakerMay(
    writes: Parameters<RoleStore['bind']>[0],
    stored: StoredInvitation,
  ): Promise<void> {
    if (!(await this.store.isStanding(writes, stored))) throw causewayError('INVITATION_UNKNOWN', {});
    const { organisationId, makerKind, makerId, role, ...invitation } = stored;
    if (makerId === null || (makerKind !== 'user' && makerKind !== 'service_account')) return;
    const maker = await this.roles.findSubject(organisationId, { kind: makerKind, id: makerId }, writes);
    const grants = await this.roles.grantsOf(organisationId, makerId, writes);
    const wanted = role === null ? undefined : await this.roles.find(organisationId, role, writes);
    const { level, objectId, teamId } = invitation;
    const place =
      level === null || objectId === null
        ? { organisationId }
        : placeOf(organisationId, { level: level as Level, objectId, ...(teamId !== null && { teamId }) });
    const given = wanted ? permissionsOfRole(wanted.name, wanted.permissions, levelOf(place)) : [];
    const mayInvite = coverAny(
      grants.filter(({ permissions }) => permissions.includes('member:write')),
      { organisationId },
    );
    const held = permissionsAt(grants, place);
    if (maker?.isDisabled !== false || !mayInvite || given.some((one) => !held.includes(one)))
      throw causewayError('INVITATION_UNKNOWN', {});
  }

  /** Gives the role of an invitation. */
  private async give(
    writes: Parameters<RoleStore['bind']>[0],
    userId: string,
    { organisationId, role, level, objectId, teamId }: StoredInvitation,
  ): Promise<StoredBinding | undefined> {
    if (role === null || level === null || objectId === null) return undefined;
    // The role may have been removed since.
    if (!(await this.roles.find(organisationId, role, writes))) return undefined;
    const { binding } = await this.roles.bind(writes, organisationId, {
      subject: { kind: 'user', id: userId },
      role,
      level: level as Level,
      objectId,
      ...(teamId !== null && { teamId }),
    });
    return binding;
  }

  private async get(tokenHash: string): Promise<StoredInvitation> {
    const invitation = await this.store.find(tokenHash);
    if (!invitation) throw causewayError('INVITATION_UNKNOWN', {});
    return invitation;
  }
}
