import type {
  AttemptRow,
  EffectRow,
  EndRow,
  IncidentRow,
  JournalChunk,
  MessageRow,
  StepRow,
} from './journal-rows.js';

/**
 * What a run has to write and has not yet: rows gather here between two commits. Numbers the run's events in the order in
 * which they are told, so that what is committed is always 1..n.
 */
export class PendingRows {
  readonly #steps: StepRow[] = [];
  readonly #attempts: AttemptRow[] = [];
  readonly #incidents: IncidentRow[] = [];
  readonly #effects = new Map<string, EffectRow>();
  readonly #messages = new Map<string, MessageRow>();
  #end: EndRow | undefined;
  #lastSeq: number;

  /** @param lastSeq  number of the last event that is committed; 1, the start, for a new run */
  constructor(
    readonly runId: string,
    readonly epoch: number,
    lastSeq: number,
  ) {
    this.#lastSeq = lastSeq;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get isEmpty(): boolean {
    const rows = this.#steps.length + this.#attempts.length + this.#incidents.length;
    return rows + this.#effects.size + this.#messages.size === 0 && this.#end === undefined;
  }

  /** Messages that are not committed yet, for readers of the history. */
  get messages(): Iterable<MessageRow> {
    return this.#messages.values();
  }

  step(row: Omit<StepRow, 'seq'>): void {
    this.#steps.push({ ...row, seq: ++this.#lastSeq });
  }

  attempt(row: AttemptRow): void {
    this.#attempts.push(row);
  }

  incident(row: Omit<IncidentRow, 'seq'>): void {
    this.#incidents.push({ ...row, seq: ++this.#lastSeq });
  }

  effect(row: EffectRow): void {
    this.#effects.set(row.path, row);
  }

  /** The same id again replaces. */
  message(row: Omit<MessageRow, 'seq'>): void {
    this.#messages.set(row.id, { ...row, seq: this.#lastSeq });
  }

  end(row: Omit<EndRow, 'lastSeq'>): void {
    this.#end = { ...row, lastSeq: ++this.#lastSeq };
  }

  /** Takes everything out, to be written together. */
  drain(): JournalChunk {
    const chunk: JournalChunk = {
      runId: this.runId,
      epoch: this.epoch,
      steps: this.#steps.splice(0),
      attempts: this.#attempts.splice(0),
      incidents: this.#incidents.splice(0),
      effects: [...this.#effects.values()],
      messages: [...this.#messages.values()],
      ...(this.#end && { end: this.#end }),
    };
    this.#effects.clear();
    this.#messages.clear();
    this.#end = undefined;
    return chunk;
  }
}
