import { isFinal } from '@causeway/dag';
import type { RunStatus } from '@causeway/dag';
import type { ExecutionState } from '@causeway/contracts';
import { SETTINGS, log, newId } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { ExecutorClient } from '../clients/executor.client.js';
import type { Settings } from '../config.js';
import { endInQueue } from '../domain/end-in-queue.js';
import { RunStore } from '../store/run.store.js';
import { SlotStore } from '../store/slot.store.js';
import { Closing } from './closing.js';
import { Doorbell } from './doorbell.js';
import { Releasing } from './releasing.js';

/** Released runs compared in one round, and the age from which they are. */
const ROUND = 500;
const MIN_AGE_MS = 5_000;
/** Runs handed over for each one that executors take. */
const AHEAD = 1.25;
/** At the start and, at five seconds a round, each hour. */
const RARELY_ROUNDS = 720;

/**
 * Makes good whatever the bus lost: compares released runs with what executors know, every few seconds. Unknown → the
 * doorbell is rung again, until the time in the queue is over and the executor is asked to end it; over → closed; running →
 * left alone. Also ends runs that are queued for too long, and hands over what waits beside a free slot. Any number of schedulers may do this at once.
 */
@Injectable()
export class Reconciling implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private rounds = 0;
  private isRareDue = true;
  private stopped = false;

  constructor(
    private readonly store: RunStore,
    private readonly executor: ExecutorClient,
    private readonly closing: Closing,
    private readonly releasing: Releasing,
    private readonly slots: SlotStore,
    private readonly doorbell: Doorbell,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.round;
  }

  /** One comparison of everything that is due. */
  async reconcile(): Promise<void> {
    if (this.store.takeMiscount()) this.isRareDue = true;
    if (this.isRareDue) await this.careRarely();
    this.isRareDue = ++this.rounds % RARELY_ROUNDS === 0;
    await this.expireQueued();
    await this.followExecutors();
    await this.releasing.release();
    await this.compareReleased();
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.round = this.reconcile()
        .catch((error: unknown) => log.failure(error, 'reconciling failed'))
        .finally(() => this.schedule());
    }, this.settings.reconcileMs);
  }

  private async compareReleased(): Promise<void> {
    const taken = await this.store.takeUnconfirmed(Math.max(MIN_AGE_MS, this.settings.reconcileMs), ROUND);
    if (taken.length === 0) return;
    const states = new Map(
      (await this.executor.states(taken.map((run) => run.envelope.runId))).map((state) => [
        state.runId,
        state,
      ]),
    );
    const over = [...states.values()].filter((state) => state.status !== 'unknown' && isFinal(state.status));
    if (over.length > 0) await this.closing.close(over.map(report));
    const unknown = taken.filter(
      ({ envelope }) => (states.get(envelope.runId)?.status ?? 'unknown') === 'unknown',
    );
    for (const { envelope, isLate } of unknown) if (!isLate) this.doorbell.ring(envelope, { again: true });
    // Its ending comes back as any other does: in a report, or when it is asked about next.
    for (const { envelope, isLate } of unknown)
      if (isLate)
        await this.executor
          .expire(envelope)
          .catch((error: unknown) => log.failure(error, 'late run not ended', { runId: envelope.runId }));
  }

  /** At the start, now and then, and after a miscount; what fails is due again in the next round. */
  private async careRarely(): Promise<void> {
    const { teamSlots: team, flowSlots: flow } = this.settings;
    await this.slots.settleCapacities({ team, flow });
    await this.recount();
  }

  /** A slot that counts too much stays shut for ever; one that counts too little lets more go than it may. */
  private async recount(): Promise<void> {
    const wrong = await this.slots.recount();
    if (wrong.slots + wrong.lanes > 0) log.error({ ...wrong }, 'slots counted anew');
  }

  /** As many runs are handed over as live executors take, and a few more, so that none waits for its next one. */
  private async followExecutors(): Promise<void> {
    const { systemSlots } = this.settings;
    const runs = systemSlots > 0 ? systemSlots : Math.ceil((await this.executorCapacity()) * AHEAD);
    // Nobody alive now: what is released waits for them as well as what is queued.
    if (runs > 0) await this.slots.setCapacity(runs);
  }

  /** 0 when nobody answers: the rest of a round does not depend on it. */
  private async executorCapacity(): Promise<number> {
    return this.executor.capacity().catch((error: unknown) => {
      log.failure(error, 'executors not counted');
      return 0;
    });
  }

  private async expireQueued(): Promise<void> {
    const expired = await this.store.findExpired(ROUND);
    if (expired.length > 0)
      await this.store.close(
        expired.map((envelope) => endInQueue(envelope, 'timed_out', { at: new Date(), eventId: newId() })),
      );
  }
}

function report(state: ExecutionState) {
  return {
    runId: state.runId,
    status: state.status as RunStatus,
    at: state.finishedAt ?? new Date().toISOString(),
    ...(state.error && { errorCode: state.error.code, errorMessage: state.error.message }),
  };
}
