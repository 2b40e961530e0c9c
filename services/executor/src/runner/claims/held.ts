import { runCancelRequested } from '@causeway/contracts';
import { Bus, log } from '@causeway/platform';
import type { LiveSubscription } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { ExecutorStore } from '../../store/runners/executor.store.js';
import { RunnerIdentity } from '../life/runner-identity.js';
import { RunningRuns } from './running-runs.js';

const COMPARE_MS = 1_000;

/**
 * Compares the runs that this runner holds in the database with those that it executes. So it learns of every cancel, also of those that
 * the bus lost, and gives back runs that stopped here without an end, such as after Postgres was unreachable.
 */
@Injectable()
export class Held implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private subscription: LiveSubscription | undefined;
  private comparing: Promise<void> | undefined;
  private missing: ReadonlySet<string> = new Set();

  constructor(
    private readonly runner: RunnerIdentity,
    private readonly runs: RunningRuns,
    private readonly executors: ExecutorStore,
    private readonly bus: Bus,
  ) {}

  onApplicationBootstrap(): void {
    this.subscription = this.bus.subscribe(runCancelRequested, undefined, ({ runId }) =>
      this.runs.cancel(runId),
    );
    this.timer = setInterval(() => void this.compare(), COMPARE_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.subscription?.unsubscribe();
  }

  /** One comparison at a time: a second caller gets the one that is under way. Never throws. */
  compare(): Promise<void> {
    return (this.comparing ??= this.once()
      .catch((error: unknown) => log.failure(error, 'own runs not compared'))
      .finally(() => (this.comparing = undefined)));
  }

  /** Gives back all runs that this runner holds. @returns how many */
  async release(): Promise<number> {
    clearInterval(this.timer);
    await this.comparing;
    return this.executors.release(this.runner.id);
  }

  private async once(): Promise<void> {
    const held = await this.executors.findHeld(this.runner.id);
    for (const { runId, cancelRequested } of held) if (cancelRequested) this.runs.cancel(runId);
    // A run that was just claimed is not among the running ones yet, so a run counts as missing only the second time.
    const missing = held.map(({ runId }) => runId).filter((runId) => !this.runs.has(runId));
    const left = missing.filter((runId) => this.missing.has(runId));
    this.missing = new Set(missing);
    if (left.length === 0) return;
    log.warn({ runIds: left }, 'runs left here given back');
    await this.executors.release(this.runner.id, left);
  }
}
