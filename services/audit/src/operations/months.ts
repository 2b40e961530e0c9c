import { Lifecycle, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { monthAfter, monthOf } from '../domain/month.js';
import { EventStore } from '../store/event.store.js';

const SIX_HOURS_MS = 6 * 60 * 60 * 1000;

/** Sees to it that events find the partition of their month. */
@Injectable()
export class Months {
  readonly #known = new Set<string>();

  constructor(
    private readonly store: EventStore,
    private readonly lifecycle: Lifecycle,
  ) {}

  /** Makes this month and the next, now and every six hours: no event has to wait for its month. */
  async keepAhead(): Promise<void> {
    await this.#makeAhead();
    const timer = setInterval(() => {
      // The next event of the new month would make it, too; this only saves it the wait.
      this.#makeAhead().catch((error: unknown) => log.failure(error, 'month not made ahead'));
    }, SIX_HOURS_MS);
    timer.unref();
    this.lifecycle.signal.addEventListener('abort', () => clearInterval(timer));
  }

  /** Makes the months that events of these times need, late ones too. */
  async ensure(times: readonly string[]): Promise<void> {
    for (const month of new Set(times.map(monthOf))) {
      if (this.#known.has(month)) continue;
      await this.store.ensureMonth(month);
      this.#known.add(month);
    }
  }

  /** Forgets what was made: somebody may have dropped an old month. */
  forget(): void {
    this.#known.clear();
  }

  async #makeAhead(): Promise<void> {
    const now = new Date().toISOString();
    await this.ensure([now, monthAfter(monthOf(now))]);
  }
}
