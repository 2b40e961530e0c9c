import { authorizeAt } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type { InputOf, ReplyOf, listBarred, readmitUser } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { BarredStore } from '../../store/people/barred.store.js';
import { accessEvent } from '../access-event.js';
import { Changing } from '../changing.js';

/** Lists people who were deleted and do not come back, and readmits them. */
@Injectable()
export class Barring {
  constructor(
    private readonly changing: Changing,
    private readonly store: BarredStore,
  ) {}

  async list(input: InputOf<typeof listBarred>): Promise<ReplyOf<typeof listBarred>> {
    const principal = await this.changing.fresh(input.principal);
    const { organisationId } = principal;
    authorizeAt(principal, 'member:write', { organisationId });
    return this.store.list(organisationId, input.page);
  }

  /** Needs no more than to delete somebody without roles: it gives none, and who comes back has those that their groups have. */
  readmit({ userId, ...input }: InputOf<typeof readmitUser>): Promise<ReplyOf<typeof readmitUser>> {
    return this.changing.change(input, async (writes, actor) => {
      const { organisationId } = actor.principal;
      authorizeAt(actor.principal, 'member:write', { organisationId });
      const connections = await this.store.readmit(writes, organisationId, userId);
      if (connections.length === 0) throw causewayError('BARRED_UNKNOWN', { userId });
      const object = { type: 'user', id: userId };
      const event = accessEvent(actor, 'user.update', object, { readmitted: true, connections });
      return { result: { connections }, events: [event] };
    });
  }
}
