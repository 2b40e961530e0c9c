import { planKeyRetention } from '@causeway/contracts';
import type { ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Retaining } from '../operations/retaining.js';

/** Handles requests about the removal of revoked and expired keys. */
@Controller()
export class RetentionHandler {
  constructor(private readonly retaining: Retaining) {}

  @Handles(planKeyRetention)
  plan(): Promise<ReplyOf<typeof planKeyRetention>> {
    return this.retaining.plan();
  }
}
