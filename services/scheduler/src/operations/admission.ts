import { causewayError } from '@causeway/contracts';
import type { ReplyOf, RunEnvelope, submitRun } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';
import { GroupWriter, OutboxRelay, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { runEvent } from '../domain/audit-event.js';
import { visibleStatus } from '../domain/run-summary.js';
import { RunStore } from '../store/run.store.js';
import type { Submission } from '../store/run.store.js';
import { Doorbell } from './doorbell.js';
import { Queues } from './queues.js';
import { Releasing } from './releasing.js';

/** A slot row leaves once, at most, between a look and the statement. */
const ATTEMPTS = 2;

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
  private readonly writer: GroupWriter<Submission, string | undefined>;

  constructor(
    private readonly store: RunStore,
    private readonly queues: Queues,
    private readonly releasing: Releasing,
    private readonly doorbell: Doorbell,
    private readonly relay: OutboxRelay,
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
    if (!refused) await this.queues.ensureSlots(envelope);
    const submission = this.submission(input);
    const refusal = refused ?? (await this.queues.refusal(envelope));
    if (refusal) {
      // A run that was accepted is found again, however full the queue is by now.
      const earlier = await this.findReplay(submission);
      if (earlier) return earlier;
      throw refusal;
    }
    for (let attempt = 1; ; attempt++) {
      const status = await this.writer.push(submission);
      if (status !== undefined) return this.accepted(envelope, status);
      const earlier = await this.findReplay(submission);
      if (earlier) return earlier;
      if (attempt === ATTEMPTS) throw causewayError('RUN_LOST', { runId: envelope.runId });
      // Idle slots leave: the flow's row was there when somebody looked, and is gone.
      await this.queues.ensureSlots(envelope, 'again');
    }
  }

  private accepted(envelope: RunEnvelope, status: string): Accepted {
    this.relay.wake();
    if (status === 'released') this.doorbell.ring(envelope);
    else {
      this.queues.noteWaiting();
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
      queueTtlS: this.queues.ttlS,
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
}
