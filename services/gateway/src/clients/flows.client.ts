import { setImmediate as nextTurn } from 'node:timers/promises';
import { authorize, reachOf } from '@causeway/authz';
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
import type { Caller, Flow, FlowWrite, NewFlow, Reach, ReplyOf } from '@causeway/contracts';
import { Bus, inlineText } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { JsonPieces } from '../domain/json-pieces.js';
import { exportedSettings } from '../domain/flow-export.js';
import { flowRead, flowSettings } from '../domain/langflow-shapes.js';

/** Most flows in one request with their graphs. */
const FEW = 20;
/** Most flows in one request without their graphs. */
const PAGE = 100;

type FlowPage = ReplyOf<typeof listFlows>;
/** Selects flows of a team. */
export interface FlowFilter {
  readonly projectId?: string;
  readonly flowIds?: string[];
  readonly componentsOnly?: boolean;
  readonly flowsOnly?: boolean;
  readonly search?: string;
}

/** Reads and writes flows in the registry; callers of this class give and receive Langflow's shape. */
@Injectable()
export class FlowsClient {
  constructor(private readonly bus: Bus) {}

  /** @returns the flow's JSON */
  async create(caller: Caller, write: FlowWrite, id?: string): Promise<JsonPieces> {
    const data = graphOf(write);
    const settings = { ...flowSettings(write), name: write.name };
    return this.pieces(
      await this.bus.request(createFlow, {
        ...actorOf(caller),
        ...(id !== undefined && { id }),
        settings,
        data,
      }),
    );
  }

  /** Creates all of them or, when one is refused, none. @returns their ids, in this order */
  async createSeveral(caller: Caller, writes: readonly FlowWrite[]): Promise<string[]> {
    if (writes.length === 0) return [];
    const news: string[] = [];
    for (const write of writes) {
      const settings = { ...flowSettings(write), name: write.name };
      news.push(JSON.stringify({ settings, data: graphOf(write) } satisfies NewFlow));
      await nextTurn();
    }
    const flows = { inline: `[${news.join(',')}]` };
    return (await this.bus.request(createFlows, { ...actorOf(caller), flows })).flowIds;
  }

  /** @returns the flow's JSON */
  async update(caller: Caller, flowId: string, write: Partial<FlowWrite>): Promise<JsonPieces> {
    const data = write.data == null ? {} : { data: graphOf(write) };
    return this.pieces(
      await this.bus.request(updateFlow, {
        ...actorOf(caller),
        flowId,
        settings: flowSettings(write),
        ...data,
      }),
    );
  }

  /** @returns the flow's JSON */
  async get(caller: Caller, flowId: string): Promise<JsonPieces> {
    const flow = await this.bus.request(getFlow, { ...tenantOf(caller), flowId });
    authorize(caller, 'flow:read', { type: 'flow', ...flow });
    return this.pieces(flow);
  }

  /** One page of the flows that the caller may read, without their graphs. */
  async list(caller: Caller, filter: FlowFilter & { page?: number; size?: number }): Promise<FlowPage> {
    const only = reachOf(caller.principal, ['flow:read']);
    return this.page(caller, { ...filter, ...(only && { only }) });
  }

  private page(
    caller: Caller,
    filter: FlowFilter & { only?: Reach; page?: number; size?: number },
  ): Promise<FlowPage> {
    return this.bus.request(listFlows, { ...tenantOf(caller), ...filter, withData: false });
  }

  /** Every flow that the filter selects and the caller may read, however many, without graphs; one page is in memory at a time. */
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

  /** These flows as JSON, with their graphs if wanted. */
  async *texts(
    caller: Caller,
    flows: AsyncIterable<Flow> | Iterable<Flow>,
    withData: boolean,
  ): AsyncGenerator<JsonPieces> {
    if (!withData) for await (const flow of flows) yield [JSON.stringify(flowRead(flow))];
    else for await (const flow of this.withGraphs(caller, flows)) yield await this.pieces(flow);
  }

  /** The flows that the caller has just written, as JSON with their graphs, in this order. Flows that were deleted meanwhile are left out. */
  async *textsOf(caller: Caller, flowIds: readonly string[]): AsyncGenerator<JsonPieces> {
    const found = new Map<string, Flow>();
    for (let start = 0; start < flowIds.length; start += PAGE) {
      const some = flowIds.slice(start, start + PAGE);
      for (const flow of (await this.page(caller, { flowIds: some, size: PAGE })).items)
        found.set(flow.id, flow);
    }
    yield* this.texts(
      caller,
      flowIds.flatMap((id) => found.get(id) ?? []),
      true,
    );
  }

  /** These flows as the files of an export, one in memory at a time. Flows that were deleted meanwhile are left out. */
  async *exports(
    caller: Caller,
    flows: AsyncIterable<Flow> | Iterable<Flow>,
  ): AsyncGenerator<{ readonly name: string; readonly pieces: JsonPieces }> {
    for await (const flow of this.withGraphs(caller, flows, true)) {
      const settings = JSON.stringify(exportedSettings(flowRead(flow)), null, 2).slice(0, -2);
      yield { name: flow.name, pieces: [`${settings},\n  "data": `, this.graph(flow), '\n}'] };
    }
  }

  private async *withGraphs(
    caller: Caller,
    flows: AsyncIterable<Flow> | Iterable<Flow>,
    asExport = false,
  ): AsyncGenerator<Flow> {
    let ids: string[] = [];
    for await (const { id } of flows) {
      ids.push(id);
      if (ids.length === FEW) ids = yield* this.someGraphs(caller, ids, asExport);
    }
    while (ids.length > 0) ids = yield* this.someGraphs(caller, ids, asExport);
  }

  /** The first of these flows with their graphs, as many as fit into one message. @returns the remaining flows */
  private async *someGraphs(
    caller: Caller,
    ids: string[],
    asExport: boolean,
  ): AsyncGenerator<Flow, string[]> {
    const ask = async (flowIds: string[]): Promise<Map<string, Flow>> => {
      const few = { ...tenantOf(caller), flowIds, withData: true, asExport, size: flowIds.length };
      return new Map((await this.bus.request(listFlows, few)).items.map((flow) => [flow.id, flow]));
    };
    let found = await ask(ids);
    const [first = ''] = ids;
    // When a flow has changed meanwhile, the registry's order differs and its graph may be missing: requested alone, it has its graph.
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

  /** Imports a file's bytes unchanged. @returns the JSON of each of its flows */
  async importFile(
    caller: Caller,
    bytes: Buffer,
    from: { fileName?: string; projectId?: string; asProject?: boolean },
  ): Promise<AsyncIterable<JsonPieces>> {
    const file = { inline: bytes.toString('base64') };
    const { flows } = await this.bus.request(importFlows, { ...actorOf(caller), file, ...from });
    return this.imported(caller, flows);
  }

  private async *imported(caller: Caller, flows: readonly Flow[]): AsyncGenerator<JsonPieces> {
    for (const flow of flows) {
      const which = { ...tenantOf(caller), flowId: flow.id };
      yield await this.pieces(flow.data ? flow : await this.bus.request(getFlow, which));
    }
  }

  source(caller: Caller, flowId: string): Promise<ReplyOf<typeof getFlowSource>> {
    return this.bus.request(getFlowSource, { ...actorOf(caller), flowId });
  }

  /** A flow's JSON, in pieces: its graph, which may be large, is not parsed. */
  private async pieces(flow: Flow): Promise<JsonPieces> {
    const { data: _data, ...rest } = flowRead(flow);
    return [`${JSON.stringify(rest).slice(0, -1)},"data":`, this.graph(flow), '}'];
  }

  private graph({ data }: Flow): string {
    return data ? inlineText(data) : 'null';
  }
}

/** The graph is sent inside the message, whatever its length: an object in the store that no row names would never be removed. */
function graphOf({ data }: Partial<FlowWrite>): { inline: string } {
  return { inline: data?.text ?? '{"nodes":[],"edges":[]}' };
}
