import type { Range } from '@causeway/audit-chain';
import type { Queryable } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** The events of a month that is about to be removed, by organisation. */
export interface RemovedEvents {
  readonly organisationId: string;
  readonly events: number;
  /** The last of them in the chain. */
  readonly lastSeq: number;
}

/** What is kept of a month that is removed: which events it had, and hashes without which their neighbours could not be proven. */
@Injectable()
export class RemovalStore {
  /** Organisations with events in a month. @param month  its first day, and that of the next one */
  async organisations(queryable: Queryable, [from, to]: readonly [string, string]): Promise<RemovedEvents[]> {
    const { rows } = await queryable.query<RemovedEvents>(
      `select organisation_id as "organisationId", count(*)::int as events, max(seq)::float8 as "lastSeq"
       from event_seal where time >= $1::date::timestamp at time zone 'UTC' and time < $2::date::timestamp at time zone 'UTC'
       group by 1 order by 1`,
      [from, to],
    );
    return rows;
  }

  /** The numbers of an organisation's events in a month. */
  async ranges(
    queryable: Queryable,
    organisationId: string,
    [from, to]: readonly [string, string],
  ): Promise<Range[]> {
    const { rows } = await queryable.query<{ first: number; last: number }>(
      `select min(seq)::float8 as first, max(seq)::float8 as last from (
         select seq, seq - row_number() over (order by seq) as run from event_seal
         where organisation_id = $3 and time >= $1::date::timestamp at time zone 'UTC' and time < $2::date::timestamp at time zone 'UTC'
       ) as runs group by run order by 1`,
      [from, to, organisationId],
    );
    return rows.map(({ first, last }) => [first, last]);
  }

  /** Keeps the hashes of a month's events in those blocks that also have events of other months. */
  async keepHashes(
    transaction: Queryable,
    organisationId: string,
    [from, to]: readonly [string, string],
  ): Promise<void> {
    await transaction.query(
      `with leaving as materialized (
         select seq, hash from event_seal
         where organisation_id = $3 and time >= $1::date::timestamp at time zone 'UTC' and time < $2::date::timestamp at time zone 'UTC'
       ), bounds as (select min(seq) as first, max(seq) as last from leaving),
       shared as materialized (
         select c.from_seq, c.to_seq from checkpoint c, bounds b
         where c.organisation_id = $3 and c.to_seq >= b.first and c.from_seq <= b.last and exists (
           select from event_seal k where k.organisation_id = $3 and k.seq between c.from_seq and c.to_seq
             and (k.time < $1::date::timestamp at time zone 'UTC' or k.time >= $2::date::timestamp at time zone 'UTC'))
       )
       insert into removed_seal (organisation_id, seq, hash)
       select $3, l.seq, l.hash from shared s join leaving l on l.seq between s.from_seq and s.to_seq
       on conflict do nothing`,
      [from, to, organisationId],
    );
  }
}
