import { log, onceReachable } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { monthAfter, monthOf } from '../domain/month.js';
import { EventStore } from '../store/event.store.js';

const SIX_HOURS_MS = 6 * 60 * 60 * 1000;

/** Sees to it that events find the partition of their month: this one and the next are there before they are needed. */
@Injectable()
export class Months implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly known = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly store: EventStore) {}

  async onApplicationBootstrap(): Promise<void> {
    await onceReachable(() => this.makeAhead());
    this.timer = setInterval(() => {
      // The first event of a new month would make it, too; this only saves it the wait.
      this.makeAhead().catch((error: unknown) => log.failure(error, 'month not made ahead'));
    }, SIX_HOURS_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Makes the months that events of these times need, late ones too. */
  async ensure(times: readonly string[]): Promise<void> {
    for (const month of new Set(times.map(monthOf))) {
      if (this.known.has(month)) continue;
      await this.store.ensureMonth(month);
      this.known.add(month);
    }
  }

  /** Forgets what was made: somebody may have dropped an old month. */
  forget(): void {
    this.known.clear();
  }

  private async makeAhead(): Promise<void> {
    const now = new Date().toISOString();
    await this.ensure([now, monthAfter(monthOf(now))]);
  }
}
