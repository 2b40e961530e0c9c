import { forgetRuns, getCapacity, getExecutionStates, measureRuns, stopExecution } from '@causeway/contracts';
import type { ExecutionState, InputOf, ReplyOf, RunEnvelope } from '@causeway/contracts';
import { Bus } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** What the scheduler asks of executors. */
@Injectable()
export class ExecutorClient {
  constructor(private readonly bus: Bus) {}

  /** Where these runs stand; `unknown` for runs that no executor has claimed. */
  async states(runIds: readonly string[]): Promise<ExecutionState[]> {
    return (await this.bus.request(getExecutionStates, { runIds: [...runIds], withResult: false })).states;
  }

  /** How many runs live executors take together. */
  async capacity(): Promise<number> {
    return (await this.bus.request(getCapacity, {})).runs;
  }

  /** Removes what executors know of runs that are over. @returns those that are not */
  async forget(runIds: readonly string[], what: InputOf<typeof forgetRuns>['what']): Promise<string[]> {
    return (await this.bus.request(forgetRuns, { runIds: [...runIds], what })).kept;
  }

  /** Bytes that executors keep of runs that ended before a time, estimated. */
  async bytesOf(endedBefore: Date): Promise<number> {
    return (await this.bus.request(measureRuns, { endedBefore: endedBefore.toISOString() })).bytes;
  }

  /** Asks for a released run to end. */
  async stop(envelope: RunEnvelope): Promise<ReplyOf<typeof stopExecution>> {
    return this.bus.request(stopExecution, { envelope });
  }

  /** Asks for a released run to end that nobody has claimed in time; one that is claimed after all goes on. */
  async expire(envelope: RunEnvelope): Promise<void> {
    await this.bus.request(stopExecution, { envelope, status: 'timed_out' });
  }
}
