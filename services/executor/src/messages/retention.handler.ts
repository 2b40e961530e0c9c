import { forgetRuns, measureRuns, planChatRetention } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Retaining } from '../supervisor/retaining.js';
import { OldRunStore } from '../store/old-run.store.js';

/** Requests about data that is due for removal. */
@Controller()
export class RetentionHandler {
  constructor(
    private readonly runs: OldRunStore,
    private readonly retaining: Retaining,
  ) {}

  /** Idempotent: a run that was removed stays removed. */
  @Handles(forgetRuns)
  forget({ runIds, what }: InputOf<typeof forgetRuns>): Promise<ReplyOf<typeof forgetRuns>> {
    return this.runs.forget(runIds, what);
  }

  @Handles(measureRuns)
  measure({ endedBefore }: InputOf<typeof measureRuns>): Promise<ReplyOf<typeof measureRuns>> {
    return this.runs.measure(endedBefore);
  }

  @Handles(planChatRetention)
  plan(): Promise<ReplyOf<typeof planChatRetention>> {
    return this.retaining.plan();
  }
}
