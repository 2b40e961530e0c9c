import { type BatchContract, Confirmed, batch, errorEntry } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { z } from 'zod';
import { waitAtMost } from '../context/wait-at-most.js';
import type { Database, Queryable } from '../database/database.js';
import { log } from '../logging/log.js';
import type { Bus } from '../messaging/bus/bus.js';
import { counter, gauge } from '../telemetry/metrics.js';
import { OUTBOX_TABLE } from './outbox.js';

const BATCH_ROWS = 500;
/** Below NATS' default `max_payload` of 1 MiB, with room for ids and quotes. */
const BATCH_BYTES = 512 * 1024;
const SHORTEST_POLL_MS = 250;
const LONGEST_POLL_MS = 1_000;
/** A row that waits longer is not being sent by the process that wrote it, so another one sends it. */
const FORGOTTEN_MS = 500;
/** Rows that are committed within this time are sent together. */
const GATHER_MS = 10;
/** Longer than a consumer's answers to one batch, including its divided parts, may take. */
const ANSWERED_WITHIN_MS = 30_000;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 2_000;
const BAD_ROW_RETRY_MS = 60_000;

interface Row {
  readonly id: string;
  readonly payload: string;
}

/** The state of sending the rows of one subject. */
interface Route {
  readonly contract: BatchContract;
  isBusy: boolean;
  isAskedAgain: boolean;
  failures: number;
  notBeforeMs: number;
}

const confirmed = counter('causeway_outbox_published_total', 'Outbox rows confirmed by their consumer.');
const refused = counter('causeway_outbox_refused_total', 'Outbox rows that their consumer refuses for good.');

/**
 * Sends outbox rows to their consumers and deletes the confirmed ones. Injectable in services started with
 * `outbox: true`. A route keeps its rows locked (`FOR UPDATE SKIP LOCKED`) while it waits for the consumer: several
 * instances share the work, none sends rows that another is sending, and the rows of a killed instance are free at once.
 * This uses one connection and one short transaction for each route in use.
 */
export class OutboxRelay {
  readonly #database: Database;
  readonly #bus: Bus;
  readonly #routes = new Map<string, Route>();
  /** Ids of rows that their consumer refused, with the time of the next try. */
  readonly #bad = new Map<string, number>();
  readonly #underway = new Set<Promise<void>>();
  #pollMs = SHORTEST_POLL_MS;
  #timer: NodeJS.Timeout | undefined;
  #wakeTimer: NodeJS.Timeout | undefined;
  #isRunning = false;
  #isBlind = false;

  constructor(database: Database, bus: Bus) {
    this.#database = database;
    this.#bus = bus;
  }

  /** Call it after a commit that inserted rows: they are sent within some milliseconds. It is cheap and never throws. */
  wake(): void {
    if (!this.#isRunning || this.#wakeTimer) return;
    this.#wakeTimer = setTimeout(() => {
      this.#wakeTimer = undefined;
      this.#pollMs = SHORTEST_POLL_MS;
      if (this.#routes.size === 0) this.#pollSoon(0);
      for (const route of this.#routes.values()) this.#run(route);
    }, GATHER_MS);
  }

  /** @internal */
  start(): void {
    this.#isRunning = true;
    const measure =
      (sql: string, values: () => unknown[] = () => []) =>
      async (): Promise<number> => {
        const { rows } = await this.#database.query<{ value: number }>(sql, values());
        return rows[0]?.value ?? 0;
      };
    gauge(
      'causeway_outbox_rows',
      'Rows that wait in the outbox.',
      measure(`select count(*)::int as value from ${OUTBOX_TABLE}`),
    );
    gauge(
      'causeway_outbox_oldest_unpublished_seconds',
      'Age of the oldest row in the outbox.',
      measure(
        `select coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float8 as value from ${OUTBOX_TABLE}`,
      ),
    );
    const refusedRows = `from ${OUTBOX_TABLE} where id = any($1::uuid[])`;
    gauge(
      'causeway_outbox_refused_rows',
      'Rows in the outbox that their consumer refuses.',
      measure(`select count(*)::int as value ${refusedRows}`, () => [[...this.#bad.keys()]]),
    );
    gauge(
      'causeway_outbox_oldest_refused_seconds',
      'Age of the oldest row in the outbox that its consumer refuses.',
      measure(
        `select coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float8 as value ${refusedRows}`,
        () => [[...this.#bad.keys()]],
      ),
    );
    this.#pollSoon(0);
  }

  /** Sends the remaining rows that consumers confirm within `withinMs`, and stops. @internal */
  async stop(withinMs: number): Promise<void> {
    const untilMs = performance.now() + withinMs;
    await this.#findRoutes().catch(() => {});
    for (const route of this.#routes.values()) this.#run(route);
    while (this.#underway.size > 0 && performance.now() < untilMs) {
      await waitAtMost(Promise.all(this.#underway), untilMs - performance.now());
    }
    this.#isRunning = false;
    clearTimeout(this.#timer);
    clearTimeout(this.#wakeTimer);
  }

  #pollSoon(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#isRunning) this.#timer = setTimeout(() => void this.#poll(), delayMs);
  }

  async #poll(): Promise<void> {
    try {
      const routes = await this.#findRoutes();
      if (this.#isBlind) log.info({}, 'outbox is read again');
      this.#isBlind = false;
      this.#pollMs = routes.length > 0 ? SHORTEST_POLL_MS : Math.min(this.#pollMs * 2, LONGEST_POLL_MS);
      for (const route of routes) this.#run(route);
    } catch (error) {
      this.#pollMs = LONGEST_POLL_MS;
      if (!this.#isBlind) log.failure(error, 'outbox not read');
      this.#isBlind = true;
    }
    this.#pollSoon(this.#pollMs);
  }

  /**
   * Finds the subjects that have rows, by steps through the index from one subject to the next.
   *
   * @returns the routes that nobody else seems to send: those that are new to this process, and those whose oldest row has waited for long
   */
  async #findRoutes(): Promise<Route[]> {
    const { rows } = await this.#database.query<{ subject: string; is_forgotten: boolean }>(
      `with recursive s as (
         (select subject, created_at from ${OUTBOX_TABLE} order by subject, id limit 1)
         union all
         select o.* from s cross join lateral (
           select subject, created_at from ${OUTBOX_TABLE} where subject > s.subject order by subject, id limit 1) o)
       select subject, created_at <= clock_timestamp() - make_interval(secs => ${FORGOTTEN_MS / 1_000}) as is_forgotten from s`,
      [],
      { name: 'outbox_subjects' },
    );
    const found: Route[] = [];
    for (const { subject, is_forgotten: isForgotten } of rows) {
      const known = this.#routes.get(subject);
      const route = known ?? newRoute(subject);
      this.#routes.set(subject, route);
      if (!known || isForgotten) found.push(route);
    }
    return found;
  }

  #run(route: Route): void {
    if (route.isBusy) {
      route.isAskedAgain = true;
      return;
    }
    if (performance.now() < route.notBeforeMs) return;
    route.isBusy = true;
    const run = this.#carry(route).finally(() => {
      route.isBusy = false;
      this.#underway.delete(run);
    });
    this.#underway.add(run);
  }

  /** Sends the rows of one route until there are none, or its consumer does not confirm them. Never throws. */
  async #carry(route: Route): Promise<void> {
    try {
      let isMore = true;
      while (isMore && this.#isRunning) {
        route.isAskedAgain = false;
        const { sent, taken } = await this.#database.transaction(
          (transaction) => this.#carryBatch(transaction, route),
          { idleMs: ANSWERED_WITHIN_MS },
        );
        if (sent > 0 && taken === 0) throw new Error('nothing was confirmed');
        if (route.failures > 0)
          log.info({ subject: route.contract.subject }, 'outbox consumer reachable again');
        route.failures = 0;
        isMore = sent === BATCH_ROWS || taken < sent || route.isAskedAgain;
      }
    } catch (error) {
      route.failures += 1;
      const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** (route.failures - 1), LONGEST_BACKOFF_MS);
      route.notBeforeMs = performance.now() + backoffMs;
      const { subject } = route.contract;
      if (route.failures === 1) log.warn({ error, subject }, 'outbox consumer unreachable');
      else log.debug({ error, subject, backoffMs }, 'outbox consumer still unreachable');
    }
  }

  async #carryBatch(transaction: Queryable, { contract }: Route): Promise<{ sent: number; taken: number }> {
    const { rows } = await transaction.query<Row>(
      `select id, payload from ${OUTBOX_TABLE} where subject = $1 and id <> all($2::uuid[])
        order by id limit ${BATCH_ROWS} for update skip locked`,
      [contract.subject, this.#badIds()],
      { name: 'outbox_take' },
    );
    if (rows.length === 0) return { sent: 0, taken: 0 };
    const fitting = withinBytes(rows);
    const ids = await this.#send(contract, fitting);
    await transaction.query(`delete from ${OUTBOX_TABLE} where id = any($1::uuid[])`, [ids], {
      name: 'outbox_delete',
    });
    confirmed.add(ids.length, { subject: contract.subject });
    return { sent: rows.length, taken: ids.length };
  }

  /** @returns ids of the rows that the consumer has committed */
  async #send(contract: BatchContract, rows: readonly Row[]): Promise<string[]> {
    // Payloads are already JSON, so the message is assembled as text.
    const items = rows.map(({ id, payload }) => `{"id":"${id}","payload":${payload}}`);
    try {
      const reply = await this.#bus.requestText(contract, `{"items":[${items.join(',')}]}`);
      const sent = new Set(rows.map(({ id }) => id));
      const { confirmed: taken, refused: bad = [] } = Confirmed.parse(reply);
      for (const id of bad) if (sent.has(id)) this.#putAside(contract, id);
      return taken.filter((id) => sent.has(id));
    } catch (error) {
      if (!isCausewayError(error) || errorEntry(error.code).retry === 'later') throw error;
      return this.#isolate(contract, rows, error);
    }
  }

  /** One refused row must not delay the others: halving the batch finds it. */
  async #isolate(contract: BatchContract, rows: readonly Row[], error: unknown): Promise<string[]> {
    const [first] = rows;
    if (rows.length === 1 && first) {
      this.#putAside(contract, first.id, error);
      return [];
    }
    const middle = rows.length >> 1;
    const left = await this.#send(contract, rows.slice(0, middle));
    return [...left, ...(await this.#send(contract, rows.slice(middle)))];
  }

  #putAside({ subject }: BatchContract, id: string, error?: unknown): void {
    this.#bad.set(id, performance.now() + BAD_ROW_RETRY_MS);
    refused.add(1, { subject });
    const statement = `DELETE FROM ${this.#database.schema}.${OUTBOX_TABLE} WHERE id = '${id}'`;
    const remedy = `the row stays and is sent again each minute: update its consumer, or give the fact up with ${statement}`;
    log.error({ error, subject, outboxId: id, remedy }, 'outbox row refused');
  }

  #badIds(): string[] {
    const now = performance.now();
    for (const [id, untilMs] of this.#bad) if (untilMs < now) this.#bad.delete(id);
    return [...this.#bad.keys()];
  }
}

function newRoute(subject: string): Route {
  const contract = batch(subject as `req.${string}.${string}.${string}.v${number}`, z.unknown());
  return { contract, isBusy: false, isAskedAgain: false, failures: 0, notBeforeMs: 0 };
}

function withinBytes(rows: readonly Row[]): readonly Row[] {
  let bytes = 0;
  const end = rows.findIndex(({ payload }) => {
    bytes += Buffer.byteLength(payload) + 64;
    return bytes > BATCH_BYTES;
  });
  return end === -1 ? rows : rows.slice(0, Math.max(1, end));
}
