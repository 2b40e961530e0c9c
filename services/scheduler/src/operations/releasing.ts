import { SETTINGS, log } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import type { Weights } from '../domain/choose-releases.js';
import { SlotStore } from '../store/slot.store.js';
import { Doorbell } from './doorbell.js';

/** Runs handed over in one round. */
const ROUND = 50;

/** Hands waiting runs over when slots become free. One look at a time; who asks meanwhile gets another one. */
@Injectable()
export class Releasing {
  private readonly weights: Weights;
  private isWanted = false;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly slots: SlotStore,
    private readonly doorbell: Doorbell,
    @Inject(SETTINGS) settings: Settings,
  ) {
    const { apiWeight: api, webhookWeight: webhook, scheduleWeight: schedule, batchWeight: batch } = settings;
    this.weights = { api, webhook, schedule, batch };
  }

  /** Looks soon. A crash before that is made good by the reconciler. */
  wake(): void {
    this.isWanted = true;
    this.looking ??= this.look().finally(() => (this.looking = undefined));
  }

  /** Hands over until nothing that waits can go. */
  async release(): Promise<void> {
    for (;;) {
      const envelopes = await this.slots.release(this.weights, ROUND);
      for (const envelope of envelopes) this.doorbell.ring(envelope);
      if (envelopes.length === 0) return;
    }
  }

  private async look(): Promise<void> {
    while (this.isWanted) {
      this.isWanted = false;
      await this.release().catch((error: unknown) => log.failure(error, 'runs not released'));
    }
  }
}
