import { log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { RunStore } from '../store/run.store.js';
import { Doorbell } from './doorbell.js';

/** Runs handed over by one statement, per team. */
const RELEASE_BATCH = 100;

/** Hands waiting runs over when slots become free. One look at a time; what is asked for meanwhile is looked at next. */
@Injectable()
export class Releasing {
  private readonly wanted = new Set<string>();
  private looking: Promise<void> | undefined;

  constructor(
    private readonly store: RunStore,
    private readonly doorbell: Doorbell,
  ) {}

  /** Looks at these teams soon. A crash before that is made good by the reconciler, which looks at all. */
  wake(teamIds: readonly string[]): void {
    for (const teamId of teamIds) this.wanted.add(teamId);
    this.looking ??= this.look().finally(() => (this.looking = undefined));
  }

  /** Looks at every team that has runs waiting. */
  async releaseAll(): Promise<void> {
    for (const envelope of await this.store.release(null, RELEASE_BATCH)) this.doorbell.ring(envelope);
  }

  private async look(): Promise<void> {
    while (this.wanted.size > 0) {
      const teamIds = [...this.wanted];
      this.wanted.clear();
      try {
        for (const envelope of await this.store.release(teamIds, RELEASE_BATCH)) this.doorbell.ring(envelope);
      } catch (error) {
        log.failure(error, 'runs not released');
      }
    }
  }
}
