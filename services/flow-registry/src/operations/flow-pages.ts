import { causewayError } from '@causeway/contracts';
import type { Flow, InputOf, ReplyOf, Tenant, getFlowSource, listFlows } from '@causeway/contracts';
import { Payloads } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { exportedFlow } from '../domain/exported-flow.js';
import { missingVariables } from '../domain/variable-uses.js';
import { type FlowRow, FlowStore, settingsOfRow } from '../store/flow.store.js';
import { ProjectStore } from '../store/project.store.js';
import { Sealing } from '../store/sealing.js';
import { SourceStore } from '../store/source.store.js';
import { VariableStore } from '../store/variable.store.js';
import { Compiling } from './compiling.js';

/** Flows as people read them: settings, problems, graph, file. */
@Injectable()
export class FlowPages {
  constructor(
    private readonly flows: FlowStore,
    private readonly projects: ProjectStore,
    private readonly variables: VariableStore,
    private readonly sources: SourceStore,
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

  /** The imported bytes; the flow written out when it was made or changed here. */
  async source(tenant: Tenant, flowId: string): Promise<ReplyOf<typeof getFlowSource>> {
    const row = await this.find(tenant, flowId);
    const { fileName, bytes } =
      row.sourceId === null
        ? {
            fileName: `${row.name}.json`,
            bytes: Buffer.from(
              exportedFlow(
                { ...settingsOfRow(row), ...row, accessType: 'PRIVATE' },
                await this.graph(row.id),
              ),
            ),
          }
        : await this.sources.open(row.sourceId);
    return { fileName, source: await this.payloads.store(Buffer.from(bytes).toString('base64')) };
  }

  private async find(tenant: Tenant, flowId: string): Promise<FlowRow> {
    const row = await this.flows.find(tenant, flowId);
    if (!row) throw causewayError('FLOW_UNKNOWN', { flow: flowId });
    return row;
  }

  private async graph(flowId: string): Promise<string> {
    const sealed = (await this.flows.graphs([flowId])).get(flowId);
    if (sealed === undefined) throw causewayError('FLOW_UNKNOWN', { flow: flowId });
    return this.sealing.openText(sealed);
  }

  private async pages(tenant: Tenant, rows: readonly FlowRow[], withData: boolean): Promise<Flow[]> {
    const existing = await this.variables.names(tenant);
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
          problems: [...facts.problems, ...missingVariables(facts.variableUses, existing)],
          ...(sealed !== undefined && {
            data: await this.payloads.store(await this.sealing.openText(sealed)),
          }),
        };
      }),
    );
  }
}
