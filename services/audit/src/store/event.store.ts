import {
  type AuditEvent,
  type AuditFilter,
  MOST_COUNTED_EVENTS,
  type PageKey,
  causewayError,
} from '@causeway/contracts';
import { Database } from '@causeway/platform';
import type { Queryable } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { DatabaseError } from 'pg';
import { type EventScope, eventConditions } from './event-query.js';

/** A page of events. */
export interface EventPage {
  /** Only events behind this one, in the order of the page. */
  readonly after?: PageKey | undefined;
  readonly isOldestFirst?: boolean;
  readonly limit: number;
}

/** SQLSTATE of a statement that took longer than it may. */
const TOO_LONG = '57014';

/** Reads events, and creates and drops their months. */
@Injectable()
export class EventStore {
  constructor(private readonly database: Database) {}

  /** Newest first unless the page says otherwise; an index serves each filter. */
  async list(
    scope: EventScope,
    filter: AuditFilter,
    { after, isOldestFirst = false, limit }: EventPage,
  ): Promise<AuditEvent[]> {
    const conditions = eventConditions(scope, filter);
    const [than, order] = isOldestFirst ? ['>', 'asc'] : ['<', 'desc'];
    if (after) {
      const [at, id] = [conditions.parameter(after.at), conditions.parameter(after.id)];
      // With the plain condition on time Postgres skips whole months.
      conditions.and(`time ${than}= ${at}`).and(`(time, id) ${than} (${at}, ${id})`);
    }
    const { rows } = await this.ask<{ content: string }>(
      `select content from event where ${conditions.sql}
       order by time ${order}, id ${order} limit ${conditions.parameter(limit)}`,
      conditions.values,
    );
    return rows.map(({ content }) => JSON.parse(content) as AuditEvent);
  }

  /** How many events there are, up to one more than are counted one by one. */
  async count(scope: EventScope, filter: AuditFilter): Promise<number> {
    const conditions = eventConditions(scope, filter);
    const { rows } = await this.ask<{ n: number }>(
      `select count(*)::int as n from (select from event where ${conditions.sql} limit ${MOST_COUNTED_EVENTS + 1}) as counted`,
      conditions.values,
    );
    return rows[0]?.n ?? 0;
  }

  /** A question of a reader, which may be about too many events. @throws CausewayError REQUEST_INVALID */
  private ask<R extends object>(sql: string, values: readonly unknown[]): Promise<{ rows: R[] }> {
    return this.database.query<R>(sql, values).catch((error: unknown) => {
      if (!(error instanceof DatabaseError && error.code === TOO_LONG)) throw error;
      const problems = 'query: it would read too many events: narrow it by from and to, or by another filter';
      throw causewayError('REQUEST_INVALID', { problems }, { cause: error });
    });
  }

  /** The months that have a partition, as their first days, oldest first, with their bytes and rows, estimated. */
  async months(): Promise<{ month: string; bytes: number; rows: number }[]> {
    const { rows } = await this.database.query<{ month: string; bytes: number; rows: number }>(
      `select to_char(to_date(right(c.relname, 7), 'YYYY_MM'), 'YYYY-MM-DD') as month, pg_total_relation_size(c.oid)::float8 as bytes,
              greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::int as rows
       from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = 'event'::regclass and c.relname ~ '^event_[0-9]{4}_[0-9]{2}$' order by c.relname`,
    );
    return rows;
  }

  /** Drops the month, given as its first day. The database refuses one that is too recent. */
  async dropMonth(transaction: Queryable, month: string): Promise<void> {
    await transaction.query('select drop_event_month($1)', [month]);
  }

  /** Makes the partition of a month, given as its first day. */
  async ensureMonth(month: string): Promise<void> {
    await this.database.query('select ensure_event_month($1)', [month]);
  }

  /** Drops the indexes of words that only this month and the last one have. */
  async dropOldWordsIndexes(): Promise<void> {
    await this.database.query('select drop_old_words_indexes()');
  }
}

/** True when an event had no partition. */
export function isMonthMissing(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '23514' && /partition/.test(error.message);
}
