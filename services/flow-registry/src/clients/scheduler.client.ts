import { findOldestRun, findPinned } from '@causeway/contracts';
import type { InputOf } from '@causeway/contracts';
import { Bus } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** A version, or a flow with all of its versions, to which no new run is pinned since a time. */
export type Unused = InputOf<typeof findPinned>['items'][number];

/** The requests that the registry sends to the scheduler. */
@Injectable()
export class SchedulerClient {
  constructor(private readonly bus: Bus) {}

  /** Those of the items to which no stored run is pinned. */
  async unpinned<T extends Unused>(items: readonly T[]): Promise<T[]> {
    if (items.length === 0) return [];
    const asked = items.map(({ flowId, versionHash, until }) => ({
      flowId,
      ...(versionHash !== undefined && { versionHash }),
      until,
    }));
    const { pinned } = await this.bus.request(findPinned, { items: asked });
    return items.filter((_, index) => pinned[index] === false);
  }

  /** When the oldest run that is kept was submitted. */
  async oldestRun(): Promise<Date | undefined> {
    const { submittedAt } = await this.bus.request(findOldestRun, {});
    return submittedAt === null ? undefined : new Date(submittedAt);
  }
}
