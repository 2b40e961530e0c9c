import { SETTINGS, log } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import { ExecutorClient } from '../clients/executor.client.js';
import type { Settings } from '../config.js';
import { SlotStore } from '../store/slot.store.js';

/** Runs handed over for each one that executors take. */
const AHEAD = 1.25;

/** Keeps slots what they should be: as many as the settings and the live executors say, and counted right. */
@Injectable()
export class SlotCare {
  constructor(
    private readonly slots: SlotStore,
    private readonly executor: ExecutorClient,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** As many runs are handed over as live executors take, and a few more, so that none waits for its next one. */
  async followExecutors(): Promise<void> {
    const { systemSlots } = this.settings;
    const runs = systemSlots > 0 ? systemSlots : Math.ceil((await this.executorCapacity()) * AHEAD);
    // Nobody alive now: what is released waits for them as well as what is queued.
    if (runs > 0) await this.slots.setCapacity(runs);
  }

  /** Counts anew: a slot that counts too much stays shut for ever; one that counts too little lets more go than it may. */
  async settle(): Promise<void> {
    const { teamSlots: team, flowSlots: flow } = this.settings;
    await this.slots.settleCapacities({ team, flow });
    const wrong = await this.slots.recount();
    if (wrong.slots + wrong.lanes > 0) log.error({ ...wrong }, 'slots counted anew');
  }

  /** 0 when nobody answers: the rest of a round does not depend on it. */
  private async executorCapacity(): Promise<number> {
    return this.executor.capacity().catch((error: unknown) => {
      log.failure(error, 'executors not counted');
      return 0;
    });
  }
}
