import { authorizeAt } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type { AuditEvent, InputOf, Principal, ReplyOf, User, handOver } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { checkNoToken } from '../../domain/check-no-token.js';
import { OwnedStore, shownClient } from '../../store/people/owned.store.js';
import { UserStore } from '../../store/people/user.store.js';
import type { Writes } from '../../store/tables.js';
import { accessEvent } from '../access-event.js';
import { Changing } from '../changing.js';
import { Giving } from './giving.js';

/** More than anybody can have made. */
const ALL_CLIENTS = 100_000;

/** Gives what somebody owned to somebody else. */
@Injectable()
export class HandingOver {
  constructor(
    private readonly changing: Changing,
    private readonly users: UserStore,
    private readonly store: OwnedStore,
    private readonly giving: Giving,
  ) {}

  handOver({ userId, toUserId, ...input }: InputOf<typeof handOver>): Promise<ReplyOf<typeof handOver>> {
    return this.changing.changeAccess(input, async (writes, actor) => {
      const { principal } = actor;
      const { organisationId } = principal;
      checkNoToken(principal, 'hand over what people own');
      authorizeAt(principal, 'member:write', { organisationId });
      if (userId === toUserId)
        throw causewayError('REQUEST_INVALID', { problems: 'to: it is the same person; name another one' });
      const [from, to] = [
        await this.get(principal, userId, writes),
        await this.get(principal, toUserId, writes),
      ];
      if (to.disabledAt !== null) throw causewayError('USER_DISABLED', { name: to.name });
      const given = await this.giving.roles(writes, actor, from, to);
      const clients = (await this.store.clients(from.id, ALL_CLIENTS, writes)).items;
      const kept: AuditEvent[] = [];
      for (const client of clients) kept.push(await this.giving.client(writes, actor, client, to));
      const events = [...given.events, ...kept];
      const detail = { to: { id: to.id, name: to.name }, roles: given.roles.length, clients: clients.length };
      const object = { type: 'user', id: from.id, name: from.name };
      return {
        result: { roles: given.roles, clients: clients.map(shownClient) },
        events:
          events.length === 0
            ? []
            : [accessEvent(actor, 'user.update', object, { handedOver: detail }), ...events],
      };
    });
  }

  private async get({ organisationId }: Principal, userId: string, writes: Writes): Promise<User> {
    const user = await this.users.find(organisationId, userId, writes);
    if (!user) throw causewayError('USER_UNKNOWN', { userId });
    return user;
  }
}
