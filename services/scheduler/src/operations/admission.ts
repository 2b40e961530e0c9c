import { causewayError } from '@causeway/contracts';
import type { InputOf, ReplyOf, submitRun } from '@causeway/contracts';
import { GroupWriter, OutboxRelay, SETTINGS, newId } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import { runEvent } from '../domain/audit-event.js';
import { visibleStatus } from '../domain/run-summary.js';
import { RunStore } from '../store/run.store.js';
import type { Submission } from '../store/run.store.js';
import { Doorbell } from './doorbell.js';

/** Takes runs in. Accepted means committed; the doorbell is rung after that and may be lost. */
@Injectable()
export class Admission {
  private readonly teamsWithSlots = new Set<string>();
  /** Teams that had a run waiting when last looked at: only their submits pay for a count. */
  private readonly teamsWaiting = new Set<string>();
  private readonly writer: GroupWriter<Submission, string | undefined>;

  constructor(
    private readonly store: RunStore,
    private readonly doorbell: Doorbell,
    private readonly relay: OutboxRelay,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.writer = new GroupWriter({
      name: 'scheduler.submit',
      // A caller waits: while Postgres is away he is refused soon, and tries again with his key.
      retryForMs: 1_000,
      write: async (batch) => {
        const statuses = await this.store.insert(batch);
        return batch.map((submission) => statuses.get(submission.envelope.runId));
      },
    });
  }

  /** Accepts a run, or finds the one that the same request made before. */
  async submit(input: InputOf<typeof submitRun>): Promise<ReplyOf<typeof submitRun>> {
    const { envelope } = input;
    await this.ensureSlot(envelope.organisationId, envelope.teamId);
    await this.checkQueue(envelope.teamId);
    const submission = this.submission(input);
    const status = await this.writer.push(submission);
    if (status === undefined) return this.replay(submission);

    this.relay.wake();
    if (status === 'released') this.doorbell.ring(envelope);
    else this.teamsWaiting.add(envelope.teamId);
    return { runId: envelope.runId, status: 'queued', replayed: false };
  }

  private submission(input: InputOf<typeof submitRun>): Submission {
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

  private async replay(submission: Submission): Promise<ReplyOf<typeof submitRun>> {
    const earlier = await this.store.findEarlier(submission);
    if (!earlier) throw causewayError('RUN_LOST', { runId: submission.envelope.runId });
    if (submission.idempotencyKey !== undefined && earlier.requestHash !== submission.requestHash)
      throw causewayError('IDEMPOTENCY_MISMATCH', { runId: earlier.id });
    return {
      runId: earlier.id,
      status: visibleStatus(earlier.status),
      replayed: earlier.id !== submission.envelope.runId,
    };
  }

  /** The bound on a team's queue: exact to within the submits that are under way at once. */
  private async checkQueue(teamId: string): Promise<void> {
    if (!this.teamsWaiting.has(teamId)) return;
    const waiting = await this.store.countQueued(teamId);
    if (waiting === 0) this.teamsWaiting.delete(teamId);
    if (waiting >= this.settings.teamQueue)
      throw causewayError('TEAM_BUSY', {
        waiting,
        limit: this.settings.teamQueue,
        limitName: 'teamQueue',
        retryAfterS: 5,
      });
  }

  private async ensureSlot(organisationId: string, teamId: string): Promise<void> {
    if (this.teamsWithSlots.has(teamId)) return;
    await this.store.ensureSlot(organisationId, teamId, this.settings.teamSlots);
    this.teamsWithSlots.add(teamId);
  }
}
