import { causewayError } from '@causeway/contracts';
import type { Payload } from '@causeway/contracts';
import { parseFlowFile } from '@causeway/dag';
import { Payloads, SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import { readableFlows } from '../domain/readable-flows.js';
import { Compiling, type Draft } from './compiling.js';

/** Takes in what callers send, within the limit of its size. */
@Injectable()
export class Drafting {
  constructor(
    private readonly payloads: Payloads,
    private readonly compiling: Compiling,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * The graph in a payload, compiled.
   *
   * @throws CausewayError FLOW_INVALID, PAYLOAD_TOO_LARGE
   */
  async draftOf(data: Payload): Promise<Draft> {
    const text = await this.payloads.load(data);
    this.checkSize('The graph of the flow', Buffer.byteLength(text));
    const { maxFlowBytes: maxBytes } = this.settings;
    const [document] = readableFlows(parseFlowFile(text, { maxBytes }), 'data');
    if (!document)
      throw causewayError('FLOW_INVALID', {
        problems: 'data: it holds no flow; send a graph with "nodes" and "edges".',
      });
    return this.compiling.draft(document);
  }

  /**
   * The bytes of a file, which travel in base64.
   *
   * @throws CausewayError PAYLOAD_TOO_LARGE, PAYLOAD_MISSING
   */
  async bytesOf(file: Payload): Promise<Buffer> {
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
