import { SETTINGS, log, newId } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '../config.js';
import { endInQueue } from '../domain/end-in-queue.js';
import { RunStore } from '../store/run.store.js';
import { Releasing } from './releasing.js';
import { SlotCare } from './slot-care.js';

/** How many queued runs one round ends at most. */
const ROUND = 500;
/** Slots are counted again in the first round and after this many rounds: each hour, if a round starts every five seconds. */
const RARELY_ROUNDS = 720;

/**
 * Every few seconds: ends runs that were queued for too long, corrects slots, and releases waiting runs for which a slot is free.
 * Any number of schedulers may do this at the same time.
 */
@Injectable()
export class Reconciling implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private rounds = 0;
  private isRareDue = true;
  private stopped = false;

  constructor(
    private readonly store: RunStore,
    private readonly slots: SlotCare,
    private readonly releasing: Releasing,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.round;
  }

  /** Executes one round. */
  async reconcile(): Promise<void> {
    if (this.store.takeMiscount()) this.isRareDue = true;
    if (this.isRareDue) await this.careRarely();
    this.isRareDue = ++this.rounds % RARELY_ROUNDS === 0;
    await this.expireQueued();
    await this.slots.followExecutors();
    await this.releasing.release();
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.round = this.reconcile()
        .catch((error: unknown) => log.failure(error, 'a round of the reconciler failed'))
        .finally(() => this.schedule());
    }, this.settings.reconcileMs);
  }

  /** Counts slots at the start, at intervals, and after a wrong count. If it fails, the next round tries again. */
  private async careRarely(): Promise<void> {
    await this.slots.settle();
  }

  private async expireQueued(): Promise<void> {
    const expired = await this.store.findExpired(ROUND);
    if (expired.length > 0)
      await this.store.close(
        expired.map((envelope) => endInQueue(envelope, 'timed_out', { at: new Date(), eventId: newId() })),
      );
  }
}
