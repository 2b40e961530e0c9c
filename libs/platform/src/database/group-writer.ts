import { causewayError } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { log } from '../logging/log.js';
import { counter } from '../telemetry/metrics.js';
import { unavailableDatabase } from './connection-errors.js';

export interface GroupWriterOptions<Row, Outcome> {
  /** For metrics and logs: `executor.journal`. */
  readonly name: string;
  /**
   * Writes rows in one statement (or transaction) and returns one outcome per row, in their order. Must be idempotent:
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

interface Entry<Row, Outcome> {
  readonly row: Row;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** The transaction lost against another one and may succeed when it is repeated. SQLSTATE serialization failure and deadlock. */
const CONFLICTS = new Set(['40001', '40P01']);
/** Postgres is slow, or another transaction holds a lock: the rows are not the cause. SQLSTATE statement timeout and lock timeout. */
const SLOW = new Set(['57014', '55P03']);
const FIRST_RETRY_MS = 25;
const LONGEST_RETRY_MS = 1_000;

const batches = counter('causeway_group_batches_total', 'Statements written by group commit.');
const rowsWritten = counter('causeway_group_rows_total', 'Rows written by group commit.');

/**
 * Group commit: rows pushed by many callers are written in one statement. There is no timer: it writes on the next tick when fewer
 * than two statements are in flight, else when one returns. A row that the database refuses fails alone.
 */
export class GroupWriter<Row, Outcome = void> {
  readonly #options: Required<GroupWriterOptions<Row, Outcome>>;
  readonly #labels: { writer: string };
  #waiting: Entry<Row, Outcome>[] = [];
  #inFlight = 0;
  #isScheduled = false;
  #whenIdle: (() => void)[] = [];
  /** Rows that wait for a lock: they are tried again one after the other, while other rows are written. */
  #aside: Promise<void> = Promise.resolve();
  #asideCount = 0;

  constructor(options: GroupWriterOptions<Row, Outcome>) {
    this.#options = { maxRows: 256, maxInFlight: 2, retryForMs: 10_000, ...options };
    this.#labels = { writer: options.name };
  }

  /**
   * Settles when the row is committed.
   *
   * @throws the database's error about this row; UNAVAILABLE when Postgres was unreachable for `retryForMs`
   */
  push(row: Row): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ row, resolve, reject });
      this.#schedule();
    });
  }

  /** Settles when nothing is waiting or in flight. */
  idle(): Promise<void> {
    if (this.#isIdle) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  get #isIdle(): boolean {
    return this.#waiting.length === 0 && this.#inFlight === 0 && this.#asideCount === 0;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0 || this.#inFlight >= this.#options.maxInFlight)
      return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.#inFlight < this.#options.maxInFlight) {
      const entries = this.#waiting.slice(0, this.#options.maxRows);
      this.#waiting = this.#waiting.slice(this.#options.maxRows);
      this.#inFlight += 1;
      void this.#send(entries, performance.now() + this.#options.retryForMs).finally(() => {
        this.#inFlight -= 1;
        this.#schedule();
        this.#tellIdle();
      });
    }
  }

  /** Settles every entry; never throws. */
  async #send(entries: readonly Entry<Row, Outcome>[], untilMs: number): Promise<void> {
    try {
      const outcomes = await this.#write(entries, untilMs);
      for (const [index, entry] of entries.entries()) entry.resolve(outcomes[index] as Outcome);
    } catch (error) {
      if (isSlow(error)) return this.#putAside(entries, untilMs, error);
      if (entries.length === 1 || isUnavailable(error)) {
        for (const entry of entries) entry.reject(error);
        return;
      }
      // One bad row makes its whole statement fail: halving finds it in log₂ steps, and the other rows are written.
      const middle = entries.length >> 1;
      await this.#send(entries.slice(0, middle), untilMs);
      await this.#send(entries.slice(middle), untilMs);
    }
  }

  /** When a statement took too long, one of its rows may be locked: each row is tried alone, so that none delays the others. */
  #putAside(entries: readonly Entry<Row, Outcome>[], untilMs: number, error: unknown): void {
    for (const entry of entries) {
      if (performance.now() > untilMs) {
        entry.reject(slowDatabase(error));
        continue;
      }
      this.#asideCount += 1;
      this.#aside = this.#aside.then(() => this.#tryAside(entry, untilMs));
    }
  }

  /** Settles the entry, or puts it at the end of the queue again; never throws. */
  async #tryAside(entry: Entry<Row, Outcome>, untilMs: number): Promise<void> {
    try {
      const [outcome] = await this.#write([entry], untilMs);
      entry.resolve(outcome as Outcome);
    } catch (error) {
      if (isSlow(error)) {
        await new Promise((resolve) => setTimeout(resolve, FIRST_RETRY_MS));
        this.#putAside([entry], untilMs, error);
      } else entry.reject(error);
    }
    this.#asideCount -= 1;
    this.#tellIdle();
  }

  #tellIdle(): void {
    if (this.#isIdle) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  async #write(entries: readonly Entry<Row, Outcome>[], untilMs: number): Promise<readonly Outcome[]> {
    const { name, write } = this.#options;
    const rows = entries.map(({ row }) => row);
    for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_RETRY_MS)) {
      try {
        const outcomes = await write(rows);
        if (outcomes !== undefined && outcomes.length !== rows.length) {
          const cause = new Error(`${name} returned ${outcomes.length} outcomes for ${rows.length} rows`);
          throw causewayError('INTERNAL', { requestId: '' }, { cause });
        }
        batches.add(1, this.#labels);
        rowsWritten.add(rows.length, this.#labels);
        return outcomes;
      } catch (thrown) {
        const state = (thrown as { code?: string }).code ?? '';
        const error = unavailableDatabase(thrown) ?? thrown;
        const mayPass = isUnavailable(error) || CONFLICTS.has(state);
        if (!mayPass || performance.now() + delayMs > untilMs) throw error;
        log.debug({ error, writer: name, rows: rows.length }, 'group write retried');
        await new Promise((resolve) => setTimeout(resolve, delayMs * (0.5 + Math.random())));
      }
    }
  }
}

function isSlow(error: unknown): boolean {
  return SLOW.has((error as { code?: string }).code ?? '');
}

function slowDatabase(cause: unknown): Error {
  return causewayError('UNAVAILABLE', { service: 'Postgres', retryAfterS: 1 }, { cause });
}

function isUnavailable(error: unknown): boolean {
  return isCausewayError(error) && error.code === 'UNAVAILABLE';
}
