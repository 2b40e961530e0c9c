import { planRunRetention } from '@causeway/contracts';
import type { ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Retaining } from '../operations/retaining.js';

/** What is asked about runs that have grown old. */
@Controller()
export class RetentionHandler {
  constructor(private readonly retaining: Retaining) {}

  @Handles(planRunRetention)
  plan(): Promise<ReplyOf<typeof planRunRetention>> {
    return this.retaining.plan();
  }
}
