import { runAnswered } from '@causeway/contracts';
import type { ExecutionState, RunEnvelope, RunError } from '@causeway/contracts';
import type { Json } from '@causeway/dag';
import { Bus, OutboxRelay, Payloads, counter, histogram, log, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { EndRow } from '../domain/journal/journal-rows.js';
import { writePayloadColumn } from '../domain/journal/payload-column.js';
import { endingRows } from '../domain/ending/run-outbox.js';
import type { RunJournal } from './journal.js';
import type { RunClock } from './run-clock.js';

/** How an attempt ended a run. */
export interface Ended {
  readonly status: EndRow['status'];
  readonly answer?: Json;
  readonly error?: RunError;
  readonly tokensUsed: number;
}

const finished = counter('causeway_runs_finished_total', 'Runs that ended here, by status.');
const duration = histogram('causeway_run_duration_seconds', 'From the first claim of a run to its end.');

/** Ends runs: commits the ending with the last results, and then sends the answer to the waiting gateway. */
@Injectable()
export class Finishing {
  constructor(
    private readonly payloads: Payloads,
    private readonly bus: Bus,
    private readonly relay: OutboxRelay,
  ) {}

  /** @throws what the journal throws; then no answer was sent */
  async finish(
    envelope: RunEnvelope,
    { journal, clock, claimedMs }: { journal: RunJournal; clock: RunClock; claimedMs: number },
    ended: Ended,
  ): Promise<void> {
    const { status, error } = ended;
    const result =
      ended.answer === undefined
        ? undefined
        : await this.payloads.store(JSON.stringify(ended.answer), envelope);
    const at = clock.iso();
    journal.pending.end({
      status,
      tokensUsed: ended.tokensUsed,
      finishedAt: at,
      outbox: endingRows(envelope, { status, at, ...(error && { error }) }, newId),
      ...(result && { result: writePayloadColumn(result) }),
      ...(error && { error: JSON.stringify(error) }),
    });
    await journal.flush();
    this.relay.wake();
    this.answer(envelope, {
      runId: envelope.runId,
      status,
      finishedAt: at,
      ...(result && { result }),
      ...(error && { error }),
    });
    finished.add(1, { status });
    duration.record((clock.nowMs() - claimedMs) / 1000);
    // A provider's message is masked where it is read; other messages may hold a node's data, so they are not logged.
    const problem = error?.code.startsWith('PROVIDER_') ? { problem: error.message } : {};
    log.info({ status, code: error?.code, ...problem }, 'run finished');
  }

  /** If this message is lost, the waiting gateway requests the answer. */
  private answer(envelope: RunEnvelope, state: ExecutionState): void {
    if (envelope.replyTo !== undefined) this.bus.publish(runAnswered, state, envelope.replyTo);
  }
}
