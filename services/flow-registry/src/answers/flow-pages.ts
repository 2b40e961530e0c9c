import { causewayError } from '@causeway/contracts';
import type { Flow, InputOf, Reach, ReplyOf, Tenant, listFlows } from '@causeway/contracts';
import { ProblemCode } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import type { Shown } from '../domain/shown-graph.js';
import { variableProblems } from '../domain/variable-uses.js';
import { type FlowRow, FlowStore, settingsOfRow } from '../store/flow.store.js';
import { ProjectStore } from '../store/project.store.js';
import { placeOfFlow } from '../store/sealing/sealed-places.js';
import { Sealing } from '../store/sealing/sealing.js';
import { VariableStore } from '../store/variable.store.js';
import { Compiling } from '../intake/compiling.js';
import { GraphWork } from '../intake/graph-work.js';

/** Most characters of the graphs in one reply, because a reply is in memory and parsed as a whole. */
const MOST_LISTED = 4 * 1024 * 1024;

/** Flows as callers read them: settings, problems and graph, with masked secrets. */
@Injectable()
export class FlowPages {
  constructor(
    private readonly flows: FlowStore,
    private readonly projects: ProjectStore,
    private readonly variables: VariableStore,
    private readonly compiling: Compiling,
    private readonly sealing: Sealing,
    private readonly work: GraphWork,
  ) {}

  /** One flow with its graph. Throws FLOW_UNKNOWN, also for a flow outside the reach. */
  async get(tenant: Tenant, flowId: string, reach?: Reach): Promise<Flow> {
    const [flow] = await this.pages(tenant, [await this.find(tenant, flowId, reach)], { withData: true });
    return flow as Flow;
  }

  /** Several flows of a team, in the order of their ids. */
  async getAll(tenant: Tenant, flowIds: readonly string[]): Promise<Flow[]> {
    const { rows } = await this.flows.list({
      ...tenant,
      flowIds,
      componentsOnly: false,
      flowsOnly: false,
      page: 1,
      size: flowIds.length,
    });
    const ordered = flowIds.flatMap((id) => rows.find((row) => row.id === id) ?? []);
    return this.pages(tenant, ordered, { withData: true });
  }

  /** One page of flows; the last changed flow is first. */
  async list(input: InputOf<typeof listFlows>): Promise<ReplyOf<typeof listFlows>> {
    // Who has only single flows of a project does not know the project.
    if (input.projectId !== undefined && !input.reach) await this.projects.get(input, input.projectId);
    const { rows, total } = await this.flows.list(input);
    return { items: await this.pages(input, rows, input), total };
  }

  private async find(tenant: Tenant, flowId: string, reach?: Reach): Promise<FlowRow> {
    const row = await this.flows.find(tenant, flowId, reach);
    if (!row) throw causewayError('FLOW_UNKNOWN', { flow: flowId });
    return row;
  }

  private async pages(
    tenant: Tenant,
    rows: readonly FlowRow[],
    { withData, asExport = false }: { withData: boolean; asExport?: boolean },
  ): Promise<Flow[]> {
    const variables = await this.variables.types(tenant);
    const graphs = await this.shownGraphs(tenant, withData ? rows.map(({ id }) => id) : [], {
      variables,
      asExport,
    });
    return Promise.all(
      rows.map(async (row) => {
        const facts = await this.compiling.facts(row, row.current.compiled[0]);
        const graph = graphs.get(row.id);
        return {
          ...settingsOfRow(row),
          id: row.id,
          organisationId: row.organisationId,
          teamId: row.teamId,
          userId: row.userId,
          versionHash: row.versionHash,
          updatedAt: row.updatedAt.toISOString(),
          problems: [
            // A flow with a list of allowed hosts needs that warning no longer.
            ...facts.problems.filter(
              ({ code }) => code !== ProblemCode.addressOfVariable || row.allowedHosts.length === 0,
            ),
            ...variableProblems(facts.variableUses, variables),
          ],
          ...(graph !== undefined && { data: { inline: graph } }),
        };
      }),
    );
  }

  /** The graphs of the first flows that fit into one reply together; that of one flow, whatever its size. */
  private async shownGraphs(
    tenant: Tenant,
    flowIds: readonly string[],
    how: Shown,
  ): Promise<Map<string, string>> {
    const graphs = new Map<string, string>();
    let length = 0;
    const sizes = await this.flows.graphSizes(flowIds);
    // One after the other: a list needs no more memory than one flow, and uses no more of the room for large ones.
    for (const id of flowIds) {
      const bytes = sizes.get(id);
      const graph = bytes === undefined ? undefined : await this.shownGraph(tenant, id, bytes, how);
      if (graph === undefined) continue;
      length += graph.length;
      if (length > MOST_LISTED && graphs.size > 0) return graphs;
      graphs.set(id, graph);
    }
    return graphs;
  }

  /** Undefined when the flow was removed in the meantime. */
  private async shownGraph(
    { organisationId }: Tenant,
    id: string,
    sealedBytes: number,
    how: Shown,
  ): Promise<string | undefined> {
    return this.work.doStored('show', sealedBytes, async () => {
      const sealed = (await this.flows.graphs([id])).get(id);
      if (sealed === undefined) return undefined;
      const graph = await this.sealing.open(sealed, placeOfFlow(organisationId, id));
      return { input: { graph, how }, graph };
    });
  }
}
