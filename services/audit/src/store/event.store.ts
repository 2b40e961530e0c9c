import type { AuditEvent, PageKey } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import type { Queryable } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { DatabaseError } from 'pg';
import type { EventRow } from '../domain/event-row.js';

/** Selects events; absent members do not restrict. */
export interface EventFilter {
  readonly organisationId: string;
  readonly teamId: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly actorId?: string | undefined;
  readonly action?: string | undefined;
  readonly objectId?: string | undefined;
  readonly result?: string | undefined;
  /** Only events older than this one. */
  readonly after?: PageKey | undefined;
  readonly limit: number;
}

const APPEND = `insert into event (time, id, organisation_id, team_id, actor_id, action, object_id, result, content)
  select * from unnest($1::timestamptz[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[]) on conflict do nothing`;

/** The table of events: it only adds and reads rows. */
@Injectable()
export class EventStore {
  constructor(private readonly database: Database) {}

  /** Adds events in one statement; existing ones stay unchanged. */
  async append(rows: readonly EventRow[]): Promise<void> {
    // Two batches with the same events take the same locks in the same order.
    const sorted = rows.toSorted((a, b) => compare(a.time, b.time) || compare(a.id, b.id));
    const column = (name: keyof EventRow): string[] => sorted.map((row) => row[name]);
    const columns = [
      column('time'),
      column('id'),
      column('organisationId'),
      column('teamId'),
      column('actorId'),
      column('action'),
      column('objectId'),
      column('result'),
      column('content'),
    ];
    await this.database.query(APPEND, columns, { name: 'event-append' });
  }

  /** Newest first; indexes of `(team, filter, time, id)` serve each filter. */
  async list(filter: EventFilter): Promise<AuditEvent[]> {
    const values: unknown[] = [];
    const conditions: string[] = [];
    const where = (sql: (parameter: string) => string, value: unknown): void => {
      if (value !== undefined) conditions.push(sql(`$${values.push(value)}`));
    };
    where((p) => `team_id = ${p}`, filter.teamId);
    where((p) => `organisation_id = ${p}`, filter.organisationId);
    where((p) => `actor_id = ${p}`, filter.actorId);
    where((p) => `action = ${p}`, filter.action);
    where((p) => `object_id = ${p}`, filter.objectId);
    where((p) => `time >= ${p}`, filter.from);
    where((p) => `time < ${p}`, filter.to);
    if (filter.result === 'succeeded') conditions.push(`result = 'succeeded'`);
    // Postgres uses the index of failures and refusals only when the query itself excludes successes.
    else where((p) => `result = ${p} and result <> 'succeeded'`, filter.result);
    if (filter.after) {
      const { at, id } = filter.after;
      // With the plain condition on time Postgres skips whole months.
      conditions.push(`time <= $${values.push(at)}`, `(time, id) < ($${values.length}, $${values.push(id)})`);
    }
    const { rows } = await this.database.query<{ content: string }>(
      `select content from event where ${conditions.join(' and ')}
       order by time desc, id desc limit $${values.push(filter.limit)}`,
      values,
    );
    return rows.map(({ content }) => JSON.parse(content) as AuditEvent);
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
}

/** True when an event had no partition. */
export function isMonthMissing(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '23514' && /partition/.test(error.message);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
