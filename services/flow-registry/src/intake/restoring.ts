import { reachOf } from '@causeway/authz';
import type { Principal } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import type { StoredGraph } from '../domain/graph-tasks.js';
import { FlowStore } from '../store/flow.store.js';
import { placeOfFlow } from '../store/sealing/sealed-places.js';
import { Sealing } from '../store/sealing/sealing.js';
import { VariableStore } from '../store/variable.store.js';

/** Finds the stored secrets that masks in a graph stand for. */
@Injectable()
export class Restoring {
  constructor(
    private readonly flows: FlowStore,
    private readonly sealing: Sealing,
    private readonly variables: VariableStore,
  ) {}

  /**
   * The stored graph of a flow, if masks in its new graph stand for secrets in it.
   *
   * @param flowId  the flow that the graph becomes; secrets of another team's or of a deleted flow are not used, nor those of a flow that
   *                the principal may not change, because who changes a flow gets its secrets
   */
  async findStored(
    principal: Principal,
    flowId: string | undefined,
    { hasMask }: { readonly hasMask: boolean },
  ): Promise<StoredGraph | undefined> {
    if (flowId === undefined || !hasMask) return undefined;
    const reach = reachOf(principal, ['flow:write']);
    if (!(await this.flows.find(principal, flowId, reach))) return undefined;
    const sealed = (await this.flows.graphs([flowId])).get(flowId);
    if (sealed === undefined) return undefined;
    const graph = await this.sealing.open(sealed, placeOfFlow(principal.organisationId, flowId));
    return { graph, variables: await this.variables.types(principal) };
  }
}
