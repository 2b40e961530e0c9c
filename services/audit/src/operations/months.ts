import { log, onceReachable } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { monthAfter, monthOf } from '../domain/month.js';
import { EventStore } from '../store/event.store.js';

const SIX_HOURS_MS = 6 * 60 * 60 * 1000;

/** Creates the partitions of months: those of this month and the next exist before they are needed. */
@Injectable()
export class Months implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly known = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly store: EventStore) {}

  async onApplicationBootstrap(): Promise<void> {
    await onceReachable(() => this.makeAhead());
    this.timer = setInterval(() => {
      // The first event of a new month would also create its partition; this only saves the waiting.
      this.makeAhead().catch((error: unknown) =>
        log.failure(error, 'partition of a month not created ahead'),
      );
    }, SIX_HOURS_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Creates the partitions that events of these times need, also of late ones. */
  async ensure(times: readonly string[]): Promise<void> {
    for (const month of new Set(times.map(monthOf))) {
      if (this.known.has(month)) continue;
      await this.store.ensureMonth(month);
      this.known.add(month);
    }
  }

  /** Clears the list of existing months, because an old month may have been dropped. */
  forget(): void {
    this.known.clear();
  }

  private async makeAhead(): Promise<void> {
    const now = new Date().toISOString();
    await this.ensure([now, monthAfter(monthOf(now))]);
    await this.store
      .dropOldWordsIndexes()
      .catch((error: unknown) => log.failure(error, 'indexes of old months not dropped'));
  }
}
