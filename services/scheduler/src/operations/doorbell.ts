import { claimRun } from '@causeway/contracts';
import type { RunEnvelope } from '@causeway/contracts';
import { Bus, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** Rings for released runs. A doorbell that gets lost is rung again by the reconciler. */
@Injectable()
export class Doorbell {
  constructor(private readonly bus: Bus) {}

  /**
   * `again`: the bus must not take it for a copy of the first ring. It does take it for a copy of the last one within 30 s,
   * whichever scheduler rang: a run that waits for a free executor is not put before it twelve times a minute.
   */
  ring(envelope: RunEnvelope, options: { again?: boolean } = {}): void {
    const messageId = options.again ? `${envelope.runId} again` : envelope.runId;
    this.bus
      .ring(claimRun, envelope, { messageId })
      .catch((error: unknown) => log.failure(error, 'doorbell not rung'));
  }
}
