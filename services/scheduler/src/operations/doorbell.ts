import { claimRun } from '@causeway/contracts';
import type { RunEnvelope } from '@causeway/contracts';
import { Bus, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** Announces released runs to executors. When an announcement is lost, the reconciler repeats it. */
@Injectable()
export class Doorbell {
  constructor(private readonly bus: Bus) {}

  /** @param which  the name of this ring. The bus delivers rings for a run with the same name only once in 30 s. @default the first */
  ring(envelope: RunEnvelope, which?: string): void {
    const messageId = which === undefined ? envelope.runId : `${envelope.runId} ${which}`;
    this.bus
      .ring(claimRun, envelope, { messageId })
      .catch((error: unknown) => log.failure(error, 'a released run was not announced to executors'));
  }
}
