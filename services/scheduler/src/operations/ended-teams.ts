import type { Principal, RunEnvelope, Tenant } from '@causeway/contracts';
import { Lifecycle, OutboxRelay, Rounds, log, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { ExecutorClient } from '../clients/executor.client.js';
import { endInQueue } from '../domain/end-in-queue.js';
import { EndedTeamStore } from '../store/ended-team.store.js';
import { RunStore } from '../store/run.store.js';

const LOOK_MS = 5_000;
/** Most runs that are ended at a time. */
const BATCH = 200;
/** A gateway that cannot reach auth serves a team's callers on for 30 s at most; a run that was accepted then is cancelled, too. */
const WATCHED_S = 3_600;

/** Cancels the runs of deleted teams. Any number of schedulers may do this at the same time. */
@Injectable()
export class EndedTeams extends Rounds {
  constructor(
    private readonly teams: EndedTeamStore,
    private readonly runs: RunStore,
    private readonly executor: ExecutorClient,
    private readonly relay: OutboxRelay,
    private readonly lifecycle: Lifecycle,
  ) {
    super({ everyMs: LOOK_MS, failure: 'runs of deleted teams were not cancelled' });
  }

  /** Takes note of deleted teams; their runs are cancelled from now on. */
  async end(teams: readonly Tenant[]): Promise<void> {
    await this.teams.add(teams);
    this.wake();
  }

  protected async round(): Promise<void> {
    await this.cancelQueued();
    await this.cancelReleased();
    await this.teams.forget(WATCHED_S);
  }

  private async cancelQueued(): Promise<void> {
    while (!this.lifecycle.isDraining) {
      const queued = await this.teams.findOpen('queued', BATCH);
      if (queued.length === 0) return;
      const { closed } = await this.runs.close(
        queued.map((run) =>
          endInQueue(run, 'cancelled', { at: new Date(), eventId: newId(), actor: actorOf(run) }),
        ),
      );
      this.relay.wake();
      if (closed.length === 0) return;
    }
  }

  /** Each round asks again for those that have not ended yet. */
  private async cancelReleased(): Promise<void> {
    for (const run of await this.teams.findOpen('released', BATCH)) {
      if (this.lifecycle.isDraining) return;
      await this.executor
        .stop({ ...run, principal: actorOf(run) })
        .catch((error: unknown) =>
          log.failure(error, 'a run of a deleted team was not cancelled', { runId: run.runId }),
        );
    }
  }
}

/** Nobody asked for this one run to end: its team is gone. */
function actorOf({ organisationId, teamId }: RunEnvelope): Principal {
  return { kind: 'system', id: 'scheduler', name: 'scheduler', permissions: [], organisationId, teamId };
}
