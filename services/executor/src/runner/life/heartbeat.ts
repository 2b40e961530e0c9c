import { hostname } from 'node:os';
import { Worker } from 'node:worker_threads';
import { SETTINGS, log } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../../config.js';
import { ExecutorStore } from '../../store/runners/executor.store.js';
import type { HeartbeatNews, HeartbeatWork } from './heartbeat.worker.js';
import { RunnerIdentity } from './runner-identity.js';
import { RunningRuns } from '../claims/running-runs.js';

const TICK_MS = 500;
/** Exit code of a runner that was found dead while it lived. */
export const FOUND_DEAD_EXIT_CODE = 75;

/** What reacts to changes of the lease. */
export interface HeartbeatListener {
  /** The lock that proves this process alive is lost: other executors may find it dead, so it may begin nothing new. */
  lockLost(): void;
  lockHeld(): void;
  /** Other executors have taken over its runs, or may have: nothing that runs here counts any more. */
  foundDead(): void;
}

/**
 * Shows that this process is alive. A thread of its own writes the heartbeat and holds the lock, so that a process with a busy main loop
 * does not look dead; and the thread ends the process when the main loop does not respond.
 */
@Injectable()
export class Heartbeat {
  private worker: Worker | undefined;
  private ticking: NodeJS.Timeout | undefined;

  constructor(
    private readonly runner: RunnerIdentity,
    private readonly runs: RunningRuns,
    private readonly executors: ExecutorStore,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Settles when the runner is registered and holds its lock. */
  async start(listener: HeartbeatListener): Promise<void> {
    const { id, kind, engineVersion } = this.runner;
    const workerData: HeartbeatWork = {
      databaseUrl: this.settings.databaseUrl as string,
      runner: { id, kind, engineVersion, host: hostname(), pid: process.pid },
      ticks: new SharedArrayBuffer(4),
    };
    const worker = new Worker(new URL('./heartbeat.worker.js', import.meta.url), { workerData });
    this.worker = worker;
    const ticks = new Int32Array(workerData.ticks);
    this.ticking = setInterval(() => {
      Atomics.add(ticks, 0, 1);
      worker.postMessage(this.runs.describe());
    }, TICK_MS);
    const started = Promise.withResolvers<void>();
    worker.on('error', (error) => {
      started.reject(error);
      // Without a heartbeat other executors would find this process dead later; it is better that it ends at once.
      throw error;
    });
    worker.on('message', (news: HeartbeatNews) => {
      if (news.kind === 'held') started.resolve();
      this.hear(news, listener);
    });
    await started.promise;
  }

  /** Ends the heartbeat of a process that is about to end, and marks the runner as ended. */
  async stop(): Promise<void> {
    clearInterval(this.ticking);
    // A heartbeat after the mark would find it, and would report this runner as found dead.
    await this.worker?.terminate();
    await this.executors.end([this.runner.id]);
  }

  private hear(news: HeartbeatNews, listener: HeartbeatListener): void {
    switch (news.kind) {
      case 'held':
        listener.lockHeld();
        break;
      case 'lost':
        log.warn({ reason: news.reason }, 'life lock lost');
        listener.lockLost();
        break;
      case 'expired':
        log.error({ reason: news.reason }, 'lease expired');
        listener.foundDead();
        break;
      case 'dead':
        log.fatal({ reason: news.reason }, 'found dead');
        listener.foundDead();
        // Results that are still under way cannot be written; the supervisor starts a new runner.
        setTimeout(() => process.exit(FOUND_DEAD_EXIT_CODE), TICK_MS);
        break;
    }
  }
}
