import { SETTINGS, log } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import { ExecutorClient } from '../clients/executor.client.js';
import type { Settings } from '../config.js';
import { SlotStore } from '../store/slot.store.js';

/** How many runs are released for each run that executors can execute. */
const AHEAD = 1.25;

/** Keeps slots correct: sets capacities from the settings and the live executors, and corrects wrong counts. */
@Injectable()
export class SlotCare {
  constructor(
    private readonly slots: SlotStore,
    private readonly executor: ExecutorClient,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Allows as many released runs as live executors can execute, and a few more, so that no executor waits for its next run. */
  async followExecutors(): Promise<void> {
    const { systemSlots } = this.settings;
    const runs = systemSlots > 0 ? systemSlots : Math.ceil((await this.executorCapacity()) * AHEAD);
    // No executor is alive. A released run can wait for one as well as a queued run.
    if (runs > 0) await this.slots.setCapacity(runs);
  }

  /** Counts slots again. A count that is too high would block runs for ever; one that is too low would release too many. */
  async settle(): Promise<void> {
    const { teamSlots: team, flowSlots: flow } = this.settings;
    await this.slots.settleCapacities({ team, flow });
    const wrong = await this.slots.recount();
    if (wrong.slots + wrong.lanes > 0)
      log.error({ ...wrong }, 'slots had wrong counts and were counted again');
  }

  /** Returns 0 when no executor answers, because the rest of a round does not depend on it. */
  private async executorCapacity(): Promise<number> {
    return this.executor.capacity().catch((error: unknown) => {
      log.failure(error, 'the capacity of executors is not known');
      return 0;
    });
  }
}
