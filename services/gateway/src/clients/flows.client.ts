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
import type { Caller, Flow, FlowRead, FlowWrite, NewFlow, ReplyOf } from '@causeway/contracts';
import type { Json } from '@causeway/dag';
import { Bus, Payloads } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { flowRead, flowSettings } from '../domain/langflow-shapes.js';

/** Flows that are asked for at once with their graphs… */
const FEW = 20;
/** …and without. */
const PAGE = 100;

type FlowPage = ReplyOf<typeof listFlows>;
/** Which flows of a team. */
export interface FlowFilter {
  readonly projectId?: string;
  readonly flowIds?: string[];
  readonly componentsOnly?: boolean;
  readonly flowsOnly?: boolean;
  readonly search?: string;
}

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
    const made = new Map<string, FlowRead>();
    for await (const flow of this.each(caller, this.listAll(caller, { flowIds }))) made.set(flow.id, flow);
    return flowIds.flatMap((id) => made.get(id) ?? []);
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

  /** One page of flows without their graphs. */
  async list(caller: Caller, filter: FlowFilter & { page?: number; size?: number }): Promise<FlowPage> {
    return this.bus.request(listFlows, { ...tenantOf(caller), ...filter, withData: false });
  }

  /** Every flow that the filter picks, however many, without graphs and a page in memory at a time. */
  async *listAll(caller: Caller, filter: FlowFilter, first?: FlowPage): AsyncGenerator<Flow> {
    let seen = 0;
    for (let page = 1; ; page++) {
      const given = page === 1 ? first : undefined;
      const { items, total } = given ?? (await this.list(caller, { ...filter, page, size: PAGE }));
      yield* items;
      seen += items.length;
      if (items.length === 0 || seen >= total) return;
    }
  }

  /** These flows as JSON texts, with their graphs if wanted. */
  async *texts(
    caller: Caller,
    flows: AsyncIterable<Flow> | Iterable<Flow>,
    withData: boolean,
  ): AsyncGenerator<string> {
    if (!withData) for await (const flow of flows) yield JSON.stringify(flowRead(flow));
    else for await (const flow of this.withGraphs(caller, flows)) yield await this.text(flow);
  }

  /** These flows with their graphs, one in memory at a time. What was deleted meanwhile is left out. */
  async *each(caller: Caller, flows: AsyncIterable<Flow> | Iterable<Flow>): AsyncGenerator<FlowRead> {
    for await (const flow of this.withGraphs(caller, flows)) yield await this.read(flow);
  }

  private async *withGraphs(
    caller: Caller,
    flows: AsyncIterable<Flow> | Iterable<Flow>,
  ): AsyncGenerator<Flow> {
    let ids: string[] = [];
    for await (const { id } of flows) {
      ids.push(id);
      if (ids.length === FEW) ids = yield* this.someGraphs(caller, ids);
    }
    while (ids.length > 0) ids = yield* this.someGraphs(caller, ids);
  }

  /** Some of these flows with their graphs: as many as travel together. @returns those that are left */
  private async *someGraphs(caller: Caller, ids: string[]): AsyncGenerator<Flow, string[]> {
    const ask = async (flowIds: string[]): Promise<Map<string, Flow>> => {
      const few = { ...tenantOf(caller), flowIds, withData: true, size: flowIds.length };
      return new Map((await this.bus.request(listFlows, few)).items.map((flow) => [flow.id, flow]));
    };
    let found = await ask(ids);
    const [first = ''] = ids;
    // The registry's order is another one when a flow has changed meanwhile; alone it has its graph.
    if (found.has(first) && !found.get(first)?.data) found = new Map([...found, ...(await ask([first]))]);
    for (const [index, id] of ids.entries()) {
      const flow = found.get(id);
      if (flow && !flow.data) return ids.slice(index);
      if (flow) yield flow;
    }
    return [];
  }

  async delete(caller: Caller, flowIds: string[]): Promise<string[]> {
    return (await this.bus.request(deleteFlows, { ...actorOf(caller), flowIds })).deleted;
  }

  /** Imports a file's bytes as they came. */
  async importFile(
    caller: Caller,
    bytes: Buffer,
    from: { fileName?: string; projectId?: string; asProject?: boolean },
  ): Promise<FlowRead[]> {
    const file = { inline: bytes.toString('base64') };
    const { flows } = await this.bus.request(importFlows, { ...actorOf(caller), file, ...from });
    const read: FlowRead[] = [];
    for (const flow of flows) {
      const which = { ...tenantOf(caller), flowId: flow.id };
      read.push(await this.read(flow.data ? flow : await this.bus.request(getFlow, which)));
    }
    return read;
  }

  source(caller: Caller, flowId: string): Promise<ReplyOf<typeof getFlowSource>> {
    return this.bus.request(getFlowSource, { ...actorOf(caller), flowId });
  }

  /** A flow's JSON. Its graph, which may be large, stays the text that it is. */
  private async text(flow: Flow): Promise<string> {
    const { data: _data, ...rest } = flowRead(flow);
    const data = flow.data ? await this.payloads.load(flow.data) : 'null';
    return `${JSON.stringify(rest).slice(0, -1)},"data":${data}}`;
  }

  private async read(flow: Flow): Promise<FlowRead> {
    return flowRead(flow, flow.data ? (JSON.parse(await this.payloads.load(flow.data)) as Json) : null);
  }
}

/** Texts travel with the message, whatever their length: an object that no row names would never be removed. */
function textOf(value: unknown): { inline: string } {
  return { inline: JSON.stringify(value) };
}
