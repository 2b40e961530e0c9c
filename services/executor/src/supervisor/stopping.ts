import { causewayError, runCancelRequested } from '@causeway/contracts';
import type { ReplyOf, RunEnvelope, stopExecution } from '@causeway/contracts';
import type { RunStatus } from '@causeway/dag';
import { Bus, OutboxRelay, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { ENGINE_VERSION } from '../config.js';
import { runError } from '../domain/ending/run-error.js';
import { endingRows } from '../domain/ending/run-outbox.js';
import { RunPages } from '../store/run-pages.store.js';
import { RunStore } from '../store/run.store.js';

/** Ends released runs: those that no runner has claimed at once, the others through their owners. */
@Injectable()
export class Stopping {
  constructor(
    private readonly store: RunStore,
    private readonly pages: RunPages,
    private readonly bus: Bus,
    private readonly relay: OutboxRelay,
  ) {}

  /** @param envelope  of the run; its principal is the one who cancels */
  async cancel(envelope: RunEnvelope): Promise<ReplyOf<typeof stopExecution>> {
    const { runId, teamId, principal } = envelope;
    const by = JSON.stringify(principal);
    if (await this.endUnclaimed(envelope, 'cancelled', by)) return { status: 'cancelled', requested: true };
    const status = await this.store.requestCancel(runId, teamId, by);
    if (status === undefined) return this.standing(runId);
    this.bus.publish(runCancelRequested, { runId });
    return { status: status as RunStatus, requested: true };
  }

  /** Ends a run that waited too long for a claim; a claimed run has a deadline of its own. */
  async expire(envelope: RunEnvelope): Promise<ReplyOf<typeof stopExecution>> {
    if (await this.endUnclaimed(envelope, 'timed_out', null)) return { status: 'timed_out', requested: true };
    return this.standing(envelope.runId);
  }

  private async endUnclaimed(
    envelope: RunEnvelope,
    status: 'cancelled' | 'timed_out',
    by: string | null,
  ): Promise<boolean> {
    const code = status === 'cancelled' ? 'RUN_CANCELLED' : 'QUEUE_TIMED_OUT';
    const error = runError(causewayError(code, {}), envelope.requestId);
    const at = new Date().toISOString();
    const wasUnclaimed = await this.store.putTombstone(envelope, {
      status,
      engineVersion: ENGINE_VERSION,
      at,
      by,
      error: JSON.stringify(error),
      outbox: endingRows(envelope, { status, at, error }, newId),
    });
    if (wasUnclaimed) this.relay.wake();
    return wasUnclaimed;
  }

  /** The outcome of a run that already has a row. */
  private async standing(runId: string): Promise<ReplyOf<typeof stopExecution>> {
    const [state] = await this.pages.states([runId], false);
    if (state === undefined || state.status === 'unknown') throw causewayError('RUN_UNKNOWN', { runId });
    return { status: state.status, requested: false };
  }
}
