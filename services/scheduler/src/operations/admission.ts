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

/** A slot row can be removed between the check and the insert. One more attempt creates it again. */
const ATTEMPTS = 2;

/** A run whose flow, version and limits are decided. */
export interface NewRun {
  readonly envelope: RunEnvelope;
  readonly idempotencyKey?: string;
  /** The hash of the request that the key belongs to. The same key with another hash is a different request. */
  readonly requestHash?: string;
}

type Accepted = Omit<ReplyOf<typeof submitRun>, 'flow'>;

/** Accepts runs. A run is accepted when it is committed. The doorbell is rung after that and may be lost. */
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
      // Callers wait for this: while Postgres is unreachable they are refused soon, and can retry with their idempotency key.
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
   * @param refused  why no new run is accepted at all, if that is so
   */
  async submit(input: NewRun, refused?: CausewayError): Promise<Accepted> {
    const { envelope } = input;
    if (!refused) await this.queues.ensureSlots(envelope);
    const submission = this.submission(input);
    const refusal = refused ?? (await this.queues.refusal(envelope));
    if (refusal) {
      // A retry finds its accepted run even when the queue is full now.
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
      // The retention of idle slots has removed the flow's row since the check.
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
