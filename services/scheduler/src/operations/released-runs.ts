import { isUnreachable, runnerReady } from '@causeway/contracts';
import type { ExecutionState, RunEnvelope } from '@causeway/contracts';
import { isFinal } from '@causeway/dag';
import type { RunStatus } from '@causeway/dag';
import { Bus, log } from '@causeway/platform';
import type { LiveSubscription } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { ExecutorClient } from '../clients/executor.client.js';
import { whichRing } from '../domain/which-ring.js';
import { RunStore } from '../store/run.store.js';
import type { Unconfirmed } from '../store/run.store.js';
import { Closing } from './closing.js';
import { Doorbell } from './doorbell.js';

const LOOK_MS = 1_000;
/** How many released runs are compared in one page. */
const ROUND = 500;
/** A run is first asked about when it should have been claimed long ago, and then at intervals. */
const AGES = { firstMs: 2_000, againMs: 5_000 };
/** When a runner reports that it is ready, runs released just before are skipped, because their doorbell may still arrive. */
const READY_AGES = { firstMs: 250, againMs: 250 };
/** How many late runs are ended at the same time. */
const ENDED_AT_ONCE = 20;

/**
 * Recovers from lost messages about released runs: asks executors for the states of the runs. For an unknown run the doorbell is
 * rung again; when its time in the queue is over, the executor is asked to end it. A run that has ended is closed. A running one
 * does not change. Any number of schedulers may do this at the same time.
 */
@Injectable()
export class ReleasedRuns implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private subscription: LiveSubscription | undefined;
  private comparing: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(
    private readonly store: RunStore,
    private readonly executor: ExecutorClient,
    private readonly closing: Closing,
    private readonly doorbell: Doorbell,
    private readonly bus: Bus,
  ) {}

  onApplicationBootstrap(): void {
    this.subscription = this.bus.subscribe(runnerReady, undefined, ({ runnerId }) =>
      this.next(() => this.compare(READY_AGES, `ready ${runnerId}`)),
    );
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.subscription?.unsubscribe();
    await this.comparing;
  }

  private schedule(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(
      () => void this.next(() => this.compare(AGES)).finally(() => this.schedule()),
      LOOK_MS,
    );
  }

  /** Executes one comparison after another. Never throws. */
  private next(compare: () => Promise<void>): Promise<void> {
    this.comparing = this.comparing
      .then(compare)
      .catch((error: unknown) => log.failure(error, 'released runs were not compared with executors'));
    return this.comparing;
  }

  /**
   * One pass over the released runs that are due, page by page. A pass asks about each run only once, however long the answers
   * take, because the required age grows by the time that the pass has taken so far.
   *
   * @param ring  the name of the rings. @default depends on how long each run has waited
   */
  private async compare(ages: typeof AGES, ring?: string): Promise<void> {
    const beganMs = performance.now();
    let taken: readonly Unconfirmed[];
    do {
      const passMs = performance.now() - beganMs;
      const { firstMs, againMs } = ages;
      taken = await this.store.takeUnconfirmed(
        { firstMs: firstMs + passMs, againMs: againMs + passMs },
        ROUND,
      );
      await this.comparePage(taken, ring);
    } while (taken.length === ROUND && !this.isStopped);
  }

  private async comparePage(taken: readonly Unconfirmed[], ring: string | undefined): Promise<void> {
    if (taken.length === 0) return;
    const states = await this.statesOf(taken);
    // Without an answer the doorbell is rung for all of them. For a run that is already claimed this does no harm.
    if (!states) return this.ring(taken, ring);
    const over = states.filter(({ status }) => status !== 'unknown' && isFinal(status));
    if (over.length > 0) await this.closing.close(over.map(report));
    const isKnown = new Set(states.filter(({ status }) => status !== 'unknown').map(({ runId }) => runId));
    const unclaimed = taken.filter(({ envelope }) => !isKnown.has(envelope.runId));
    this.ring(unclaimed, ring);
    await this.expire(unclaimed.filter(({ isLate }) => isLate).map(({ envelope }) => envelope));
  }

  private ring(runs: readonly Unconfirmed[], which: string | undefined): void {
    for (const { envelope, isLate, releasedMs } of runs)
      if (!isLate) this.doorbell.ring(envelope, which ?? whichRing(releasedMs));
  }

  /** Returns undefined when executors are unreachable. */
  private async statesOf(taken: readonly Unconfirmed[]): Promise<ExecutionState[] | undefined> {
    return this.executor.states(taken.map(({ envelope }) => envelope.runId)).catch((error: unknown) => {
      if (!isUnreachable(error)) throw error;
      log.failure(error, 'executors are unreachable and were not asked about released runs');
      return undefined;
    });
  }

  /** Asks the executor to end late runs. Their final states arrive in reports or with the next comparison. */
  private async expire(late: readonly RunEnvelope[]): Promise<void> {
    for (let from = 0; from < late.length; from += ENDED_AT_ONCE) {
      const some = late.slice(from, from + ENDED_AT_ONCE);
      const outcomes = await Promise.allSettled(some.map((envelope) => this.executor.expire(envelope)));
      const failed = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason);
      const [error] = failed as unknown[];
      if (error === undefined) continue;
      log.failure(error, 'late runs were not ended', { runs: failed.length });
      // Executors are unreachable. The next comparison tries again.
      if (failed.every(isUnreachable)) return;
    }
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
