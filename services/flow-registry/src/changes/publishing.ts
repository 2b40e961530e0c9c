import { causewayError } from '@causeway/contracts';
import type { InputOf, ReplyOf, listVersions, publishVersion } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { registryEvent } from '../domain/registry-event.js';
import { FlowStore } from '../store/flow.store.js';
import { tell } from '../store/tables.js';
import { VersionPages } from '../store/version-pages.store.js';
import { VersionStore } from '../store/version.store.js';
import { authorizeActor } from './authorize-actor.js';
import { Committing } from './committing.js';

/** Lists the versions of flows, and sets which one runs use. */
@Injectable()
export class Publishing {
  constructor(
    private readonly committing: Committing,
    private readonly flows: FlowStore,
    private readonly pages: VersionPages,
    private readonly versions: VersionStore,
  ) {}

  /** @throws CausewayError FLOW_UNKNOWN */
  async list({
    flowId,
    reach,
    page,
    ...tenant
  }: InputOf<typeof listVersions>): Promise<ReplyOf<typeof listVersions>> {
    const flow = await this.flows.find(tenant, flowId, reach);
    if (!flow) throw causewayError('FLOW_UNKNOWN', { flow: flowId });
    return this.pages.list(flow, page);
  }

  /** Sets the version that runs use; null: the newest. @throws CausewayError FLOW_UNKNOWN, VERSION_UNKNOWN, PERMISSION_DENIED */
  async publish(input: InputOf<typeof publishVersion>): Promise<ReplyOf<typeof publishVersion>> {
    const { principal, flowId, versionHash } = input;
    await this.committing.commit(
      principal,
      async (writes) => {
        const [flow] = await this.flows.inTeam(writes, principal, [flowId]);
        if (!flow) throw causewayError('FLOW_UNKNOWN', { flow: flowId });
        authorizeActor(input, 'flow:publish', { type: 'flow', ...flow });
        if (versionHash !== null && !(await this.pages.has(writes, flowId, versionHash)))
          throw causewayError('VERSION_UNKNOWN', { flowId, versionHash });
        const row = await this.flows.findEver(writes, flowId);
        const former = row?.publishedHash ?? null;
        if (former === versionHash) return [];
        await writes.flow.update({
          where: { id: flowId },
          data: { publishedHash: versionHash },
          select: { id: true },
        });
        if (former !== null && former !== row?.versionHash)
          await this.versions.endUse(writes, flowId, former);
        const detail = { published: versionHash, former };
        const deed = {
          action: 'flow.publish',
          id: flowId,
          name: flow.name,
          ...(versionHash !== null && { version: versionHash }),
          detail,
        };
        await tell(writes, [registryEvent(input, deed, { id: newId(), at: new Date() })]);
        return [flowId];
      },
      (changed) => changed,
    );
    return { versionHash };
  }
}
