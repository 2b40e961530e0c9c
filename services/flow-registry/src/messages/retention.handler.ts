import { planFileRetention } from '@causeway/contracts';
import type { ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Retaining } from '../retention/retaining.js';

/** What is asked about files that would leave. */
@Controller()
export class RetentionHandler {
  constructor(private readonly retaining: Retaining) {}

  @Handles(planFileRetention)
  plan(): Promise<ReplyOf<typeof planFileRetention>> {
    return this.retaining.plan();
  }
}
