import { causewayError } from '@causeway/contracts';
import type { NewFlow, Payload, Principal } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { type SealedSource, SourceStore } from '../store/source.store.js';
import { Compiling, type Draft } from './compiling.js';
import { GraphWork } from './graph-work.js';
import { Receiving } from './receiving.js';
import { Restoring } from './restoring.js';

/** Compiles the graphs that callers send. */
@Injectable()
export class Drafting {
  constructor(
    private readonly receiving: Receiving,
    private readonly compiling: Compiling,
    private readonly restoring: Restoring,
    private readonly sources: SourceStore,
    private readonly work: GraphWork,
  ) {}

  /**
   * The graph in a payload, compiled.
   *
   * @param of    the flow that it becomes: masks in it stand for that flow's secrets
   * @param what  names the graph in errors
   * @throws CausewayError FLOW_INVALID, PAYLOAD_TOO_LARGE, DISK_FULL
   */
  async draftOf(
    data: Payload,
    of: { principal: Principal; flowId?: string | undefined },
    what = 'data',
  ): Promise<Draft> {
    const source = await this.receiving.textOf(data, 'The graph of the flow');
    const { limits } = this.receiving;
    const { flows } = await this.work.do('read', { source, what, limits }, source);
    const [flow] = flows;
    if (!flow)
      throw causewayError('FLOW_INVALID', {
        problems: `${what}: it holds no flow; send a graph with "nodes" and "edges".`,
      });
    const { organisationId } = of.principal;
    const stored = await this.restoring.findStored(of.principal, of.flowId, flow);
    return this.compiling.draft(flow.graph, { organisationId, flowId: of.flowId ?? newId() }, stored);
  }

  /**
   * The flows in a payload, their graphs compiled.
   *
   * @throws CausewayError FLOW_INVALID naming the flow, PAYLOAD_TOO_LARGE, REQUEST_INVALID, DISK_FULL
   */
  async draftsOf(
    principal: Principal,
    flows: Payload,
  ): Promise<{ settings: NewFlow['settings']; draft: Draft }[]> {
    const text = await this.receiving.textOf(flows);
    const parsed = await this.work.do('readNew', text, text);
    const drafts: { settings: NewFlow['settings']; draft: Draft }[] = [];
    for (const [index, { settings, data }] of parsed.entries())
      drafts.push({ settings, draft: await this.draftOf(data, { principal }, `flows.${index}.data`) });
    return drafts;
  }

  /** The file that contained a flow. @throws CausewayError PAYLOAD_TOO_LARGE, PAYLOAD_MISSING, DISK_FULL */
  async sourceOf({ organisationId }: Principal, file: Payload, fileName: string): Promise<SealedSource> {
    return this.sources.seal(organisationId, { fileName, bytes: await this.receiving.bytesOf(file) });
  }
}
