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
/** Released runs compared at once. */
const ROUND = 500;
/** A run is first asked about when it should long have been claimed, and again now and then. */
const AGES = { firstMs: 2_000, againMs: 5_000 };
/** When a runner says that it is ready, a doorbell that is just on its way is left to arrive. */
const READY_AGES = { firstMs: 250, againMs: 250 };
/** Late runs ended at the same time. */
const ENDED_AT_ONCE = 20;

/**
 * Makes good whatever the bus lost of released runs: compares them with what executors know. Unknown → the doorbell is rung again,
 * until the time in the queue is over and the executor is asked to end it; over → closed; running → left alone. Any number of
 * schedulers may do this at once.
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

  /** One comparison after the other. Never throws. */
  private next(compare: () => Promise<void>): Promise<void> {
    this.comparing = this.comparing
      .then(compare)
      .catch((error: unknown) => log.failure(error, 'released runs not compared'));
    return this.comparing;
  }

  /**
   * One pass over the released runs that are due, page by page. What the pass has asked about once is not due again before the next
   * pass, however long the answers take: the required age grows by the time that the pass has taken so far.
   *
   * @param ring  names the rings that are due. @default by how long each run has waited
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
    // Without an answer all are rung for: a doorbell for a run that is already claimed does no harm.
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

  /** Undefined when no executor answers. */
  private async statesOf(taken: readonly Unconfirmed[]): Promise<ExecutionState[] | undefined> {
    return this.executor.states(taken.map(({ envelope }) => envelope.runId)).catch((error: unknown) => {
      if (!isUnreachable(error)) throw error;
      log.failure(error, 'executors not asked about released runs');
      return undefined;
    });
  }

  /** Their endings come back as any others do: in reports, or when they are asked about next. */
  private async expire(late: readonly RunEnvelope[]): Promise<void> {
    for (let from = 0; from < late.length; from += ENDED_AT_ONCE) {
      const some = late.slice(from, from + ENDED_AT_ONCE);
      const outcomes = await Promise.allSettled(some.map((envelope) => this.executor.expire(envelope)));
      const failed = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason);
      const [error] = failed as unknown[];
      if (error === undefined) continue;
      log.failure(error, 'late runs not ended', { runs: failed.length });
      // Nobody is there to end them: the next round tries again.
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
