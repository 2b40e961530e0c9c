import { Database } from '@causeway/platform';
import type { Queryable } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { EventRow } from '../domain/event-row.js';
import type { ChainHead, Seal, Sealable } from '../domain/seal-events.js';

const INSERT_EVENTS = `insert into event (time, id, organisation_id, team_id, actor_id, action, object_type, object_id, result,
    address, request_id, run_id, words, content)
  select * from unnest($1::timestamptz[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[])
  on conflict do nothing returning id`;

const INSERT_SEALS = `insert into event_seal (time, id, organisation_id, seq, hash)
  select time, id, organisation_id, seq, decode(hash, 'hex')
  from unnest($1::timestamptz[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[]) as s(time, id, organisation_id, seq, hash)`;

// The last seal may have been removed with an old month; its checkpoint was not.
const HEADS = `select o.id as "organisationId", coalesce(h.seq, 0)::float8 as seq, h.hash
  from unnest($1::uuid[]) as o(id) left join lateral (
    (select seq, encode(hash, 'hex') as hash from event_seal where organisation_id = o.id order by seq desc limit 1)
    union all
    (select to_seq, content::json ->> 'hash' from checkpoint where organisation_id = o.id order by number desc limit 1)
    order by 1 desc limit 1
  ) h on true`;

/** Events and their chain. It only adds and reads rows; each write that seals needs the lock of the organisation. */
@Injectable()
export class ChainStore {
  constructor(private readonly database: Database) {}

  /** Waits for the right to seal events of these organisations, until the transaction ends: one at a time has it, whichever process. */
  async lock(transaction: Queryable, organisationIds: readonly string[]): Promise<void> {
    await transaction.query(
      `select pg_advisory_xact_lock(hashtextextended('audit chain ' || id, 0)) from unnest($1::text[]) as id`,
      // Everybody takes several locks in the same order.
      [organisationIds.toSorted()],
      { name: 'chain-lock' },
    );
  }

  /** The ends of chains. */
  async heads(queryable: Queryable, organisationIds: readonly string[]): Promise<Map<string, ChainHead>> {
    const { rows } = await queryable.query<ChainHead & { organisationId: string }>(HEADS, [organisationIds], {
      name: 'chain-heads',
    });
    return new Map(
      rows
        .filter(({ seq }) => seq > 0)
        .map(({ organisationId, seq, hash }) => [organisationId, { seq, hash }]),
    );
  }

  /** Adds events; existing ones stay unchanged. @returns the ids of those that are new */
  async insertEvents(transaction: Queryable, rows: readonly EventRow[]): Promise<Set<string>> {
    const column = (name: keyof EventRow) => rows.map((row) => row[name]);
    const columns = [
      column('time'),
      column('id'),
      column('organisationId'),
      column('teamId'),
      column('actorId'),
      column('action'),
      column('objectType'),
      column('objectId'),
      column('result'),
      column('address'),
      column('requestId'),
      column('runId'),
      column('words'),
      column('content'),
    ];
    const { rows: added } = await transaction.query<{ id: string }>(INSERT_EVENTS, columns, {
      name: 'event-append',
    });
    return new Set(added.map(({ id }) => id));
  }

  /** Of these ids, those that an event of the last day has, whatever its time. */
  async recentIds(transaction: Queryable, ids: readonly string[]): Promise<Set<string>> {
    const { rows } = await transaction.query<{ id: string }>(
      `select id from event where time >= now() - interval '1 day' and id = any($1::uuid[])`,
      [ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Adds seals. */
  async insertSeals(transaction: Queryable, seals: readonly Seal[]): Promise<void> {
    await transaction.query(
      INSERT_SEALS,
      [
        seals.map(({ time }) => time),
        seals.map(({ id }) => id),
        seals.map(({ organisationId }) => organisationId),
        seals.map(({ seq }) => seq),
        seals.map(({ hash }) => hash),
      ],
      { name: 'event-seal' },
    );
  }

  /** Organisations that have events. */
  async organisations(): Promise<string[]> {
    // One step of an index for each organisation, not a scan of all events.
    const { rows } = await this.database.query<{ id: string }>(
      `with recursive o(id) as (
         (select organisation_id from event order by organisation_id limit 1)
         union all
         select (select organisation_id from event where organisation_id > o.id order by organisation_id limit 1) from o where o.id is not null
       ) select id from o where id is not null`,
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Events that were recorded before the chain began and stand behind the organisation's last seal, in their order; undefined when
   * the chain has already gone on with newer events.
   */
  async unsealed(
    transaction: Queryable,
    organisationId: string,
    limit: number,
  ): Promise<Sealable[] | undefined> {
    const { rows: last } = await transaction.query<{ time: string; id: string; isOld: boolean }>(
      `select e.time::text as time, e.id, e.recorded_at < chain_began() as "isOld"
       from (select time, id from event_seal where organisation_id = $1 order by seq desc limit 1) s join event e using (time, id)`,
      [organisationId],
    );
    const [end] = last;
    if (end && !end.isOld) return undefined;
    const { rows } = await transaction.query<Sealable>(
      `select time::text as time, id, organisation_id as "organisationId", content from event
       where organisation_id = $1 and recorded_at < chain_began() ${end ? 'and (time, id) > ($3, $4) and time >= $3' : ''}
       order by event.time, id limit $2`,
      [organisationId, limit, ...(end ? [end.time, end.id] : [])],
    );
    return rows;
  }
}
