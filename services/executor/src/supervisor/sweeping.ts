import { Lifecycle, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { Deaths } from './deaths.js';
import { OverdueRuns } from './overdue-runs.js';
import { Runners } from './runners.js';

const SWEEP_MS = 1_000;

/**
 * Looks each second for runs that no runner executes or ends. Every executor does this; row locks keep them from handling the same run.
 */
@Injectable()
export class Sweeping implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private sweep: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(
    private readonly deaths: Deaths,
    private readonly overdue: OverdueRuns,
    private readonly runners: Runners,
    private readonly lifecycle: Lifecycle,
  ) {
    runners.onDeath = () => this.soon(0);
  }

  /** The first sweep comes at once: after a crash there may be runs without a runner. */
  onApplicationBootstrap(): void {
    this.soon(0);
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
    try {
      this.runners.wantQuarantine(await this.deaths.find());
      await this.overdue.end();
    } catch (error) {
      log.failure(error, 'sweep failed');
    }
  }
}
