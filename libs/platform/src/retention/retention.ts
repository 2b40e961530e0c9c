import { setTimeout as pause } from 'node:timers/promises';
import type { RetentionPlan } from '@causeway/contracts';
import type { Database } from '../database/database.js';
import { log } from '../logging/log.js';
import { environmentName } from '../settings/define-settings.js';
import { counter, gauge } from '../telemetry/metrics.js';
import type { Removed, RetainedKind } from './retained-kind.js';

/** The first round waits, so that it does not slow down the start. */
const FIRST_ROUND_MS = 60_000;
const ROUND_MS = 5 * 60_000;
/** A round works on one kind for at most this time; the rest waits for the next round. */
const MOST_KIND_MS = 2 * 60_000;
const FIRST_BATCH = 100;
const MOST_IN_BATCH = 500;
const FEWEST_IN_BATCH = 10;
/** A batch that takes longer locks its rows for too long, so the next one is smaller. */
const LONG_BATCH_MS = 200;
const SHORT_BATCH_MS = 50;
/** The pause after a batch, as a multiple of its time, so that the database is free of it for four fifths of the time. */
const REST = 4;
/** While the service's own statements wait for a connection, a batch gives way to them, but at most so long. */
const BUSY_LOOK_MS = 250;
const MOST_GIVEN_WAY_MS = 5_000;

const removedRows = counter(
  'causeway_retention_removed_total',
  'Rows and objects removed because of their age, by kind.',
);
const removedBytes = counter(
  'causeway_retention_removed_bytes_total',
  'Bytes of the objects removed because of their age, by kind.',
);
const gaveWay = counter(
  'causeway_retention_gave_way_total',
  'Batches of removing old data that waited because statements waited for a connection, by kind.',
);
const pressed = counter(
  'causeway_retention_pressed_total',
  'Batches of these that did not wait any longer, by kind.',
);
const failures = counter(
  'causeway_retention_failures_total',
  'Rounds of removing old data that failed, by kind.',
);

/** The last measurement of each kind in this process. */
const measured = new Map<string, { readonly due: number; readonly oldestMs: number | undefined }>();
gauge(
  'causeway_retention_due',
  'Rows and objects that are older than they should be, by kind; at most 100,000.',
  () => [...measured].map(([kind, { due }]) => ({ value: due, labels: { kind } })),
);
gauge('causeway_retention_oldest_timestamp_seconds', 'Time of the oldest data that is kept, by kind.', () =>
  [...measured].flatMap(([kind, { oldestMs }]) =>
    oldestMs === undefined ? [] : [{ value: oldestMs / 1_000, labels: { kind } }],
  ),
);

/**
 * Removes old data of a service: every five minutes, kind by kind, in short transactions with pauses between them. Only one of all
 * instances works on a kind at a time. A kind that fails does not stop the others.
 */
export class Retention {
  readonly #database: Database;
  readonly #kinds: readonly RetainedKind[];
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(database: Database, kinds: readonly RetainedKind[]) {
    this.#database = database;
    this.#kinds = kinds;
  }

  /** Starts the rounds; the first one begins a minute later. */
  start(): void {
    this.#next(FIRST_ROUND_MS);
  }

  /** Stops after the current batch. */
  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** One round; never throws. */
  async round(): Promise<void> {
    for (const kind of this.#kinds) {
      if (this.#stop.signal.aborted) return;
      try {
        await this.#removeOld(kind, performance.now() + MOST_KIND_MS);
        const { rows, oldest } = await kind.measure();
        measured.set(kind.kind, { due: rows, oldestMs: oldest?.getTime() });
      } catch (error) {
        failures.add(1, { kind: kind.kind });
        log.failure(error, 'old data not removed', { kind: kind.kind });
      }
    }
  }

  /** What would be removed now. */
  async plan(): Promise<RetentionPlan> {
    const kinds = await Promise.all(
      this.#kinds.map(async (kind) => {
        const { rows, bytes, oldest } = await kind.measure();
        return {
          kind: kind.kind,
          setting: kind.setting === undefined ? null : environmentName(kind.setting),
          keepDays: kind.keepDays,
          rows,
          bytes: Math.round(bytes),
          oldest: oldest?.toISOString() ?? null,
        };
      }),
    );
    return { kinds };
  }

  #next(afterMs: number): void {
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#round = this.round().finally(() => this.#next(ROUND_MS));
    }, afterMs).unref();
  }

  async #removeOld(kind: RetainedKind, endMs: number): Promise<void> {
    const sum = { rows: 0, bytes: 0 };
    try {
      for (let atMost = FIRST_BATCH; !this.#stop.signal.aborted && performance.now() < endMs;) {
        // On a platform that is always busy something leaves too, in small batches.
        if (!(await this.#giveWay(kind))) atMost = Math.min(atMost, FIRST_BATCH);
        if (this.#stop.signal.aborted) return;
        const startedMs = performance.now();
        const removed = await this.#batch(kind, atMost);
        const tookMs = performance.now() - startedMs;
        if (removed) {
          sum.rows += removed.rows;
          sum.bytes += removed.bytes ?? 0;
        }
        if (!removed?.isMore) return;
        if (tookMs > LONG_BATCH_MS) atMost = Math.max(FEWEST_IN_BATCH, atMost >> 1);
        else if (tookMs < SHORT_BATCH_MS) atMost = Math.min(MOST_IN_BATCH, atMost * 2);
        await this.#rest(tookMs * REST);
      }
    } finally {
      if (sum.rows > 0) {
        removedRows.add(sum.rows, { kind: kind.kind });
        removedBytes.add(sum.bytes, { kind: kind.kind });
        log.info({ kind: kind.kind, ...sum, keepDays: kind.keepDays }, 'old data removed');
      }
    }
  }

  /** Waits while others wait for a connection; false when they still do after a while. */
  async #giveWay({ kind }: RetainedKind): Promise<boolean> {
    const { pool } = this.#database;
    if (pool.waitingCount === 0) return true;
    gaveWay.add(1, { kind });
    const endMs = performance.now() + MOST_GIVEN_WAY_MS;
    while (pool.waitingCount > 0 && !this.#stop.signal.aborted) {
      if (performance.now() >= endMs) {
        pressed.add(1, { kind });
        return false;
      }
      await this.#rest(BUSY_LOOK_MS);
    }
    return true;
  }

  /** Undefined when another instance works on the kind. */
  #batch(kind: RetainedKind, atMost: number): Promise<Removed | undefined> {
    return this.#database.transaction(async (transaction) => {
      const { rows } = await transaction.query<{ ours: boolean }>(
        `SELECT pg_try_advisory_xact_lock(hashtextextended('retention ' || $1::text, 0)) AS ours`,
        [kind.kind],
      );
      return rows[0]?.ours ? kind.remove(transaction, atMost) : undefined;
    });
  }

  async #rest(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
  }
}
