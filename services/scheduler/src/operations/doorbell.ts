import { claimRun } from '@causeway/contracts';
import type { RunEnvelope } from '@causeway/contracts';
import { Bus, log, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** Rings for released runs. A doorbell that gets lost is rung again by the reconciler. */
@Injectable()
export class Doorbell {
  constructor(private readonly bus: Bus) {}

  /** `again`: the bus must not take it for a copy of the first ring. */
  ring(envelope: RunEnvelope, options: { again?: boolean } = {}): void {
    const messageId = options.again ? newId() : envelope.runId;
    this.bus
      .ring(claimRun, envelope, { messageId })
      .catch((error: unknown) => log.failure(error, 'doorbell not rung'));
  }
}
