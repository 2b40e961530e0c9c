import { claimRun, runnerReady } from '@causeway/contracts';
import { Bus, Doorbells, Lifecycle, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { ExecutorStore } from '../../store/runners/executor.store.js';
import { RunnerIdentity } from '../life/runner-identity.js';

/** Whether this runner takes new runs: it must be the shared one, hold its lock, and not be about to end. */
@Injectable()
export class Taking {
  private isLockHeld = false;
  private isOpen = true;

  constructor(
    private readonly runner: RunnerIdentity,
    private readonly doorbells: Doorbells,
    private readonly lifecycle: Lifecycle,
    private readonly executors: ExecutorStore,
    private readonly bus: Bus,
  ) {}

  /** Whether it may take over runs. Without its lock it may not, because other executors may find it dead. */
  get mayAdopt(): boolean {
    return this.isLockHeld && !this.lifecycle.isDraining;
  }

  lockHeld(): void {
    this.isLockHeld = true;
    this.settle();
  }

  lockLost(): void {
    this.isLockHeld = false;
    this.settle();
  }

  /** Changes this runner's kind. The runs that it executes continue. */
  async become(kind: 'shared' | 'standby'): Promise<void> {
    if (this.runner.kind === kind) return;
    this.runner.kind = kind;
    log.info({ kind }, 'runner changed its kind');
    this.settle();
    await this.executors.changeKind(this.runner.id, kind);
  }

  /** Takes no new run any more; settles when all claims under way have ended. */
  async close(): Promise<void> {
    this.settle();
    await this.doorbells.of(claimRun).idle();
  }

  /** Accepts doorbells, or stops accepting them. */
  settle(): void {
    const intake = this.doorbells.of(claimRun);
    const isOpen = this.runner.kind === 'shared' && this.mayAdopt;
    if (isOpen === this.isOpen) return;
    this.isOpen = isOpen;
    if (!isOpen) return intake.pause();
    intake.resume();
    // Doorbells may have been delivered to a runner that died or does not respond.
    this.bus.publish(runnerReady, { runnerId: this.runner.id });
  }
}
