import { claimRun } from '@causeway/contracts';
import type { RunEnvelope } from '@causeway/contracts';
import { Bus, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** Rings for released runs. A doorbell that gets lost is rung again by the reconciler. */
@Injectable()
export class Doorbell {
  constructor(private readonly bus: Bus) {}

  /** @param which  names this ring among those for the run: the bus takes two of one name within 30 s for one. @default the first */
  ring(envelope: RunEnvelope, which?: string): void {
    const messageId = which === undefined ? envelope.runId : `${envelope.runId} ${which}`;
    this.bus
      .ring(claimRun, envelope, { messageId })
      .catch((error: unknown) => log.failure(error, 'doorbell not rung'));
  }
}
