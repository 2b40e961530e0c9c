import type { AuditFilter } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { Conditions, type EventScope, eventConditions } from './event-query.js';

/** An event with its place in the chain. */
export interface SealedEvent {
  readonly seq: number;
  readonly hash: string;
  readonly content: string;
}

/** Reads the chain for exports. */
@Injectable()
export class ExportStore {
  constructor(private readonly database: Database) {}

  /** The first and the last number of the events of an organisation in the months of a range; undefined when there is none. */
  async bounds(
    organisationId: string,
    { from, to }: AuditFilter,
  ): Promise<{ first: number; last: number } | undefined> {
    // By month: Postgres skips the others, and of each it reads one row at either end of an index.
    const { rows } = await this.database.query<{ first: number | null; last: number | null }>(
      `select min(seq)::float8 as first, max(seq)::float8 as last from event_seal
       where organisation_id = $1 and time >= date_trunc('month', coalesce($2::timestamptz, '-infinity'), 'UTC') and time < coalesce($3::timestamptz, 'infinity')`,
      [organisationId, from ?? null, to ?? null],
    );
    const [found] = rows;
    return found && found.first !== null && found.last !== null
      ? { first: found.first, last: found.last }
      : undefined;
  }

  /** The events of a part of the chain that match, in its order. @param part  numbers behind the first, up to the last */
  async events(
    scope: EventScope,
    filter: AuditFilter,
    part: { after: number; upTo: number },
    limit: number,
  ): Promise<SealedEvent[]> {
    const conditions = eventConditions(scope, filter, 'e');
    const seals = new Conditions(conditions.values)
      .where((p) => `organisation_id = ${p}`, scope.organisationId)
      .where((p) => `seq > ${p}`, part.after)
      .where((p) => `seq <= ${p}`, part.upTo)
      // The same range for the seals, so that Postgres skips their months, too.
      .where((p) => `time >= ${p}`, filter.from)
      .where((p) => `time < ${p}`, filter.to);
    // In this form Postgres takes seal by seal and finds each event in its own month, whatever its statistics say.
    const { rows } = await this.database.query<SealedEvent>(
      `select s.seq::float8 as seq, encode(s.hash, 'hex') as hash, found.content
       from (select time, id, seq, hash from event_seal where ${seals.sql} order by seq offset 0) as s
       cross join lateral (select e.content from event e where e.time = s.time and e.id = s.id and ${conditions.sql} limit 1) as found
       order by s.seq limit ${conditions.parameter(limit)}`,
      conditions.values,
    );
    return rows;
  }

  /** The hashes of a part of the chain, in its order, also those that are kept of removed events. */
  async hashes(organisationId: string, fromSeq: number, toSeq: number): Promise<Map<number, string>> {
    const { rows } = await this.database.query<{ seq: number; hash: string }>(
      `select seq::float8 as seq, encode(hash, 'hex') as hash from event_seal where organisation_id = $1 and seq between $2 and $3
       union
       select seq::float8, encode(hash, 'hex') from removed_seal where organisation_id = $1 and seq between $2 and $3
       order by 1`,
      [organisationId, fromSeq, toSeq],
    );
    return new Map(rows.map(({ seq, hash }) => [seq, hash]));
  }

  /** The hashes that are kept of removed events, of a part of the chain. */
  async removed(
    organisationId: string,
    fromSeq: number,
    toSeq: number,
  ): Promise<{ seq: number; hash: string }[]> {
    const { rows } = await this.database.query<{ seq: number; hash: string }>(
      `select seq::float8 as seq, encode(hash, 'hex') as hash from removed_seal
       where organisation_id = $1 and seq between $2 and $3 order by seq`,
      [organisationId, fromSeq, toSeq],
    );
    return rows;
  }

  /** The hash at one place of the chain: of its event, of a removed one, or as a checkpoint has it. */
  async hashAt(organisationId: string, seq: number): Promise<string | undefined> {
    const { rows } = await this.database.query<{ hash: string }>(
      `select encode(hash, 'hex') as hash from event_seal where organisation_id = $1 and seq = $2
       union all
       select encode(hash, 'hex') from removed_seal where organisation_id = $1 and seq = $2
       union all
       (select content::json ->> 'hash' from checkpoint where organisation_id = $1 and from_seq <= $2 and to_seq = $2
        order by from_seq desc limit 1)
       limit 1`,
      [organisationId, seq],
    );
    return rows[0]?.hash;
  }
}
