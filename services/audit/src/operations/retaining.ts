import { REMOVAL, type RemovalDetail } from '@causeway/audit-chain';
import { type AuditEvent, auditEvent } from '@causeway/contracts';
import { Database, type RetainedKind, RetentionService, SETTINGS, newId } from '@causeway/platform';
import type { Queryable } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import { monthAfter, monthBefore } from '../domain/month.js';
import { EventStore } from '../store/event.store.js';
import { RemovalStore, type RemovedEvents } from '../store/removal.store.js';
import { Appending } from './appending.js';
import { Checkpoints } from './checkpoints.js';
import { Months } from './months.js';

/** Days of a month, about, for the retention plan. */
const MONTH_DAYS = 30;
/** Most ranges of numbers in one event. */
const MOST_RANGES = 1_000;

/**
 * Removes whole months of events. No single event is ever removed or changed. Checkpoints stay, and in the same transaction an event of each
 * organisation tells which of its events were removed.
 */
@Injectable()
export class Retaining extends RetentionService {
  constructor(
    private readonly database: Database,
    private readonly events: EventStore,
    private readonly removal: RemovalStore,
    private readonly months: Months,
    private readonly appending: Appending,
    private readonly checkpoints: Checkpoints,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    super(database);
  }

  protected override kinds(): RetainedKind[] {
    return [this.oldMonths()];
  }

  private oldMonths(): RetainedKind {
    const { auditMonths } = this.settings;
    const due = async () => {
      const first = monthBefore(new Date().toISOString(), auditMonths);
      const all = await this.events.months();
      return { all, old: all.filter(({ month }) => month < first) };
    };
    return {
      kind: 'audit events',
      setting: 'auditMonths',
      keepDays: auditMonths * MONTH_DAYS,
      remove: async (transaction) => {
        const [oldest, ...more] = (await due()).old;
        if (!oldest) return { rows: 0, isMore: false };
        await this.removeMonth(transaction, oldest.month);
        return { rows: oldest.rows, bytes: oldest.bytes, isMore: more.length > 0 };
      },
      measure: async () => {
        const { all, old } = await due();
        const sum = (pick: (month: (typeof old)[number]) => number): number =>
          old.reduce((total, month) => total + pick(month), 0);
        const [oldest] = all;
        return {
          rows: sum((m) => m.rows),
          bytes: sum((m) => m.bytes),
          oldest: oldest ? new Date(oldest.month) : null,
        };
      },
    };
  }

  private async removeMonth(transaction: Queryable, month: string): Promise<void> {
    const range = [month, monthAfter(month)] as const;
    const found = await this.removal.organisations(this.database, range);
    // The end of a chain must be known without the event, so a checkpoint covers every event that is removed.
    for (const { organisationId } of found) await this.checkpoints.make(organisationId);
    await this.months.ensure([new Date().toISOString()]);
    const told: AuditEvent[] = [];
    for (const removed of found) {
      await this.removal.keepHashes(transaction, removed.organisationId, range);
      const ranges = await this.removal.ranges(transaction, removed.organisationId, range);
      for (let at = 0; at < ranges.length; at += MOST_RANGES)
        told.push(
          removalEvent(removed, {
            month: month.slice(0, 7),
            events: removed.events,
            ranges: ranges.slice(at, at + MOST_RANGES),
          }),
        );
    }
    if (told.length > 0) await this.appending.recordWith(transaction, told);
    await this.events.dropMonth(transaction, month);
    this.months.forget();
  }
}

function removalEvent(
  { organisationId }: RemovedEvents,
  { month, events, ranges }: RemovalDetail,
): AuditEvent {
  return auditEvent({
    id: newId(),
    at: new Date(),
    tenant: { organisationId },
    actor: { kind: 'system', id: 'audit', name: 'audit' },
    action: REMOVAL,
    object: { type: 'audit_month', id: month },
    detail: { month, events, ranges: ranges.map(([first, last]) => [first, last]) },
  });
}
