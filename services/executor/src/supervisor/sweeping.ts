import { causewayError } from '@causeway/contracts';
import { Database, Lifecycle, OutboxRelay, log, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { CRASH_LIMIT, READABLE_ENGINES } from '../config.js';
import { runError } from '../domain/run-error.js';
import { endingRows } from '../domain/run-outbox.js';
import { ExecutorStore } from '../store/executor.store.js';
import { OverdueStore } from '../store/overdue.store.js';
import type { Overdue } from '../store/overdue.store.js';
import { Runners } from './runners.js';

const SWEEP_MS = 1_000;
const SILENT_WITHOUT_LOCK_S = 3;
const SILENT_S = 15;
/** Owners end their own runs at the deadline; so much later somebody else does. */
const DEADLINE_GRACE_S = 5;
/** So long a run may wait for another runner without a loss of its own time. */
const PAUSE_S = 3_600;
const ROUND = 100;
/** A sweeper that stands still gives picked runs free after this time. */
const LOCKED = { idleMs: 5_000 };

/**
 * Looks after runs that nobody looks after: finds runners dead, has solo runners started for their runs, and ends runs that are past
 * their deadline or have killed too many runners. Every executor sweeps; locked rows keep them out of each other's way.
 */
@Injectable()
export class Sweeping implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private sweep: Promise<void> = Promise.resolve();
  private isStopped = false;
  /** Until then nobody is found dead: their silence may be our own. */
  private quietUntilMs = 0;

  constructor(
    private readonly database: Database,
    private readonly executors: ExecutorStore,
    private readonly runners: Runners,
    private readonly lifecycle: Lifecycle,
    private readonly relay: OutboxRelay,
  ) {
    runners.onDeath = () => this.soon(0);
  }

  onApplicationBootstrap(): void {
    this.soon(SWEEP_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.sweep;
  }

  private soon(delayMs: number): void {
    clearTimeout(this.timer);
    if (this.isStopped || this.lifecycle.isDraining) return;
    this.timer = setTimeout(() => {
      this.sweep = this.sweep.then(() => this.once()).finally(() => this.soon(SWEEP_MS));
    }, delayMs);
  }

  private async once(): Promise<void> {
    const startedMs = performance.now();
    try {
      await this.findDead();
      this.runners.wantSolos(await this.executors.countSuspects(READABLE_ENGINES));
      await this.endOverdue();
      // A connection that was away so long may have kept others' heartbeats away too.
      if (performance.now() - startedMs > SILENT_WITHOUT_LOCK_S * 1_000) this.keepQuiet();
    } catch (error) {
      this.keepQuiet();
      log.failure(error, 'sweep failed');
    }
  }

  private keepQuiet(): void {
    this.quietUntilMs = performance.now() + SILENT_S * 1_000;
  }

  private async findDead(): Promise<void> {
    if (performance.now() < this.quietUntilMs) return;
    const dead = await this.executors.findDead({ withoutLockS: SILENT_WITHOUT_LOCK_S, withLockS: SILENT_S });
    for (const runnerId of dead) log.error({ runnerId }, 'runner found dead');
  }

  private async endOverdue(): Promise<void> {
    const ended = await this.database.transaction(async (transaction) => {
      const store = new OverdueStore(transaction);
      const waits = { graceS: DEADLINE_GRACE_S, pauseS: PAUSE_S, silentS: SILENT_S };
      const limits = { ...waits, crashLimit: CRASH_LIMIT, atMost: ROUND };
      const picked = await store.pick(limits);
      if (picked.length === 0) return [];
      const at = new Date().toISOString();
      await store.end(
        picked.map((run) => endOf(run, at)),
        at,
      );
      return picked;
    }, LOCKED);
    if (ended.length > 0) this.relay.wake();
    for (const { runId, crashes, isOverdue } of ended)
      log.warn({ runId, crashes, isOverdue }, isOverdue ? 'overdue run ended' : 'run given up');
  }
}

function endOf(run: Overdue, at: string) {
  const { envelope, crashes, isOverdue } = run;
  const status = isOverdue ? ('timed_out' as const) : ('dead' as const);
  const reason = isOverdue
    ? causewayError('RUN_TIMED_OUT', { timeoutMs: envelope.limits.timeoutMs })
    : causewayError('RUN_DEAD', { crashes });
  const error = runError(reason, envelope.requestId);
  return {
    ...run,
    status,
    error: JSON.stringify(error),
    outbox: endingRows(envelope, { status, at, error }, newId),
  };
}
