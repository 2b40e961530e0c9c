import { isWithin } from '@causeway/authz';
import { causewayError, storedPrincipal } from '@causeway/contracts';
import type { InputOf, Principal, ReplyOf, RunEnvelope, cancelRun } from '@causeway/contracts';
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

  /** `requested` is false when the run had ended before. The final state may still be `succeeded`. */
  async cancel(input: InputOf<typeof cancelRun>): Promise<ReplyOf<typeof cancelRun>> {
    let open = await this.store.findOpen(input.teamId, input.runId);
    if (open && !isWithin(input.reach, open.envelope, open.envelope.principal.id))
      throw causewayError('RUN_UNKNOWN', { runId: input.runId });
    if (open?.status === 'queued') {
      if (await this.endQueued(open.envelope, input.principal))
        return { runId: input.runId, status: 'cancelled', requested: true };
      // Meanwhile the run was released or has ended.
      open = await this.store.findOpen(input.teamId, input.runId);
    }
    // The executor may only end a released run. For any other run it would record a second end.
    if (open?.status === 'released') {
      const answer = await this.executor.stop({
        ...open.envelope,
        principal: storedPrincipal(input.principal),
        requestId: input.requestId,
      });
      return { runId: input.runId, ...answer };
    }
    const run = await this.pages.find(input.teamId, input.runId, input.reach);
    if (!run) throw causewayError('RUN_UNKNOWN', { runId: input.runId });
    return { runId: input.runId, status: run.status, requested: !isFinal(run.status) };
  }

  /** Returns false when the run is no longer queued. */
  private async endQueued(envelope: RunEnvelope, actor: Principal): Promise<boolean> {
    const ending = endInQueue(envelope, 'cancelled', { at: new Date(), eventId: newId(), actor });
    const { closed } = await this.store.close([ending]);
    this.relay.wake();
    return closed.length > 0;
  }
}
