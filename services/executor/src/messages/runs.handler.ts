import {
  getCapacity,
  getExecution,
  getExecutionStates,
  listRunEvents,
  stopExecution,
} from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles, SETTINGS } from '@causeway/platform';
import { Controller, Inject } from '@nestjs/common';
import type { Settings } from '../config.js';
import { Stopping } from '../supervisor/stopping.js';
import { ExecutorStore } from '../store/runners/executor.store.js';
import { RunPages } from '../store/run-pages.store.js';

/** A runner that was silent for so long does not count as capacity. */
const SILENT_S = 15;

/** Requests about runs that were released. */
@Controller()
export class RunsHandler {
  constructor(
    private readonly pages: RunPages,
    private readonly stopping: Stopping,
    private readonly executors: ExecutorStore,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Handles(getExecutionStates)
  async states(input: InputOf<typeof getExecutionStates>): Promise<ReplyOf<typeof getExecutionStates>> {
    return { states: await this.pages.states(input.runIds, input.withResult) };
  }

  @Handles(getExecution)
  get(input: InputOf<typeof getExecution>): Promise<ReplyOf<typeof getExecution>> {
    return this.pages.get(input);
  }

  @Handles(listRunEvents)
  events(input: InputOf<typeof listRunEvents>): Promise<ReplyOf<typeof listRunEvents>> {
    return this.pages.events(input);
  }

  /** Executors are alike: each takes as many runs as this one. */
  @Handles(getCapacity)
  async capacity(): Promise<ReplyOf<typeof getCapacity>> {
    return { runs: (await this.executors.countShared(SILENT_S)) * this.settings.runsPerRunner };
  }

  /** The same request again changes nothing: the first tombstone or mark stays. */
  @Handles(stopExecution)
  stop(input: InputOf<typeof stopExecution>): Promise<ReplyOf<typeof stopExecution>> {
    return input.status === 'timed_out'
      ? this.stopping.expire(input.envelope)
      : this.stopping.cancel(input.envelope);
  }
}
