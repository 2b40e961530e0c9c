import { causewayError } from '@causeway/contracts';
import type { RunEnvelope } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';
import { SETTINGS, environmentName } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import type { Trigger } from '../domain/choose-releases.js';
import { SlotStore } from '../store/slot.store.js';

const MOST_FLOWS = 100_000;
/** The share of the system's queue up to which each class is accepted. The least urgent class is refused first. */
const QUEUE_SHARE: Readonly<Record<Trigger, number>> = { api: 1, webhook: 0.9, schedule: 0.75, batch: 0.5 };

/** Whether the queues accept another run, and how long a run may wait in them. */
@Injectable()
export class Queues {
  /** How long a run may wait, in seconds. */
  readonly ttlS: number;
  /** Flows whose slot rows are known to exist. */
  private readonly flowsWithSlots = new Set<string>();
  /** Whether a run waited at the last check. If none did, a submit does not count the waiting runs. */
  private isQueueing = true;

  constructor(
    private readonly slots: SlotStore,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.ttlS = settings.queueTtlS;
  }

  /** Records that a run waits. */
  noteWaiting(): void {
    this.isQueueing = true;
  }

  /**
   * The reason to refuse a run because a queue is full; undefined when no queue is full. Submits at the same time, and one for each
   * scheduler that has not read the queue yet, may pass the limit.
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

  /** Creates the slot rows of the run's team and flow. When they are known to exist it does nothing, unless called with `again`. */
  async ensureSlots({ organisationId, teamId, flowId }: RunEnvelope, again?: 'again'): Promise<void> {
    const owner = `${teamId} ${flowId}`;
    if (again === undefined && this.flowsWithSlots.has(owner)) return;
    const { teamSlots: team, flowSlots: flow } = this.settings;
    await this.slots.ensure({ organisationId, teamId, flowId }, { team, flow });
    if (this.flowsWithSlots.size >= MOST_FLOWS) this.flowsWithSlots.clear();
    this.flowsWithSlots.add(owner);
  }
}
