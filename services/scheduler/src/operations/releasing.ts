import { SETTINGS, log } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import type { Weights } from '../domain/choose-releases.js';
import { SlotStore } from '../store/slot.store.js';
import { Doorbell } from './doorbell.js';

/** How many runs one statement releases at most. */
const ROUND = 50;

/** Releases waiting runs when slots become free. Only one search runs at a time; a wake-up meanwhile causes one more. */
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

  /** Starts a search soon. If the process crashes before that, the reconciler does the same work. */
  wake(): void {
    this.isWanted = true;
    this.looking ??= this.look().finally(() => (this.looking = undefined));
  }

  /** Releases runs until no waiting run has a free slot. */
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
      await this.release().catch((error: unknown) => log.failure(error, 'waiting runs were not released'));
    }
  }
}
