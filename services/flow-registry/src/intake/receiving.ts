import { setImmediate as nextTurn } from 'node:timers/promises';
import { causewayError } from '@causeway/contracts';
import type { Payload } from '@causeway/contracts';
import type { ParseFlowOptions } from '@causeway/dag';
import { DiskGuard, SETTINGS, inlineText } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';

/** Accepts payloads from callers, up to their size limit and while the disk has room. */
@Injectable()
export class Receiving {
  /** Of a flow file or graph. */
  readonly limits: Required<Pick<ParseFlowOptions, 'maxBytes' | 'maxNodes' | 'maxValues'>>;

  constructor(
    private readonly disk: DiskGuard,
    @Inject(SETTINGS) settings: Settings,
  ) {
    this.limits = {
      maxBytes: settings.maxFlowBytes,
      maxNodes: settings.maxFlowNodes,
      maxValues: settings.maxFlowValues,
    };
  }

  /**
   * The text of a payload.
   *
   * @param what  names it in errors; without it there is no size limit here, and the caller checks the parts
   * @throws CausewayError PAYLOAD_TOO_LARGE, PAYLOAD_MISSING, DISK_FULL
   */
  async textOf(payload: Payload, what?: string): Promise<string> {
    this.disk.check();
    const text = inlineText(payload);
    if (what !== undefined) this.checkSize(what, Buffer.byteLength(text));
    return text;
  }

  /**
   * The bytes of a file, which is sent in base64. Decoding 27 million characters takes some 30 ms, so others have their turn before and after it.
   *
   * @throws CausewayError PAYLOAD_TOO_LARGE, PAYLOAD_MISSING, DISK_FULL
   */
  async bytesOf(file: Payload): Promise<Buffer> {
    const text = await this.textOf(file);
    await nextTurn();
    const bytes = Buffer.from(text, 'base64');
    await nextTurn();
    this.checkSize('The flow file', bytes.length);
    return bytes;
  }

  private checkSize(what: string, bytes: number): void {
    const { maxBytes } = this.limits;
    if (bytes > maxBytes) {
      throw causewayError('PAYLOAD_TOO_LARGE', {
        what,
        bytes,
        limitName: 'CAUSEWAY_MAX_FLOW_BYTES',
        limitBytes: maxBytes,
      });
    }
  }
}
