import { planAuditRetention } from '@causeway/contracts';
import type { ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Retaining } from '../operations/retaining.js';

/** Requests about months of events that are due for removal. */
@Controller()
export class RetentionHandler {
  constructor(private readonly retaining: Retaining) {}

  @Handles(planAuditRetention)
  plan(): Promise<ReplyOf<typeof planAuditRetention>> {
    return this.retaining.plan();
  }
}
