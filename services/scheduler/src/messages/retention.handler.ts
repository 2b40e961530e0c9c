import { findOldestRun, findPinned, planRunRetention } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Retaining } from '../operations/retaining.js';
import { OldRunStore } from '../store/old-run.store.js';
import { PinnedStore } from '../store/pinned.store.js';

/** Handles requests about the removal of old runs, and about the flow versions that stored runs still need. */
@Controller()
export class RetentionHandler {
  constructor(
    private readonly retaining: Retaining,
    private readonly pinned: PinnedStore,
    private readonly runs: OldRunStore,
  ) {}

  @Handles(planRunRetention)
  plan(): Promise<ReplyOf<typeof planRunRetention>> {
    return this.retaining.plan();
  }

  @Handles(findOldestRun)
  async oldest(): Promise<ReplyOf<typeof findOldestRun>> {
    return { submittedAt: (await this.runs.oldest())?.toISOString() ?? null };
  }

  @Handles(findPinned)
  async findPinned({ items }: InputOf<typeof findPinned>): Promise<ReplyOf<typeof findPinned>> {
    return { pinned: await this.pinned.find(items) };
  }
}
