import { tokensChanged } from '@causeway/contracts';
import type { AuditedAct, Principal } from '@causeway/contracts';
import { Bus, OutboxRelay } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { ClientStore } from '../../store/oauth/client.store.js';
import { TokenStore } from '../../store/oauth/token.store.js';
import { Tables, tell } from '../../store/tables.js';
import type { Asking } from './asking.js';
import { tokenEvent } from './token-event.js';

/** Ends tokens and grants: the audit log and the gateways hear of it. */
@Injectable()
export class Ending {
  constructor(
    private readonly tables: Tables,
    private readonly tokens: TokenStore,
    private readonly clients: ClientStore,
    private readonly relay: OutboxRelay,
    private readonly bus: Bus,
  ) {}

  /** Ends a grant with all its tokens. Idempotent: what has ended does not end again. @returns whether it ended now */
  async endGrant(
    id: string,
    about: Pick<Asking, 'requestId' | 'address'> & {
      readonly because: string;
      readonly actor?: AuditedAct['actor'];
    },
  ): Promise<boolean> {
    const ended = await this.tables.reads.$transaction(async (writes) => {
      const grant = await this.tokens.endGrant(writes, id);
      if (!grant) return undefined;
      const client = await this.clients.find(grant.organisationId, grant.clientId, writes);
      const actor = about.actor ?? {
        kind: 'system',
        id: grant.clientId,
        name: client?.name ?? grant.clientId,
      };
      const detail = { client: grant.clientId, userId: grant.userId, because: about.because };
      await tell(writes, tokenEvent('grant.delete', about, { tenant: grant, actor, id, detail }));
      return grant;
    });
    if (ended) this.told(ended.organisationId);
    return ended !== undefined;
  }

  /** A person has not allowed what a program asked for. */
  async noteDenial(
    principal: Principal,
    clientId: string,
    about: Pick<Asking, 'requestId' | 'address'>,
  ): Promise<void> {
    const act = { tenant: principal, actor: principal, id: clientId, result: 'refused', detail: {} } as const;
    await tell(this.tables.reads, tokenEvent('grant.create', about, act));
    this.relay.wake();
  }

  /** Ends one token of a service account. */
  async endToken(
    kind: string,
    tokenHash: string,
    about: Pick<Asking, 'requestId' | 'address'>,
  ): Promise<void> {
    const organisationId = await this.tables.reads.$transaction(async (writes) => {
      const token = await this.tokens.delete(writes, kind, tokenHash);
      if (!token) return undefined;
      const { id, clientId: client } = token;
      const holder = await writes.oauthClient.findUniqueOrThrow({
        where: { id: client },
        include: { serviceAccount: true },
      });
      // A token that acts for a person ends with its grant, whose event tells of it.
      if (holder.serviceAccount) {
        const { serviceAccount } = holder;
        const actor = { kind: 'service_account' as const, id: serviceAccount.id, name: serviceAccount.name };
        const detail = { client };
        await tell(writes, tokenEvent('token.delete', about, { tenant: serviceAccount, actor, id, detail }));
      }
      return token.organisationId;
    });
    if (organisationId !== undefined) this.told(organisationId);
  }

  /** Gateways forget the tokens of the organisation. */
  told(organisationId: string): void {
    this.relay.wake();
    this.bus.publish(tokensChanged, { organisationId });
  }
}
