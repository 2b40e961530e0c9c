import { SETTINGS, log, newId } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '../config.js';
import { endInQueue } from '../domain/end-in-queue.js';
import { RunStore } from '../store/run.store.js';
import { Releasing } from './releasing.js';
import { SlotCare } from './slot-care.js';

/** Queued runs ended in one round. */
const ROUND = 500;
/** At the start and, at five seconds a round, each hour. */
const RARELY_ROUNDS = 720;

/**
 * Every few seconds: ends runs that are queued for too long, keeps slots right, and hands over what waits beside a free slot. Any
 * number of schedulers may do this at once.
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

  /** One round of everything that is due. */
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
        .catch((error: unknown) => log.failure(error, 'reconciling failed'))
        .finally(() => this.schedule());
    }, this.settings.reconcileMs);
  }

  /** At the start, now and then, and after a miscount; what fails is due again in the next round. */
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
