import { causewayError } from '@causeway/contracts';
import type { ReplyOf, RunEnvelope, submitRun } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';
import { GroupWriter, OutboxRelay, SETTINGS, environmentName, newId } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import { runEvent } from '../domain/audit-event.js';
import type { Trigger } from '../domain/choose-releases.js';
import { visibleStatus } from '../domain/run-summary.js';
import { RunStore } from '../store/run.store.js';
import type { Submission } from '../store/run.store.js';
import { SlotStore } from '../store/slot.store.js';
import { Doorbell } from './doorbell.js';
import { Releasing } from './releasing.js';

const MOST_FLOWS = 100_000;
/** How full the system's queue may be for a class: what can wait best is refused first. */
const QUEUE_SHARE: Readonly<Record<Trigger, number>> = { api: 1, webhook: 0.9, schedule: 0.75, batch: 0.5 };

/** A run whose flow, version and limits are settled. */
export interface NewRun {
  readonly envelope: RunEnvelope;
  readonly idempotencyKey?: string;
  /** What the key stands for: the same key with another hash is another request. */
  readonly requestHash?: string;
}

type Accepted = Omit<ReplyOf<typeof submitRun>, 'flow'>;

/** Gives runs their place in the queue. Accepted means committed; the doorbell is rung after that and may be lost. */
@Injectable()
export class Admission {
  /** Flows whose slot rows are known to be there. */
  private readonly flowsWithSlots = new Set<string>();
  /** Whether a run waited when last looked: only then do submits pay for a count. */
  private isQueueing = true;
  private readonly writer: GroupWriter<Submission, string | undefined>;

  constructor(
    private readonly store: RunStore,
    private readonly slots: SlotStore,
    private readonly releasing: Releasing,
    private readonly doorbell: Doorbell,
    private readonly relay: OutboxRelay,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.writer = new GroupWriter({
      name: 'scheduler.submit',
      // A caller waits: while Postgres is unreachable they are refused soon, and try again with their key.
      retryForMs: 1_000,
      write: async (batch) => {
        const statuses = await this.store.insert(batch);
        return batch.map((submission) => statuses.get(submission.envelope.runId));
      },
    });
  }

  /**
   * Accepts a run, or finds the one that the same request made before.
   *
   * @param refused  why no new run is taken at all
   */
  async submit(input: NewRun, refused?: CausewayError): Promise<Accepted> {
    const { envelope } = input;
    if (!refused) await this.ensureSlots(envelope);
    const submission = this.submission(input);
    const refusal = refused ?? (this.isQueueing ? await this.checkQueues(envelope) : undefined);
    if (refusal) {
      // A run that was accepted is found again, however full the queue is by now.
      const earlier = await this.findReplay(submission);
      if (earlier) return earlier;
      throw refusal;
    }
    const status = await this.writer.push(submission);
    if (status === undefined) {
      const earlier = await this.findReplay(submission);
      if (!earlier) throw causewayError('RUN_LOST', { runId: envelope.runId });
      return earlier;
    }

    this.relay.wake();
    if (status === 'released') this.doorbell.ring(envelope);
    else {
      this.isQueueing = true;
      this.releasing.wake();
    }
    return { runId: envelope.runId, status: 'queued', replayed: false };
  }

  private submission(input: NewRun): Submission {
    const { envelope } = input;
    return {
      envelope,
      ...(input.idempotencyKey === undefined ? {} : { idempotencyKey: input.idempotencyKey }),
      ...(input.requestHash === undefined ? {} : { requestHash: input.requestHash }),
      queueTtlS: this.settings.queueTtlS,
      event: runEvent(envelope, {
        id: newId(),
        at: envelope.submittedAt,
        action: 'run.submit',
        result: 'succeeded',
      }),
    };
  }

  /** @throws CausewayError IDEMPOTENCY_MISMATCH when the key belongs to another request */
  private async findReplay(submission: Submission): Promise<Accepted | undefined> {
    const earlier = await this.store.findEarlier(submission);
    if (!earlier) return undefined;
    if (submission.idempotencyKey !== undefined && earlier.requestHash !== submission.requestHash)
      throw causewayError('IDEMPOTENCY_MISMATCH', { runId: earlier.id });
    return {
      runId: earlier.id,
      status: visibleStatus(earlier.status),
      replayed: earlier.id !== submission.envelope.runId,
    };
  }

  /**
   * Why a queue takes no more, if so: exact to within the submits that are under way at once, and one for each scheduler that has not
   * seen the queue yet.
   */
  private async checkQueues({ teamId, trigger }: RunEnvelope): Promise<CausewayError | undefined> {
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

  private async ensureSlots(envelope: RunEnvelope): Promise<void> {
    const { teamId, flowId } = envelope;
    const owner = `${teamId} ${flowId}`;
    if (this.flowsWithSlots.has(owner)) return;
    const { teamSlots: team, flowSlots: flow } = this.settings;
    await this.slots.ensure(envelope, { team, flow });
    if (this.flowsWithSlots.size >= MOST_FLOWS) this.flowsWithSlots.clear();
    this.flowsWithSlots.add(owner);
  }
}
