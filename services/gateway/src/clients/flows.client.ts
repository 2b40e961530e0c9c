import { authorize } from '@causeway/authz';
import {
  createFlow,
  createFlows,
  deleteFlows,
  getFlow,
  getFlowSource,
  importFlows,
  listFlows,
  updateFlow,
  actorOf,
  tenantOf,
} from '@causeway/contracts';
import type { Caller, Flow, FlowRead, FlowWrite, InputOf, NewFlow, ReplyOf } from '@causeway/contracts';
import type { Json } from '@causeway/dag';
import { Bus, Payloads } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { flowRead, flowSettings } from '../domain/langflow-shapes.js';

/** Flows that are asked for at once when they are only passed on: their graphs may be large. */
const FEW = 20;

/** Flows that one question may name. */
const MOST_ASKED = 500;

/** Flows as the registry keeps them, in and out in Langflow's shape. */
@Injectable()
export class FlowsClient {
  constructor(
    private readonly bus: Bus,
    private readonly payloads: Payloads,
  ) {}

  async create(caller: Caller, write: FlowWrite, id?: string): Promise<FlowRead> {
    const data = textOf(write.data ?? { nodes: [], edges: [] });
    const settings = { ...flowSettings(write), name: write.name };
    return this.read(
      await this.bus.request(createFlow, {
        ...actorOf(caller),
        ...(id !== undefined && { id }),
        settings,
        data,
      }),
    );
  }

  /** All of them or, when one is refused, none. */
  async createSeveral(caller: Caller, writes: readonly FlowWrite[]): Promise<FlowRead[]> {
    if (writes.length === 0) return [];
    const news: NewFlow[] = [];
    for (const write of writes) {
      const data = textOf(write.data ?? { nodes: [], edges: [] });
      news.push({ settings: { ...flowSettings(write), name: write.name }, data });
    }
    const { flowIds } = await this.bus.request(createFlows, { ...actorOf(caller), flows: textOf(news) });
    const made = await this.listAll(caller, { flowIds, withData: true });
    return flowIds.flatMap((id) => made.find((flow) => flow.id === id) ?? []);
  }

  async update(caller: Caller, flowId: string, write: Partial<FlowWrite>): Promise<FlowRead> {
    const data = write.data == null ? {} : { data: textOf(write.data) };
    return this.read(
      await this.bus.request(updateFlow, {
        ...actorOf(caller),
        flowId,
        settings: flowSettings(write),
        ...data,
      }),
    );
  }

  async get(caller: Caller, flowId: string): Promise<FlowRead> {
    const flow = await this.bus.request(getFlow, { ...tenantOf(caller), flowId });
    authorize(caller, 'flow:read', { type: 'flow', ...flow });
    return this.read(flow);
  }

  async list(
    caller: Caller,
    filter: Omit<InputOf<typeof listFlows>, 'organisationId' | 'teamId'>,
  ): Promise<{ items: FlowRead[]; total: number }> {
    const { items, total } = await this.bus.request(listFlows, { ...tenantOf(caller), ...filter });
    return { items: await this.readAll(caller, items, filter.withData ?? false), total };
  }

  /** Every flow that the filter picks, however many. */
  async listAll(
    caller: Caller,
    filter: { projectId?: string; flowIds?: string[]; componentsOnly?: boolean; withData: boolean },
  ): Promise<FlowRead[]> {
    const all: FlowRead[] = [];
    for (let page = 1; ; page++) {
      const { items, total } = await this.list(caller, {
        componentsOnly: false,
        flowsOnly: false,
        ...filter,
        page,
        size: 100,
      });
      all.push(...items);
      if (items.length === 0 || all.length >= total) return all;
    }
  }

  /** These flows with their graphs, one in memory at a time. What was deleted meanwhile is left out. */
  async *each(caller: Caller, flowIds: readonly string[]): AsyncGenerator<FlowRead> {
    for (let start = 0; start < flowIds.length; start += FEW) {
      const few = flowIds.slice(start, start + FEW);
      const { items } = await this.bus.request(listFlows, {
        ...tenantOf(caller),
        flowIds: few,
        withData: true,
        size: FEW,
      });
      yield* await this.readAll(caller, items, true);
    }
  }

  async delete(caller: Caller, flowIds: string[]): Promise<string[]> {
    return (await this.bus.request(deleteFlows, { ...actorOf(caller), flowIds })).deleted;
  }

  /** Imports a file's bytes as they came. */
  async importFile(
    caller: Caller,
    bytes: Buffer,
    from: { fileName?: string; projectId?: string },
  ): Promise<FlowRead[]> {
    const file = { inline: bytes.toString('base64') };
    const { flows } = await this.bus.request(importFlows, { ...actorOf(caller), file, ...from });
    return this.readAll(caller, flows, true);
  }

  source(caller: Caller, flowId: string): Promise<ReplyOf<typeof getFlowSource>> {
    return this.bus.request(getFlowSource, { ...actorOf(caller), flowId });
  }

  private async readAll(caller: Caller, flows: readonly Flow[], withData: boolean): Promise<FlowRead[]> {
    const whole = withData ? await this.withGraphs(caller, flows) : flows;
    return Promise.all(whole.map((flow) => this.read(flow)));
  }

  /** Asks again for the graphs that did not fit into the reply; each has that of its first flow at least. */
  private async withGraphs(caller: Caller, flows: readonly Flow[]): Promise<Flow[]> {
    const whole = new Map(flows.filter(({ data }) => data).map((flow) => [flow.id, flow]));
    for (;;) {
      const left = flows.map(({ id }) => id).filter((id) => !whole.has(id));
      const flowIds = left.slice(0, MOST_ASKED);
      if (flowIds.length === 0) break;
      const filter = { flowIds, withData: true, size: MOST_ASKED };
      const { items } = await this.bus.request(listFlows, { ...tenantOf(caller), ...filter });
      const found = items.filter(({ data }) => data);
      // What was deleted meanwhile has none.
      if (found.length === 0) break;
      for (const flow of found) whole.set(flow.id, flow);
    }
    return flows.map((flow) => whole.get(flow.id) ?? flow);
  }

  private async read(flow: Flow): Promise<FlowRead> {
    return flowRead(flow, flow.data ? (JSON.parse(await this.payloads.load(flow.data)) as Json) : null);
  }
}

/** Texts travel with the message, whatever their length: an object that no row names would never be removed. */
function textOf(value: unknown): { inline: string } {
  return { inline: JSON.stringify(value) };
}
