import { catalogue } from '@causeway/components/specs';
import type { Tenant } from '@causeway/contracts';
import { hasMask, nodeMasker, restoreSecrets } from '@causeway/dag';
import type { FlowData, FlowDocument } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import { FlowStore } from '../store/flow.store.js';
import { Sealing } from '../store/sealing.js';
import { VariableStore } from '../store/variable.store.js';

/** Puts stored secrets back in the place of the masks that were shown for them, where they will be masked again. */
@Injectable()
export class Restoring {
  constructor(
    private readonly flows: FlowStore,
    private readonly sealing: Sealing,
    private readonly variables: VariableStore,
  ) {}

  /** @param flowId  the flow that the document becomes; secrets of another team's or of a deleted flow are not used */
  async restore(tenant: Tenant, flowId: string | undefined, document: FlowDocument): Promise<FlowDocument> {
    if (flowId === undefined || !hasMask(document.data)) return document;
    if (!(await this.flows.find(tenant, flowId))) return document;
    const sealed = (await this.flows.graphs([flowId])).get(flowId);
    if (sealed === undefined) return document;
    const stored = JSON.parse(await this.sealing.openText(sealed)) as FlowData;
    const variables = await this.variables.types(tenant);
    const mask = nodeMasker(catalogue, (name) => variables.has(name));
    return { ...document, data: restoreSecrets(document.data, stored, mask) };
  }
}
