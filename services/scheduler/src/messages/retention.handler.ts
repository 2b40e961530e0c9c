import { findPinned, planRunRetention } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Retaining } from '../operations/retaining.js';
import { PinnedStore } from '../store/pinned.store.js';

/** What is asked about runs that have grown old, and about what they keep from leaving. */
@Controller()
export class RetentionHandler {
  constructor(
    private readonly retaining: Retaining,
    private readonly pinned: PinnedStore,
  ) {}

  @Handles(planRunRetention)
  plan(): Promise<ReplyOf<typeof planRunRetention>> {
    return this.retaining.plan();
  }

  @Handles(findPinned)
  async findPinned({ items }: InputOf<typeof findPinned>): Promise<ReplyOf<typeof findPinned>> {
    return { pinned: await this.pinned.find(items) };
  }
}
