export interface GroupWriterOptions<Row, Outcome> {
  /** For metrics and logs: `executor.journal`. */
  readonly name: string;
  /**
   * Writes rows in one statement (or transaction) and gives one outcome per row, in their order. Must be idempotent:
   * after a broken connection the same rows are sent again.
   */
  readonly write: (rows: readonly Row[]) => Promise<readonly Outcome[]>;
  /** @default 256 */
  readonly maxRows?: number;
  /** Statements in flight at once. @default 2 */
  readonly maxInFlight?: number;
  /** How long rows are sent again while the connection fails, in milliseconds. @default 10_000 */
  readonly retryForMs?: number;
}

/**
 * Group commit: rows pushed by many callers ride in one statement. No timer: it writes on the next tick when fewer
 * than two statements are in flight, else when one returns. A row that the database refuses fails alone.
 */
export class GroupWriter<Row, Outcome = void> {
  constructor(_options: GroupWriterOptions<Row, Outcome>) {}

  /** Settles when the row is committed, or rejects with what is wrong with this row. */
  push(_row: Row): Promise<Outcome> {
    throw new Error('not yet');
  }

  /** Settles when nothing is waiting or in flight. */
  idle(): Promise<void> {
    throw new Error('not yet');
  }
}
