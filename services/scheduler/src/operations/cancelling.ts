import { causewayError } from '@causeway/contracts';
import type { InputOf, ReplyOf, cancelRun } from '@causeway/contracts';
import { isFinal } from '@causeway/dag';
import { OutboxRelay, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { ExecutorClient } from '../clients/executor.client.js';
import { endInQueue } from '../domain/end-in-queue.js';
import { RunPages } from '../store/run-pages.store.js';
import { RunStore } from '../store/run.store.js';

/** Ends runs on request. While a run is queued the scheduler decides; once released, its executor does. */
@Injectable()
export class Cancelling {
  constructor(
    private readonly store: RunStore,
    private readonly pages: RunPages,
    private readonly executor: ExecutorClient,
    private readonly relay: OutboxRelay,
  ) {}

  /** `requested` is false when the run was over before. The final state may still be `succeeded`. */
  async cancel(input: InputOf<typeof cancelRun>): Promise<ReplyOf<typeof cancelRun>> {
    const open = await this.store.findOpen(input.teamId, input.runId);
    if (open?.status === 'queued') {
      const ending = endInQueue(open.envelope, 'cancelled', {
        at: new Date(),
        eventId: newId(),
        actor: input.principal,
      });
      const { closed } = await this.store.close([ending]);
      this.relay.wake();
      if (closed.length > 0) return { runId: input.runId, status: 'cancelled', requested: true };
    }
    // Released, perhaps between the two looks: from there on only the executor's row decides.
    if (open) {
      const answer = await this.executor.stop({
        ...open.envelope,
        principal: input.principal,
        requestId: input.requestId,
      });
      return { runId: input.runId, ...answer };
    }
    const run = await this.pages.find(input.teamId, input.runId);
    if (!run) throw causewayError('RUN_UNKNOWN', { runId: input.runId });
    return { runId: input.runId, status: run.status, requested: !isFinal(run.status) };
  }
}
