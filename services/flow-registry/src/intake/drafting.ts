import { NewFlow, causewayError } from '@causeway/contracts';
import type { Payload, Tenant } from '@causeway/contracts';
import { parseFlowFile } from '@causeway/dag';
import { DiskGuard, Payloads, SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Settings } from '../config.js';
import { readableFlows } from '../domain/readable-flows.js';
import { Compiling, type Draft } from './compiling.js';
import { Restoring } from './restoring.js';

const NewFlows = z.array(NewFlow).max(500);

/** Takes in what callers send, within the limit of its size, while there is room for it. */
@Injectable()
export class Drafting {
  constructor(
    private readonly payloads: Payloads,
    private readonly compiling: Compiling,
    private readonly restoring: Restoring,
    private readonly disk: DiskGuard,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * The graph in a payload, compiled.
   *
   * @param of    the flow that it is to become: masks in it stand for that flow's secrets
   * @param what  names the graph in errors
   * @throws CausewayError FLOW_INVALID, PAYLOAD_TOO_LARGE, DISK_FULL
   */
  async draftOf(
    data: Payload,
    of: { tenant: Tenant; flowId?: string | undefined },
    what = 'data',
  ): Promise<Draft> {
    this.disk.check();
    const text = await this.payloads.load(data);
    this.checkSize('The graph of the flow', Buffer.byteLength(text));
    const { maxFlowBytes: maxBytes } = this.settings;
    const [document] = readableFlows(parseFlowFile(text, { maxBytes }), what);
    if (!document)
      throw causewayError('FLOW_INVALID', {
        problems: `${what}: it holds no flow; send a graph with "nodes" and "edges".`,
      });
    return this.compiling.draft(await this.restoring.restore(of.tenant, of.flowId, document));
  }

  /**
   * The flows in a payload, their graphs compiled.
   *
   * @throws CausewayError FLOW_INVALID naming the flow, PAYLOAD_TOO_LARGE, REQUEST_INVALID, DISK_FULL
   */
  async draftsOf(tenant: Tenant, flows: Payload): Promise<{ settings: NewFlow['settings']; draft: Draft }[]> {
    this.disk.check();
    const parsed = NewFlows.safeParse(JSON.parse(await this.payloads.load(flows)));
    if (!parsed.success) throw causewayError('REQUEST_INVALID', { problems: z.prettifyError(parsed.error) });
    const drafts: { settings: NewFlow['settings']; draft: Draft }[] = [];
    for (const [index, { settings, data }] of parsed.data.entries())
      drafts.push({ settings, draft: await this.draftOf(data, { tenant }, `flows.${index}.data`) });
    return drafts;
  }

  /**
   * The bytes of a file, which travel in base64.
   *
   * @throws CausewayError PAYLOAD_TOO_LARGE, PAYLOAD_MISSING, DISK_FULL
   */
  async bytesOf(file: Payload): Promise<Buffer> {
    this.disk.check();
    const bytes = Buffer.from(await this.payloads.load(file), 'base64');
    this.checkSize('The flow file', bytes.length);
    return bytes;
  }

  private checkSize(what: string, bytes: number): void {
    const { maxFlowBytes: limitBytes } = this.settings;
    if (bytes > limitBytes) {
      throw causewayError('PAYLOAD_TOO_LARGE', {
        what,
        bytes,
        limitName: 'CAUSEWAY_MAX_FLOW_BYTES',
        limitBytes,
      });
    }
  }
}
