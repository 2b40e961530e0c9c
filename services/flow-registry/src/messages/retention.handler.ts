import { planFileRetention } from '@causeway/contracts';
import type { ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Retaining } from '../retention/retaining.js';

/** Requests about data that is due for removal. */
@Controller()
export class RetentionHandler {
  constructor(private readonly retaining: Retaining) {}

  @Handles(planFileRetention)
  plan(): Promise<ReplyOf<typeof planFileRetention>> {
    return this.retaining.plan();
  }
}
