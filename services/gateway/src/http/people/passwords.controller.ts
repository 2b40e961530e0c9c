import {
  actorOf,
  createInvitation,
  createInvitationRoute,
  deleteInvitation,
  deleteInvitationRoute,
  deletePassword,
  deletePasswordRoute,
  getOrganisation,
  getOrganisationRoute,
  listInvitations,
  listInvitationsRoute,
  setPassword,
  setPasswordRoute,
  updateOrganisation,
  updateOrganisationRoute,
} from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Bus, Vault, newInvitationToken } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Places } from '../../operations/places.js';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';
import { originOf } from '../door/public-origin.js';
import { typedPlace } from '../pages/beginning.js';

/** Passwords, invitations and enforced SSO. Auth decides who may do what. */
@Controller()
export class PasswordsController {
  constructor(
    private readonly bus: Bus,
    private readonly vault: Vault,
    private readonly places: Places,
  ) {}

  @Serve(setPasswordRoute)
  async set(
    { params, body }: RouteInput<typeof setPasswordRoute>,
    call: Call,
  ): Promise<RouteReply<typeof setPasswordRoute>> {
    const { breakGlass: isBreakGlass = false, ...typed } = body;
    const place = typedPlace(params.userId);
    const sealed = await this.vault.seal(JSON.stringify(typed), place);
    const asked = { ...actorOf(call), ...params, sealed, isBreakGlass };
    const { sealedUri } = await this.bus.request(setPassword, asked);
    return {
      login: body.login,
      ...(sealedUri !== undefined && { uri: await this.vault.open(sealedUri, place) }),
    };
  }

  @Serve(deletePasswordRoute)
  async delete({ params }: RouteInput<typeof deletePasswordRoute>, call: Call): Promise<void> {
    await this.bus.request(deletePassword, { ...actorOf(call), ...params });
  }

  @Serve(getOrganisationRoute)
  organisation(
    _input: RouteInput<typeof getOrganisationRoute>,
    call: Call,
  ): Promise<RouteReply<typeof getOrganisationRoute>> {
    return this.bus.request(getOrganisation, { principal: actorOf(call).principal });
  }

  @Serve(updateOrganisationRoute)
  update(
    { body }: RouteInput<typeof updateOrganisationRoute>,
    call: Call,
  ): Promise<RouteReply<typeof updateOrganisationRoute>> {
    return this.bus.request(updateOrganisation, { ...actorOf(call), ...body });
  }

  @Serve(createInvitationRoute)
  async invite(
    { body }: RouteInput<typeof createInvitationRoute>,
    call: Call,
  ): Promise<RouteReply<typeof createInvitationRoute>> {
    const { name, email, role, level, objectId, teamId } = body;
    const place = await this.places.find(call, {
      teamId: level === 'team' ? objectId : teamId,
      projectId: level === 'project' ? objectId : undefined,
      flowId: level === 'flow' ? objectId : undefined,
    });
    const { token, tokenHash } = newInvitationToken();
    const asked = { ...actorOf(call), ...place, name, email, role, tokenHash };
    const invitation = await this.bus.request(createInvitation, asked);
    return { ...invitation, link: `${originOf(call.request)}/invitation?token=${token}` };
  }

  @Serve(listInvitationsRoute)
  invitations(
    { query: page }: RouteInput<typeof listInvitationsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listInvitationsRoute>> {
    return this.bus.request(listInvitations, { principal: actorOf(call).principal, page });
  }

  @Serve(deleteInvitationRoute)
  async takeBack({ params }: RouteInput<typeof deleteInvitationRoute>, call: Call): Promise<void> {
    await this.bus.request(deleteInvitation, { ...actorOf(call), ...params });
  }
}
