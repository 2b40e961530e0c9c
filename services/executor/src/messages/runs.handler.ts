import { getExecution, getExecutionStates, listRunEvents, stopExecution } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Stopping } from '../operations/stopping.js';
import { RunPages } from '../store/run-pages.store.js';

/** What is asked about runs that were released. */
@Controller()
export class RunsHandler {
  constructor(
    private readonly pages: RunPages,
    private readonly stopping: Stopping,
  ) {}

  @Handles(getExecutionStates)
  async states(input: InputOf<typeof getExecutionStates>): Promise<ReplyOf<typeof getExecutionStates>> {
    return { states: await this.pages.states(input.runIds, input.withResult) };
  }

  @Handles(getExecution)
  get(input: InputOf<typeof getExecution>): Promise<ReplyOf<typeof getExecution>> {
    return this.pages.get(input.teamId, input.runId);
  }

  @Handles(listRunEvents)
  events(input: InputOf<typeof listRunEvents>): Promise<ReplyOf<typeof listRunEvents>> {
    return this.pages.events(input);
  }

  /** The same request again changes nothing: the first tombstone or mark stays. */
  @Handles(stopExecution)
  stop(input: InputOf<typeof stopExecution>): Promise<ReplyOf<typeof stopExecution>> {
    return this.stopping.stop(input.envelope);
  }
}
