import { type AuditEvent, type InputOf, type ReplyOf, appendAuditEvents } from '@causeway/contracts';
import { Database, GroupWriter, log } from '@causeway/platform';
import type { Queryable } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { type EventRow, eventRow } from '../domain/event-row.js';
import { sealEvents } from '../domain/seal-events.js';
import { ChainStore } from '../store/chain.store.js';
import { isMonthMissing } from '../store/event.store.js';
import { BlockZero } from './block-zero.js';
import { Checkpoints } from './checkpoints.js';
import { Gathering } from './gathering.js';
import { Months } from './months.js';

/** More would hold the lock of an organisation for too long. */
const MOST_IN_BATCH = 1_000;
/** A sender waits for ten seconds. */
const RETRY_FOR_MS = 5_000;

/** Stores events, each with its place in the chain of its organisation in the same transaction: no event exists without a seal. */
@Injectable()
export class Appending {
  private readonly gathering = new Gathering();
  private readonly writer = new GroupWriter<EventRow>({
    name: 'audit.append',
    // The batches of an organisation follow one another, so a second one at the same time would only wait.
    maxInFlight: 1,
    maxRows: MOST_IN_BATCH,
    retryForMs: RETRY_FOR_MS,
    write: async (rows) => {
      await this.write(rows);
      return rows.map(() => undefined);
    },
  });

  constructor(
    private readonly database: Database,
    private readonly store: ChainStore,
    private readonly months: Months,
    private readonly blockZero: BlockZero,
    private readonly checkpoints: Checkpoints,
  ) {}

  /** Commits events and confirms their items. Idempotent by (time, id) of each event. */
  async append(
    items: InputOf<typeof appendAuditEvents>['items'],
  ): Promise<ReplyOf<typeof appendAuditEvents>> {
    await this.gathering.wait(items.length);
    await this.record(items.map(({ payload }) => payload));
    return { confirmed: items.map(({ id }) => id) };
  }

  /** Commits events. */
  async record(events: readonly AuditEvent[]): Promise<void> {
    const now = new Date();
    await Promise.all(events.map((event) => this.writer.push(eventRow(event, now))));
  }

  /** Adds events in a transaction that does something else, too. Their month exists. */
  async recordWith(transaction: Queryable, events: readonly AuditEvent[]): Promise<void> {
    const now = new Date();
    const rows = events.map((event) => eventRow(event, now));
    const sealed = await this.seal(transaction, rows);
    for (const [organisationId, added] of sealed) this.checkpoints.note(organisationId, added);
  }

  private async write(rows: readonly EventRow[]): Promise<void> {
    for (const organisationId of organisationsOf(rows)) await this.blockZero.ensure(organisationId);
    const once = async (): Promise<void> => {
      await this.months.ensure(rows.map(({ time }) => time));
      const sealed = await this.database.transaction((transaction) => this.seal(transaction, rows));
      for (const [organisationId, events] of sealed) this.checkpoints.note(organisationId, events);
    };
    await once().catch((error: unknown) => {
      if (!isMonthMissing(error)) throw error;
      this.months.forget();
      return once();
    });
  }

  /** @returns how many events of each organisation are new */
  private async seal(transaction: Queryable, rows: readonly EventRow[]): Promise<Map<string, number>> {
    const organisationIds = organisationsOf(rows);
    await this.store.lock(transaction, organisationIds);
    const heads = await this.store.heads(transaction, organisationIds);
    const known = await this.knownMisdated(transaction, rows);
    // One event twice in a batch is one row, and it is sealed once.
    const unique = [
      ...new Map(
        rows.filter(({ id }) => !known.has(id)).map((row) => [`${row.time} ${row.id}`, row]),
      ).values(),
    ];
    const sorted = unique.toSorted((a, b) => compare(a.time, b.time) || compare(a.id, b.id));
    const added = await this.store.insertEvents(transaction, sorted);
    const fresh = sorted.filter(({ id }) => added.has(id));
    if (fresh.length > 0) await this.store.insertSeals(transaction, sealEvents(fresh, heads));
    const counts = new Map<string, number>();
    for (const { organisationId } of fresh) counts.set(organisationId, (counts.get(organisationId) ?? 0) + 1);
    return counts;
  }

  /** An event with an impossible time has another time whenever it is sent, so it is looked up by its id. */
  private async knownMisdated(transaction: Queryable, rows: readonly EventRow[]): Promise<Set<string>> {
    const misdated = rows.filter(({ isMisdated }) => isMisdated);
    if (misdated.length === 0) return new Set();
    for (const { id, content } of misdated)
      log.warn(
        { eventId: id, claimedAt: (JSON.parse(content) as AuditEvent).claimedAt },
        'audit event with an impossible time',
      );
    return this.store.recentIds(
      transaction,
      misdated.map(({ id }) => id),
    );
  }
}

function organisationsOf(rows: readonly EventRow[]): string[] {
  return [...new Set(rows.map(({ organisationId }) => organisationId))];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
