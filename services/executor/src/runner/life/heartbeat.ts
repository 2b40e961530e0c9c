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

/** Who is told of the lease. */
export interface HeartbeatListener {
  /** The lock that proves this process alive is gone: others may find it dead, so nothing new may be begun. */
  lockLost(): void;
  lockHeld(): void;
  /** Others have taken over, or may have: nothing that runs here counts any more. */
  foundDead(): void;
}

/**
 * Shows that this process lives. A thread of its own writes the heartbeat and holds the lock, so that a busy main loop does not
 * look dead; and it ends the process when the main loop stands still.
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

  /** Settles when the runner is announced and holds its lock. */
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
      // Without a heartbeat this process is as good as dead; better it is so at once.
      throw error;
    });
    worker.on('message', (news: HeartbeatNews) => {
      if (news.kind === 'held') started.resolve();
      this.hear(news, listener);
    });
    await started.promise;
  }

  /** Ends the heartbeat of a process that is about to end, and says so. */
  async stop(): Promise<void> {
    clearInterval(this.ticking);
    // A beat after the end would look as if others had found this runner dead.
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
        // Whatever is still under way cannot be written; a new runner takes this one's place.
        setTimeout(() => process.exit(FOUND_DEAD_EXIT_CODE), TICK_MS);
        break;
    }
  }
}
