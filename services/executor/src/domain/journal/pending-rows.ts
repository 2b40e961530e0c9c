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
 * The rows that a run still has to write: they collect here between two commits. It numbers the run's events in the order in
 * which they are added, so that the committed events are always 1..n.
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

  /** A message with the same id replaces the earlier one. */
  message(row: Omit<MessageRow, 'seq'>): void {
    this.#messages.set(row.id, { ...row, seq: this.#lastSeq });
  }

  end(row: Omit<EndRow, 'lastSeq'>): void {
    this.#end = { ...row, lastSeq: ++this.#lastSeq };
  }

  /** Takes all rows out, so that they are written together. */
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
