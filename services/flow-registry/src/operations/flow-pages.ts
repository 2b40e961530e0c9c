import { causewayError } from '@causeway/contracts';
import type { Flow, InputOf, ReplyOf, Tenant, listFlows } from '@causeway/contracts';
import { catalogue } from '@causeway/components/specs';
import { maskSecrets } from '@causeway/dag';
import type { FlowData } from '@causeway/dag';
import { Payloads } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { variableProblems } from '../domain/variable-uses.js';
import { type FlowRow, FlowStore, settingsOfRow } from '../store/flow.store.js';
import { ProjectStore } from '../store/project.store.js';
import { Sealing } from '../store/sealing.js';
import { VariableStore } from '../store/variable.store.js';
import { Compiling } from './compiling.js';

/** Flows as people read them: settings, problems, graph; secrets are masked. */
@Injectable()
export class FlowPages {
  constructor(
    private readonly flows: FlowStore,
    private readonly projects: ProjectStore,
    private readonly variables: VariableStore,
    private readonly compiling: Compiling,
    private readonly sealing: Sealing,
    private readonly payloads: Payloads,
  ) {}

  /** One flow with its graph. Throws FLOW_UNKNOWN. */
  async get(tenant: Tenant, flowId: string): Promise<Flow> {
    const [flow] = await this.pages(tenant, [await this.find(tenant, flowId)], true);
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
    return this.pages(tenant, ordered, true);
  }

  /** One page, newest change first. */
  async list(input: InputOf<typeof listFlows>): Promise<ReplyOf<typeof listFlows>> {
    if (input.projectId !== undefined) await this.projects.get(input, input.projectId);
    const { rows, total } = await this.flows.list(input);
    return { items: await this.pages(input, rows, input.withData), total };
  }

  private async find(tenant: Tenant, flowId: string): Promise<FlowRow> {
    const row = await this.flows.find(tenant, flowId);
    if (!row) throw causewayError('FLOW_UNKNOWN', { flow: flowId });
    return row;
  }

  private async pages(tenant: Tenant, rows: readonly FlowRow[], withData: boolean): Promise<Flow[]> {
    const existing = await this.variables.types(tenant);
    const graphs = withData ? await this.flows.graphs(rows.map(({ id }) => id)) : new Map<string, string>();
    return Promise.all(
      rows.map(async (row) => {
        const facts = await this.compiling.facts(row.id, row.versionHash, row.current.compiled[0]);
        const sealed = graphs.get(row.id);
        return {
          ...settingsOfRow(row),
          id: row.id,
          organisationId: row.organisationId,
          teamId: row.teamId,
          userId: row.userId,
          versionHash: row.versionHash,
          updatedAt: row.updatedAt.toISOString(),
          problems: [...facts.problems, ...variableProblems(facts.variableUses, existing)],
          ...(sealed !== undefined && {
            data: await this.payloads.store(await this.shownGraph(sealed, existing)),
          }),
        };
      }),
    );
  }

  /** A graph as anybody may see it who may read flows. */
  private async shownGraph(sealed: string, variables: ReadonlyMap<string, string>): Promise<string> {
    const data = JSON.parse(await this.sealing.openText(sealed)) as FlowData;
    // Large ones take a while, so others get their turn first.
    await new Promise((resolve) => setImmediate(resolve));
    return JSON.stringify(maskSecrets(data, catalogue, (name) => variables.has(name)));
  }
}
