import { Database } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** Where an organisation's events are sent. */
export interface StreamRow {
  readonly organisationId: string;
  readonly url: string;
  readonly seed: string;
  readonly sentSeq: number;
  readonly failures: number;
  readonly lastError: string | null;
  readonly pausedAt: Date | null;
  readonly createdAt: Date;
}

const COLUMNS = `organisation_id as "organisationId", url, seed, sent_seq::float8 as "sentSeq", failures, last_error as "lastError",
  paused_at as "pausedAt", created_at as "createdAt"`;

/** The table of streams, one for each organisation that has one. */
@Injectable()
export class StreamStore {
  constructor(private readonly database: Database) {}

  async find(organisationId: string): Promise<StreamRow | undefined> {
    const { rows } = await this.database.query<StreamRow>(
      `select ${COLUMNS} from event_stream where organisation_id = $1`,
      [organisationId],
    );
    return rows[0];
  }

  /** Puts a stream in the place of the one that there was. */
  async put({
    organisationId,
    url,
    seed,
    sentSeq,
  }: Pick<StreamRow, 'organisationId' | 'url' | 'seed' | 'sentSeq'>): Promise<StreamRow> {
    const { rows } = await this.database.query<StreamRow>(
      `insert into event_stream (organisation_id, url, seed, sent_seq) values ($1, $2, $3, $4)
       on conflict (organisation_id) do update set url = excluded.url, seed = excluded.seed, sent_seq = excluded.sent_seq, failures = 0,
         last_error = null, paused_at = null, next_try_at = clock_timestamp(), created_at = clock_timestamp()
       returning ${COLUMNS}`,
      [organisationId, url, seed, sentSeq],
    );
    return rows[0] as StreamRow;
  }

  /** @returns the stream that there was */
  async delete(organisationId: string): Promise<StreamRow | undefined> {
    const { rows } = await this.database.query<StreamRow>(
      `delete from event_stream where organisation_id = $1 returning ${COLUMNS}`,
      [organisationId],
    );
    return rows[0];
  }

  /** Streams that may be sent on now. */
  async due(): Promise<StreamRow[]> {
    const { rows } = await this.database.query<StreamRow>(
      `select ${COLUMNS} from event_stream where paused_at is null and next_try_at <= clock_timestamp()`,
    );
    return rows;
  }

  /** Takes a stream for some seconds, in which no other process sends it. @returns false when another one has it, or it was changed */
  async take({ organisationId, seed, sentSeq }: StreamRow, seconds: number): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `update event_stream set next_try_at = clock_timestamp() + $4 * interval '1 second'
       where organisation_id = $1 and seed = $2 and sent_seq = $3 and paused_at is null and next_try_at <= clock_timestamp()`,
      [organisationId, seed, sentSeq, seconds],
    );
    return rowCount === 1;
  }

  /** What was sent is confirmed, and the next part may follow. */
  async confirm({ organisationId, seed }: StreamRow, sentSeq: number): Promise<void> {
    await this.database.query(
      `update event_stream set sent_seq = greatest(sent_seq, $3), failures = 0, last_error = null, next_try_at = clock_timestamp()
       where organisation_id = $1 and seed = $2`,
      [organisationId, seed, sentSeq],
    );
  }

  /** A try has failed: the next one is later. @param isLast  then there is none */
  async fail(
    { organisationId, seed }: StreamRow,
    problem: string,
    waitMs: number,
    isLast: boolean,
  ): Promise<void> {
    await this.database.query(
      `update event_stream set failures = failures + 1, last_error = $3, next_try_at = clock_timestamp() + $4 * interval '1 millisecond',
         paused_at = case when $5 then clock_timestamp() end
       where organisation_id = $1 and seed = $2`,
      [organisationId, seed, problem, waitMs, isLast],
    );
  }
}
