import { Database, type RetainedKind, RetentionService, SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import { monthBefore } from '../domain/month.js';
import { EventStore } from '../store/event.store.js';
import { Months } from './months.js';

/** Days of a month, about, for the retention plan. */
const MONTH_DAYS = 30;

/** Removes whole months of events. No single event is ever removed or changed. */
@Injectable()
export class Retaining extends RetentionService {
  constructor(
    database: Database,
    private readonly events: EventStore,
    private readonly months: Months,
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
        await this.events.dropMonth(transaction, oldest.month);
        this.months.forget();
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
}
