import { cancelRun, causewayError, getRun, listRuns, reportRuns, submitRun } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Cancelling } from '../operations/cancelling.js';
import { Closing } from '../operations/closing.js';
import { Submitting } from '../operations/submitting.js';
import { RunPages } from '../store/run-pages.store.js';

/** Handles requests and reports about runs. */
@Controller()
export class RunsHandler {
  constructor(
    private readonly submitting: Submitting,
    private readonly cancelling: Cancelling,
    private readonly closing: Closing,
    private readonly pages: RunPages,
  ) {}

  @Handles(submitRun)
  submit(input: InputOf<typeof submitRun>): Promise<ReplyOf<typeof submitRun>> {
    return this.submitting.submit(input);
  }

  @Handles(cancelRun)
  cancel(input: InputOf<typeof cancelRun>): Promise<ReplyOf<typeof cancelRun>> {
    return this.cancelling.cancel(input);
  }

  @Handles(getRun)
  async get(input: InputOf<typeof getRun>): Promise<ReplyOf<typeof getRun>> {
    const run = await this.pages.find(input.teamId, input.runId, input.reach);
    if (!run) throw causewayError('RUN_UNKNOWN', { runId: input.runId });
    return run;
  }

  @Handles(listRuns)
  list(input: InputOf<typeof listRuns>): Promise<ReplyOf<typeof listRuns>> {
    return this.pages.list(input);
  }

  @Handles(reportRuns)
  async report(input: InputOf<typeof reportRuns>): Promise<ReplyOf<typeof reportRuns>> {
    const taken = await this.closing.close(input.items.map((item) => item.payload));
    const ids = (wanted: boolean): string[] =>
      input.items.filter((_, index) => taken[index] === wanted).map((item) => item.id);
    return { confirmed: ids(true), refused: ids(false) };
  }
}
