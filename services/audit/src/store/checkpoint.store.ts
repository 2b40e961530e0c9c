import type { Checkpoint, SignedCheckpoint } from '@causeway/audit-chain';
import { canonicalJson } from '@causeway/dag';
import { Database } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

interface Row {
  readonly content: string;
  readonly signature: string;
}

/** An event of a block. */
export interface BlockHash {
  readonly seq: number;
  readonly hash: string;
}

/** The table of checkpoints. */
@Injectable()
export class CheckpointStore {
  constructor(private readonly database: Database) {}

  /** The last checkpoint of an organisation. */
  async last(organisationId: string): Promise<Checkpoint | undefined> {
    const { rows } = await this.database.query<Row>(
      'select content, signature from checkpoint where organisation_id = $1 order by number desc limit 1',
      [organisationId],
    );
    return rows[0] && signedOf(rows[0]).checkpoint;
  }

  /** The checkpoints of the blocks that have events with these numbers, in their order. */
  async of(organisationId: string, fromSeq: number, toSeq: number): Promise<SignedCheckpoint[]> {
    const { rows } = await this.database.query<Row>(
      `select content, signature from checkpoint
       where organisation_id = $1 and from_seq <= $3
         and from_seq >= coalesce((select max(from_seq) from checkpoint where organisation_id = $1 and from_seq <= $2), 0)
         and to_seq >= $2
       order by from_seq`,
      [organisationId, fromSeq, toSeq],
    );
    return rows.map(signedOf);
  }

  /** The hashes behind a number, in the order of the chain, with the numbers that they have. */
  async hashes(organisationId: string, afterSeq: number, limit: number): Promise<BlockHash[]> {
    const { rows } = await this.database.query<BlockHash>(
      `select seq::float8 as seq, encode(hash, 'hex') as hash from event_seal
       where organisation_id = $1 and seq > $2 order by seq limit $3`,
      [organisationId, afterSeq, limit],
    );
    return rows;
  }

  /** Of these hashes, how many from the first one on are of events that were recorded before the chain began. */
  async countOld(organisationId: string, afterSeq: number, limit: number): Promise<number> {
    const { rows } = await this.database.query<{ old: number }>(
      `select coalesce(min(nr) filter (where not is_old) - 1, count(*))::int as old from (
         select e.recorded_at < chain_began() as is_old, row_number() over (order by s.seq) as nr
         from (select time, id, seq from event_seal where organisation_id = $1 and seq > $2 order by seq limit $3) s
         join event e using (time, id)) as events`,
      [organisationId, afterSeq, limit],
    );
    return rows[0]?.old ?? 0;
  }

  /** Adds a checkpoint. @returns false when another process has added one for the same events */
  async insert({ checkpoint, signature }: SignedCheckpoint): Promise<boolean> {
    const { organisationId, number, from, to } = checkpoint;
    const { rowCount } = await this.database.query(
      `insert into checkpoint (organisation_id, number, from_seq, to_seq, content, signature)
       values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
      [organisationId, number, from, to, canonicalJson(checkpoint), signature],
    );
    return rowCount === 1;
  }
}

function signedOf({ content, signature }: Row): SignedCheckpoint {
  return { checkpoint: JSON.parse(content) as Checkpoint, signature };
}
