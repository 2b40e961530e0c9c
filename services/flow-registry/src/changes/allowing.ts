import { causewayError } from '@causeway/contracts';
import type { InputOf, getAllowedHosts, setAllowedHosts } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { authorizeActor, authorizeOwner } from './authorize-actor.js';
import { registryEvent } from '../domain/registry-event.js';
import { FlowStore } from '../store/flow.store.js';
import { tell } from '../store/tables.js';
import { Committing } from './committing.js';

/** The hosts to which a flow's secrets may be sent, in addition to those that the flow names. */
@Injectable()
export class Allowing {
  constructor(
    private readonly committing: Committing,
    private readonly flows: FlowStore,
  ) {}

  /** The list; empty for a flow that does not exist, whose runs continue without it. */
  async hosts({ flowId, reach, ...tenant }: InputOf<typeof getAllowedHosts>): Promise<string[]> {
    return (await this.flows.find(tenant, flowId, reach))?.allowedHosts ?? [];
  }

  /** Throws FLOW_UNKNOWN, PERMISSION_DENIED. */
  async set(input: InputOf<typeof setAllowedHosts>): Promise<string[]> {
    const { principal, flowId } = input;
    const hosts = [...new Set(input.hosts.map((host) => host.toLowerCase()))];
    await this.committing.commit(principal, async (writes) => {
      const [flow] = await this.flows.inTeam(writes, principal, [flowId]);
      if (!flow) throw causewayError('FLOW_UNKNOWN', { flow: flowId });
      authorizeOwner(input, 'flow:write', flow);
      const row = await this.flows.findEver(writes, flowId);
      if (JSON.stringify(row?.allowedHosts ?? []) === JSON.stringify(hosts)) return;
      // The list is not part of a version: it would change where what was published sends secrets.
      if (row?.publishedHash != null) authorizeActor(input, 'flow:publish', { type: 'flow', ...flow });
      await writes.flow.update({
        where: { id: flowId },
        data: { allowedHosts: hosts },
        select: { id: true },
      });
      const detail = { changed: ['allowedHosts'], allowedHosts: hosts };
      const deed = { action: 'flow.update', id: flowId, name: flow.name, detail };
      await tell(writes, [registryEvent(input, deed, { id: newId(), at: new Date() })]);
    });
    return hosts;
  }
}
