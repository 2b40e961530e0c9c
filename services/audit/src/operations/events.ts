import {
  type InputOf,
  type ReplyOf,
  appendAuditEvents,
  cutPage,
  listAuditEvents,
  parsePageKey,
  writePageKey,
} from '@causeway/contracts';
import { log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { type EventRow, eventRow, searchable } from '../domain/event-row.js';
import { isKept } from '../domain/month.js';
import { EventStore, isMonthMissing } from '../store/event.store.js';
import { Months } from './months.js';

/** Stores and lists events. */
@Injectable()
export class Events {
  constructor(
    private readonly store: EventStore,
    private readonly months: Months,
  ) {}

  /**
   * Commits events and confirms their items. An event with an impossible time is refused, so it stays in its sender's outbox, which sends it
   * again much later than the others.
   */
  async append(
    items: InputOf<typeof appendAuditEvents>['items'],
  ): Promise<ReplyOf<typeof appendAuditEvents>> {
    const now = new Date();
    const refused: string[] = [];
    const kept = items.filter(({ id, payload }) => {
      const fits = isKept(payload.at, now);
      if (!fits) {
        refused.push(id);
        log.error({ outboxId: id, eventId: payload.id, at: payload.at }, 'audit event outside all months');
      }
      return fits;
    });
    const rows = kept.map(({ payload }) => eventRow(payload));
    await this.#write(rows).catch((error: unknown) => {
      if (!isMonthMissing(error)) throw error;
      this.months.forget();
      return this.#write(rows);
    });
    return { confirmed: kept.map(({ id }) => id), ...(refused.length > 0 && { refused }) };
  }

  /** One page, newest first. */
  async list(input: InputOf<typeof listAuditEvents>): Promise<ReplyOf<typeof listAuditEvents>> {
    const { page, actorId, objectId, ...filter } = input;
    const after = page.after === undefined ? undefined : parsePageKey(page.after);
    const events = await this.store.list({
      ...filter,
      actorId: actorId === undefined ? undefined : searchable(actorId),
      objectId: objectId === undefined ? undefined : searchable(objectId),
      after,
      limit: page.limit + 1,
    });
    return cutPage(
      events,
      page.limit,
      (event) => event,
      ({ at, id }) => writePageKey({ at, id }),
    );
  }

  async #write(rows: readonly EventRow[]): Promise<void> {
    if (rows.length === 0) return;
    await this.months.ensure(rows.map(({ time }) => time));
    await this.store.append(rows);
  }
}
