import { causewayError } from '@causeway/contracts';
import type { RunEnvelope } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';
import { SETTINGS, environmentName } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import type { Trigger } from '../domain/choose-releases.js';
import { SlotStore } from '../store/slot.store.js';

const MOST_FLOWS = 100_000;
/** How full the system's queue may be for a class: what can wait best is refused first. */
const QUEUE_SHARE: Readonly<Record<Trigger, number>> = { api: 1, webhook: 0.9, schedule: 0.75, batch: 0.5 };

/** Whether the queues take another run, and for how long one may wait there. */
@Injectable()
export class Queues {
  /** How long a run may wait, in seconds. */
  readonly ttlS: number;
  /** Flows whose slot rows are known to be there. */
  private readonly flowsWithSlots = new Set<string>();
  /** Whether a run waited when last looked: only then do submits pay for a count. */
  private isQueueing = true;

  constructor(
    private readonly slots: SlotStore,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.ttlS = settings.queueTtlS;
  }

  /** A run waits now. */
  noteWaiting(): void {
    this.isQueueing = true;
  }

  /**
   * Why a queue takes no more, if so: exact to within the submits that are under way at once, and one for each scheduler that has not
   * seen the queue yet.
   */
  async refusal({ teamId, trigger }: RunEnvelope): Promise<CausewayError | undefined> {
    if (!this.isQueueing) return undefined;
    const waiting = await this.slots.countWaiting(teamId);
    this.isQueueing = waiting.system > 0;
    const { teamQueue, systemQueue } = this.settings;
    if (waiting.team >= teamQueue)
      return causewayError('TEAM_BUSY', {
        waiting: waiting.team,
        limit: teamQueue,
        limitName: environmentName('teamQueue'),
        retryAfterS: 5,
      });
    const limit = Math.floor(systemQueue * QUEUE_SHARE[trigger]);
    if (waiting.system >= limit)
      return causewayError('OVERLOADED', {
        waiting: waiting.system,
        trigger,
        limit,
        limitName: environmentName('systemQueue'),
        retryAfterS: 10,
      });
    return undefined;
  }

  /** Gives the run's team and flow their slot rows, unless they are known to be there: then only `again`. */
  async ensureSlots({ organisationId, teamId, flowId }: RunEnvelope, again?: 'again'): Promise<void> {
    const owner = `${teamId} ${flowId}`;
    if (again === undefined && this.flowsWithSlots.has(owner)) return;
    const { teamSlots: team, flowSlots: flow } = this.settings;
    await this.slots.ensure({ organisationId, teamId, flowId }, { team, flow });
    if (this.flowsWithSlots.size >= MOST_FLOWS) this.flowsWithSlots.clear();
    this.flowsWithSlots.add(owner);
  }
}
