import { claimRun } from '@causeway/contracts';
import type { RunEnvelope } from '@causeway/contracts';
import { Doorbells, GroupWriter, SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../../config.js';
import { RunStore } from '../../store/run.store.js';
import type { Lease } from '../../store/run.store.js';
import { RunnerIdentity } from '../life/runner-identity.js';
import { RunningRuns } from './running-runs.js';

/** Claims the runs whose doorbells arrive. */
@Injectable()
export class Claiming {
  private readonly writer: GroupWriter<RunEnvelope, Lease | undefined>;

  constructor(
    store: RunStore,
    private readonly running: RunningRuns,
    runner: RunnerIdentity,
    doorbells: Doorbells,
    @Inject(SETTINGS) settings: Settings,
  ) {
    this.writer = new GroupWriter({
      name: 'executor.claim',
      write: async (envelopes) => {
        const leases = await store.claim(envelopes, runner);
        return envelopes.map(({ runId }) => {
          const lease = leases.get(runId);
          // When one statement held two doorbells for one run, only one of them has claimed it.
          leases.delete(runId);
          return lease;
        });
      },
    });
    // A handler ends once its run is among the running ones; until then the handler itself takes a place.
    doorbells.of(claimRun).setCapacity((handlers) => settings.runsPerRunner - running.size - handlers);
  }

  /**
   * Claims a run and begins to execute it. Settles once the claim is committed, so that the doorbell may be acknowledged. For a run that
   * another runner has, or that is over, there is nothing to do.
   */
  async claim(envelope: RunEnvelope): Promise<void> {
    const lease = await this.writer.push(envelope);
    if (!lease) return;
    const { epoch, claimedMs, deadlineMs } = lease;
    this.running.start({ envelope, epoch, deadlineMs, nowMs: claimedMs, cancelRequested: false });
  }
}
