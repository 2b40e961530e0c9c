import { causewayError } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import type { CausewayError } from '@causeway/dag';
import { GroupWriter } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { JournalChunk } from '../domain/journal/journal-rows.js';
import { PendingRows } from '../domain/journal/pending-rows.js';
import { RunStore } from '../store/run.store.js';
import type { WriteOutcome } from '../store/run.store.js';

const FOREVER_MS = 365 * 86_400_000;

/** What a run's journal reports to its owner while it writes. */
export interface JournalListener {
  /** The run was cancelled. */
  cancelRequested(): void;
  /** Nothing can be written about this run any more; called once. */
  failed(error: CausewayError): void;
}

/** Commits the rows of runs: those of many runs in one statement. */
@Injectable()
export class Journal {
  private readonly writer: GroupWriter<RunJournal, WriteOutcome>;

  constructor(store: RunStore) {
    this.writer = new GroupWriter({
      name: 'executor.journal',
      maxRows: 64,
      // A claimed run is not lost while Postgres is unreachable: its owner waits until it can write, or finds that it no longer owns the run.
      retryForMs: FOREVER_MS,
      write: (journals) => store.write(journals.map((journal) => journal.take())),
    });
  }

  open(runId: string, epoch: number, lastSeq: number, listener: JournalListener): RunJournal {
    return new RunJournal(this.writer, new PendingRows(runId, epoch, lastSeq), listener);
  }

  /** Settles when no write is under way. */
  idle(): Promise<void> {
    return this.writer.idle();
  }
}

/**
 * One run's journal. Rows are put into `pending`; at most one chunk of them is being written at a time, so the committed rows are
 * always the first of all rows that were added.
 */
export class RunJournal {
  pending: PendingRows;
  private chunk: JournalChunk | undefined;
  /** Number of the last event that is committed, and of the last one that is being written. */
  private committedSeq: number;
  private takenSeq: number;
  private writing: Promise<void> | undefined;
  private failure: CausewayError | undefined;

  constructor(
    private readonly writer: GroupWriter<RunJournal, WriteOutcome>,
    pending: PendingRows,
    private readonly listener: JournalListener,
  ) {
    this.pending = pending;
    this.committedSeq = this.takenSeq = pending.lastSeq;
  }

  /** Rows that are not committed yet, which readers of the database do not see. */
  get unwritten(): { readonly messages: JournalChunk['messages'] } {
    return { messages: [...(this.chunk?.messages ?? []), ...this.pending.messages] };
  }

  /** Starts a write; the caller does not wait for it. */
  request(): void {
    this.flush().catch(() => {});
  }

  /**
   * Settles when all rows added so far are committed.
   *
   * @throws CausewayError LEASE_LOST when another runner has the run; the database's error when it refuses the rows
   */
  async flush(): Promise<void> {
    await this.writing;
    if (this.failure) throw this.failure;
    if (this.pending.isEmpty) return;
    this.writing ??= this.write().finally(() => (this.writing = undefined));
    await this.writing;
  }

  /** The rows to be written now: the same rows again when the write is repeated. @internal */
  take(): JournalChunk {
    this.takenSeq = this.chunk ? this.takenSeq : this.pending.lastSeq;
    return (this.chunk ??= this.pending.drain());
  }

  /** Discards rows that the database refuses, so that the run can at least be ended. */
  giveUp(): void {
    const { runId, epoch } = this.pending;
    this.pending = new PendingRows(runId, epoch, this.committedSeq);
    this.failure = undefined;
  }

  private async write(): Promise<void> {
    try {
      const outcome = await this.writer.push(this);
      this.chunk = undefined;
      this.committedSeq = this.takenSeq;
      if (outcome.kind === 'lost') throw causewayError('LEASE_LOST', { runId: this.pending.runId });
      if (outcome.kind === 'conflict')
        throw causewayError(
          'INTERNAL',
          { requestId: '' },
          { cause: new Error('the journal holds other rows under the same paths') },
        );
      if (outcome.cancelRequested) this.listener.cancelRequested();
    } catch (error) {
      this.chunk = undefined;
      this.failure = isCausewayError(error)
        ? error
        : causewayError('INTERNAL', { requestId: '' }, { cause: error });
      this.listener.failed(this.failure);
      throw this.failure;
    }
  }
}
