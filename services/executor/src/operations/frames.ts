import { runEmitted } from '@causeway/contracts';
import type { Json } from '@causeway/dag';
import { Bus } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** Shows what happens in a run while it happens. May be lost. */
@Injectable()
export class Frames {
  constructor(private readonly bus: Bus) {}

  /** The way out of one attempt's frames; they are numbered within it. @param lastSeq  gives the number of the last durable event */
  of(runId: string, epoch: number, lastSeq: () => number): (event: string, data: Json) => void {
    let n = 0;
    return (event, data) =>
      this.bus.publish(runEmitted, { runId, epoch, n: ++n, seq: lastSeq(), event, data }, runId);
  }
}
