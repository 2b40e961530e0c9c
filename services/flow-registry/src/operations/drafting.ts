import { causewayError } from '@causeway/contracts';
import type { Payload } from '@causeway/contracts';
import { parseFlowFile } from '@causeway/dag';
import { ObjectStore, Payloads, SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import { readableFlows } from '../domain/readable-flows.js';
import { Compiling, type Draft } from './compiling.js';

/** Takes in what callers send, within the limit of its size. */
@Injectable()
export class Drafting {
  constructor(
    private readonly payloads: Payloads,
    private readonly objects: ObjectStore,
    private readonly compiling: Compiling,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * The graph in a payload, compiled.
   *
   * @throws CausewayError FLOW_INVALID, PAYLOAD_TOO_LARGE
   */
  async draftOf(data: Payload): Promise<Draft> {
    this.checkSize('The graph of the flow', 'inline' in data ? Buffer.byteLength(data.inline) : data.bytes);
    const text = await this.payloads.load(data);
    const { maxFlowBytes: maxBytes } = this.settings;
    const [document] = readableFlows(parseFlowFile(text, { maxBytes }), 'data');
    if (!document)
      throw causewayError('FLOW_INVALID', {
        problems: 'data: it holds no flow; send a graph with "nodes" and "edges".',
      });
    return this.compiling.draft(document);
  }

  /**
   * The bytes of a file: named in the object store, or inline in base64.
   *
   * @throws CausewayError PAYLOAD_TOO_LARGE, PAYLOAD_MISSING
   */
  async bytesOf(file: Payload): Promise<Buffer> {
    const bytes = 'inline' in file ? Buffer.from(file.inline, 'base64') : file;
    this.checkSize('The flow file', 'length' in bytes ? bytes.length : bytes.bytes);
    return 'length' in bytes ? bytes : this.objects.read(bytes.sha256);
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
