import { authorizeAt } from '@causeway/authz';
import { causewayError, permissions } from '@causeway/contracts';
import type { InputOf, Organisation, getOrganisation, updateOrganisation } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { SamlClient } from '../../clients/saml/saml.client.js';
import { Tables, type Writes } from '../../store/tables.js';
import { accessEvent } from '../access-event.js';
import { Changing, type FreshActor } from '../changing.js';
import { checkMayGive } from '../check-may-give.js';
import { Sessions } from '../sign-in/sessions.js';

/** Organisations, and how their people may sign in. */
@Injectable()
export class Organisations {
  constructor(
    private readonly changing: Changing,
    private readonly tables: Tables,
    private readonly sessions: Sessions,
    private readonly saml: SamlClient,
  ) {}

  async get({ principal }: InputOf<typeof getOrganisation>): Promise<Organisation> {
    const where = { id: principal.organisationId };
    return organisationOf(await this.tables.reads.organisation.findUniqueOrThrow({ where }));
  }

  async update(input: InputOf<typeof updateOrganisation>): Promise<Organisation> {
    const { organisation, ended } = await this.changing.change(input, async (writes, actor) => {
      const { organisationId } = actor.principal;
      authorizeAt(actor.principal, 'organisation:write', { organisationId });
      const where = { id: organisationId };
      const former = await writes.organisation.findUniqueOrThrow({ where });
      const isEnforced = former.ssoEnforcedAt !== null;
      const name = input.name === former.name ? undefined : input.name;
      const ssoEnforced = input.ssoEnforced === isEnforced ? undefined : input.ssoEnforced;
      if (name === undefined && ssoEnforced === undefined)
        return { result: { organisation: former, ended: [] }, events: [] };
      if (ssoEnforced !== undefined)
        checkMayGive(actor.principal, { name: 'owner', permissions: [...permissions] }, { organisationId });
      const { ended: sessions, events } = ssoEnforced
        ? await this.enforce(writes, actor)
        : { ended: [], events: [] };
      const organisation = await writes.organisation.update({
        where,
        data: {
          ...(name !== undefined && { name }),
          ...(ssoEnforced !== undefined && { ssoEnforcedAt: ssoEnforced ? new Date() : null }),
        },
      });
      const detail = {
        ...(name !== undefined && { formerName: former.name }),
        ...(ssoEnforced !== undefined && { ssoEnforced, sessions: sessions.length }),
      };
      const object = { type: 'organisation', id: organisationId, name: organisation.name };
      const event = accessEvent(actor, 'organisation.update', object, detail);
      return { result: { organisation, ended: sessions }, events: [event, ...events] };
    });
    this.sessions.tellEnded(ended);
    return organisationOf(organisation);
  }

  /** Ends the sessions that began with a password, except those of break-glass administrators. */
  private async enforce(writes: Writes, actor: FreshActor): ReturnType<Sessions['endOf']> {
    const { organisationId } = actor.principal;
    const usable = { disabledAt: null, ...(!this.saml.isOn && { kind: 'oidc' }) };
    const connections = await writes.connection.count({ where: { organisationId, ...usable } });
    if (connections === 0) throw causewayError('SSO_WITHOUT_CONNECTION', {});
    const people = await writes.password.findMany({
      where: { isBreakGlass: false, user: { organisationId } },
      select: { userId: true },
    });
    const userIds = people.map(({ userId }) => userId);
    const because = 'SSO is enforced';
    const where = { organisationId, connectionId: null, userIds };
    return this.sessions.endOf(writes, where, { ...actor, because });
  }
}

function organisationOf({
  id,
  name,
  ssoEnforcedAt,
}: {
  id: string;
  name: string;
  ssoEnforcedAt: Date | null;
}): Organisation {
  return { id, name, ssoEnforcedAt: ssoEnforcedAt?.toISOString() ?? null };
}
