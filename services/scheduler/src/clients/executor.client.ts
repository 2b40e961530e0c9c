import { forgetRuns, getCapacity, getExecutionStates, measureRuns, stopExecution } from '@causeway/contracts';
import type { ExecutionState, InputOf, ReplyOf, RunEnvelope } from '@causeway/contracts';
import { Bus } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** Sends the scheduler's requests to executors. */
@Injectable()
export class ExecutorClient {
  constructor(private readonly bus: Bus) {}

  /** The states of these runs; `unknown` for a run that no executor has claimed. */
  async states(runIds: readonly string[]): Promise<ExecutionState[]> {
    return (await this.bus.request(getExecutionStates, { runIds: [...runIds], withResult: false })).states;
  }

  /** How many runs all live executors together can execute at the same time. */
  async capacity(): Promise<number> {
    return (await this.bus.request(getCapacity, {})).runs;
  }

  /** Removes what executors store about runs that have ended. @returns the runs that have not ended */
  async forget(runIds: readonly string[], what: InputOf<typeof forgetRuns>['what']): Promise<string[]> {
    return (await this.bus.request(forgetRuns, { runIds: [...runIds], what })).kept;
  }

  /** An estimate of the bytes that executors store for runs that ended before this time. */
  async bytesOf(endedBefore: Date): Promise<number> {
    return (await this.bus.request(measureRuns, { endedBefore: endedBefore.toISOString() })).bytes;
  }

  /** Asks the executor to end a released run. */
  async stop(envelope: RunEnvelope): Promise<ReplyOf<typeof stopExecution>> {
    return this.bus.request(stopExecution, { envelope });
  }

  /** Asks the executor to end a released run that was not claimed in time. A run that has been claimed meanwhile continues. */
  async expire(envelope: RunEnvelope): Promise<void> {
    await this.bus.request(stopExecution, { envelope, status: 'timed_out' });
  }
}
