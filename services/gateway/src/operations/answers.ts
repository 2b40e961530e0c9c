import { getExecutionStates, getRun, runAnswered } from '@causeway/contracts';
import type { ExecutionState, Tenant } from '@causeway/contracts';
import { isFinal } from '@causeway/dag';
import { Bus, log, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';

/** An answer that did not come by itself is asked for after this time… */
const FIRST_ASK_MS = 1_000;
/** …and then again after each of these. */
const ASK_AGAIN_MS = 5_000;
const ROUND_MS = 250;
const ASK_AT_ONCE = 100;

interface Waiter {
  readonly tenant: Tenant;
  readonly resolve: (state: ExecutionState) => void;
  askAtMs: number;
}

/** Waits for runs to end. The executor answers this gateway directly; since that message may be lost, it also asks. */
@Injectable()
export class Answers implements OnApplicationBootstrap, OnApplicationShutdown {
  /** Where executors answer: one address per gateway process. */
  readonly replyTo = newId();
  private readonly waiters = new Map<string, Set<Waiter>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly bus: Bus) {}

  onApplicationBootstrap(): void {
    this.bus.subscribe(runAnswered, this.replyTo, (state) => this.settle(state));
    this.timer = setInterval(() => void this.ask(), ROUND_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Settles with the run's final state. Start waiting before the run is submitted. `stop` ends the wait. */
  wait(tenant: Tenant, runId: string): { answer: Promise<ExecutionState>; stop: () => void } {
    let resolve: Waiter['resolve'] = () => undefined;
    const answer = new Promise<ExecutionState>((settle) => (resolve = settle));
    const waiter: Waiter = { tenant, resolve, askAtMs: Date.now() + FIRST_ASK_MS };
    const waiters = this.waiters.get(runId) ?? new Set();
    this.waiters.set(runId, waiters.add(waiter));
    const stop = (): void => {
      waiters.delete(waiter);
      if (waiters.size === 0) this.waiters.delete(runId);
    };
    return { answer, stop };
  }

  private settle(state: ExecutionState): void {
    if (state.status === 'unknown' || !isFinal(state.status)) return;
    for (const waiter of this.waiters.get(state.runId) ?? []) waiter.resolve(state);
    this.waiters.delete(state.runId);
  }

  private async ask(): Promise<void> {
    const now = Date.now();
    const due = [...this.waiters]
      .filter(([, waiters]) => [...waiters].some((waiter) => waiter.askAtMs <= now))
      .slice(0, ASK_AT_ONCE);
    if (due.length === 0) return;
    for (const [, waiters] of due) for (const waiter of waiters) waiter.askAtMs = now + ASK_AGAIN_MS;
    try {
      const { states } = await this.bus.request(getExecutionStates, {
        runIds: due.map(([runId]) => runId),
        withResult: true,
      });
      for (const state of states) {
        if (state.status === 'unknown') await this.askScheduler(state.runId);
        else this.settle(state);
      }
    } catch (error) {
      log.failure(error, 'answers not asked for');
    }
  }

  /** A run that no executor knows may have ended in the queue. */
  private async askScheduler(runId: string): Promise<void> {
    const waiter = [...(this.waiters.get(runId) ?? [])][0];
    if (!waiter) return;
    const run = await this.bus.request(getRun, { ...waiter.tenant, runId });
    if (!isFinal(run.status)) return;
    const error =
      run.errorCode === null
        ? undefined
        : { code: run.errorCode, message: run.errorMessage ?? run.errorCode };
    this.settle({ runId, status: run.status, finishedAt: run.finishedAt, ...(error && { error }) });
  }
}
