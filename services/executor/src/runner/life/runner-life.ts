import { causewayError } from '@causeway/contracts';
import { Lifecycle } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { Heartbeat } from './heartbeat.js';
import { Leaving } from './leaving.js';
import { RunningRuns } from '../claims/running-runs.js';
import { Taking } from '../claims/taking.js';

/** Starts a runner, and ends it when it must end. */
@Injectable()
export class RunnerLife {
  constructor(
    private readonly heartbeat: Heartbeat,
    private readonly taking: Taking,
    private readonly runs: RunningRuns,
    private readonly leaving: Leaving,
    private readonly lifecycle: Lifecycle,
  ) {}

  /** Registers this runner and lets it begin. Nothing may be claimed before. */
  async start(): Promise<void> {
    this.taking.settle();
    await this.heartbeat.start({
      lockLost: () => this.taking.lockLost(),
      lockHeld: () => this.taking.lockHeld(),
      foundDead: () => this.runs.stopAll(causewayError('LEASE_LOST', { runId: 'all' })),
    });
    this.lifecycle.onDrain('runs', () => this.leaving.leave());
  }
}
