import { log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { Adopting } from '../claims/adopting.js';
import { Heartbeat } from './heartbeat.js';
import { Held } from '../claims/held.js';
import { RunningRuns } from '../claims/running-runs.js';
import { Taking } from '../claims/taking.js';

/** How a runner ends: it finishes what it can, gives back what it cannot, and is marked as ended. */
@Injectable()
export class Leaving {
  constructor(
    private readonly taking: Taking,
    private readonly adopting: Adopting,
    private readonly runs: RunningRuns,
    private readonly held: Held,
    private readonly heartbeat: Heartbeat,
  ) {}

  /** The order matters: runs that are just being claimed or taken over are held by this runner, so they are given back with the rest. */
  async leave(): Promise<void> {
    await Promise.all([this.taking.close(), this.adopting.idle()]);
    await this.runs.finish();
    const released = await this.held.release();
    if (released > 0) log.warn({ released }, 'runs given back');
    await this.heartbeat.stop();
  }
}
