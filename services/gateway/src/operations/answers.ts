import { getExecutionStates, getRun, runAnswered } from '@causeway/contracts';
import type { ExecutionState, Tenant } from '@causeway/contracts';
import { type RunStatus, isFinal } from '@causeway/dag';
import { Bus, log, newId, withoutContext } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';

/** An answer that has not arrived is requested after this time. */
const FIRST_ASK_MS = 1_000;
/** Then it is requested again at this interval. */
const ASK_AGAIN_MS = 5_000;
/** The answer of a run that another request started may not be sent here: it is requested at once, then after this time. */
const FIRST_FOLLOW_MS = 200;
/** Each further interval is half as long again, up to this. */
const FOLLOW_AGAIN_MS = 1_000;
const ROUND_MS = 100;
const ASK_AT_ONCE = 100;

interface Waiter {
  readonly tenant: Tenant;
  readonly resolve: (state: ExecutionState) => void;
  readonly longestMs: number;
  askAtMs: number;
  againMs: number;
}

/** A wait for a run's end; `stop` ends it. */
export interface Wait {
  readonly answer: Promise<ExecutionState>;
  stop(): void;
}

/** Waits for runs to end. The executor answers this gateway directly; since that message may be lost, the gateway also requests the answer. */
@Injectable()
export class Answers implements OnApplicationBootstrap, OnApplicationShutdown {
  /** The address to which executors send answers: one per gateway process. */
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

  /** Settles with the final state of a run that is about to be submitted here, with `replyTo`. */
  wait(tenant: Tenant, runId: string): Wait {
    return this.add(tenant, runId, { firstMs: FIRST_ASK_MS, againMs: ASK_AGAIN_MS, longestMs: ASK_AGAIN_MS });
  }

  /** Settles with the final state of a run that any gateway submitted before: at once when it has ended, else soon after its end. */
  follow(tenant: Tenant, runId: string): Wait {
    const wait = this.add(tenant, runId, {
      firstMs: 0,
      againMs: FIRST_FOLLOW_MS,
      longestMs: FOLLOW_AGAIN_MS,
    });
    // It asks for the answers of other callers too.
    void withoutContext(() => this.ask());
    return wait;
  }

  /** The status of a run that is not over as far as this gateway knows; `queued` when no executor has it, or none answers. */
  async statusOf(runId: string): Promise<RunStatus> {
    try {
      const { states } = await this.bus.request(getExecutionStates, { runIds: [runId] });
      const status = states[0]?.status ?? 'unknown';
      return status === 'unknown' ? 'queued' : status;
    } catch (error) {
      log.failure(error, 'status not requested', { runId });
      return 'queued';
    }
  }

  private add(
    tenant: Tenant,
    runId: string,
    { firstMs, againMs, longestMs }: { firstMs: number; againMs: number; longestMs: number },
  ): Wait {
    let resolve: Waiter['resolve'] = () => undefined;
    const answer = new Promise<ExecutionState>((settle) => (resolve = settle));
    const waiter: Waiter = { tenant, resolve, longestMs, askAtMs: Date.now() + firstMs, againMs };
    const waiters = this.waiters.get(runId) ?? new Set();
    this.waiters.set(runId, waiters.add(waiter));
    const stop = (): void => {
      waiters.delete(waiter);
      if (waiters.size === 0 && this.waiters.get(runId) === waiters) this.waiters.delete(runId);
    };
    return { answer, stop };
  }

  private settle(state: ExecutionState): void {
    if (state.status === 'unknown' || !isFinal(state.status)) return;
    for (const waiter of this.waiters.get(state.runId) ?? []) waiter.resolve(state);
    this.waiters.delete(state.runId);
  }

  /** Sends one request for all answers that are due. A failure of one run does not delay the others. */
  private async ask(): Promise<void> {
    const now = Date.now();
    const due = [...this.waiters]
      .filter(([, waiters]) => [...waiters].some((waiter) => waiter.askAtMs <= now))
      .slice(0, ASK_AT_ONCE);
    if (due.length === 0) return;
    for (const [, waiters] of due) for (const waiter of waiters) askLater(waiter, now);
    try {
      const { states } = await this.bus.request(getExecutionStates, {
        runIds: due.map(([runId]) => runId),
        withResult: true,
      });
      for (const state of states) this.settle(state);
      const unknown = states.filter(({ status }) => status === 'unknown');
      await Promise.all(unknown.map(({ runId }) => this.askScheduler(runId)));
    } catch (error) {
      log.failure(error, 'answers not requested');
      for (const [, waiters] of due)
        for (const waiter of waiters) waiter.askAtMs = Math.min(waiter.askAtMs, Date.now() + FIRST_ASK_MS);
    }
  }

  /** A run that no executor knows may have ended in the queue. */
  private async askScheduler(runId: string): Promise<void> {
    const waiter = [...(this.waiters.get(runId) ?? [])][0];
    if (!waiter) return;
    try {
      const run = await this.bus.request(getRun, { ...waiter.tenant, runId });
      if (!isFinal(run.status)) return;
      const error =
        run.errorCode === null
          ? undefined
          : { code: run.errorCode, message: run.errorMessage ?? run.errorCode };
      this.settle({ runId, status: run.status, finishedAt: run.finishedAt, ...(error && { error }) });
    } catch (error) {
      log.failure(error, 'answer not requested', { runId });
    }
  }
}

function askLater(waiter: Waiter, now: number): void {
  waiter.askAtMs = now + waiter.againMs;
  waiter.againMs = Math.min(waiter.againMs * 1.5, waiter.longestMs);
}
