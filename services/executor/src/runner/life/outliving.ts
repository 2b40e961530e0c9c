import { setTimeout as sleep } from 'node:timers/promises';
import { Bus, Lifecycle, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { ExecutorStore } from '../../store/runners/executor.store.js';
import { RunnerIdentity } from './runner-identity.js';

const LOOK_MS = 500;
/** A supervisor that was killed is started again within this time, or not at all. */
const ALONE_MS = 30_000;
/** A runner that was silent for so long may be dead. */
const SILENT_S = 3;

/**
 * What a runner does when its supervisor has ended. The shared one continues to take new runs until another shared runner does, so that
 * the death of a supervisor stops nothing.
 */
@Injectable()
export class Outliving {
  constructor(
    private readonly runner: RunnerIdentity,
    private readonly executors: ExecutorStore,
    private readonly bus: Bus,
    private readonly lifecycle: Lifecycle,
  ) {}

  /** Settles when this runner is not needed any more. */
  async outlive(): Promise<void> {
    const untilMs = performance.now() + ALONE_MS;
    log.warn({ kind: this.runner.kind }, 'supervisor ended');
    while (this.runner.kind === 'shared' && performance.now() < untilMs) {
      if (this.lifecycle.isDraining || !this.bus.isConnected || (await this.isReplaced())) return;
      await sleep(LOOK_MS);
    }
  }

  private async isReplaced(): Promise<boolean> {
    return (await this.executors.countShared(SILENT_S, this.runner.id)) > 0;
  }
}
