import { Database } from '@causeway/platform';
import type { Queryable } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { EffectRow } from '../domain/journal/journal-rows.js';

/** A step as an earlier attempt left it. */
export interface JournaledStep {
  readonly path: string;
  readonly status: 'succeeded' | 'failed' | 'skipped' | 'unknown';
  readonly requestHash: string | undefined;
  /** Payload text. */
  readonly outputs: string | undefined;
  readonly closedOutputs: readonly string[];
  readonly items: number | undefined;
  readonly tokens: { readonly input: number; readonly output: number } | undefined;
  readonly model: string | undefined;
  readonly error: string | undefined;
}

/** What earlier attempts at a run have left in its journal. */
export interface Replay {
  readonly steps: Map<string, JournaledStep>;
  readonly effects: ReadonlyMap<string, EffectRow>;
  readonly lastSeq: number;
}

/** Reads journals. What it reads is complete only after the takeover that fences the earlier owner has committed. */
@Injectable()
export class ReplayStore {
  constructor(@Inject(Database) private readonly database: Queryable) {}

  async read(runId: string): Promise<Replay> {
    const [steps, effects, last] = await Promise.all([
      this.database.query<StepColumns>(
        `SELECT path, status, request_hash, outputs, closed_outputs, items, input_tokens, output_tokens, model, error
         FROM step_result WHERE run_id = $1`,
        [runId],
      ),
      this.database.query<EffectColumns>(
        `SELECT path, state, effects, name, idempotency_key, request_hash, intended_at FROM effect WHERE run_id = $1`,
        [runId],
      ),
      this.database.query<{ last: number }>(
        `SELECT greatest(1, (SELECT max(seq) FROM step_result WHERE run_id = $1),
                            (SELECT max(seq) FROM incident WHERE run_id = $1)) AS last`,
        [runId],
      ),
    ]);
    return {
      steps: new Map(steps.rows.map((row) => [row.path, stepOf(row)])),
      effects: new Map(effects.rows.map((row) => [row.path, effectOf(row)])),
      lastSeq: last.rows[0]?.last ?? 1,
    };
  }

  /**
   * Removes steps from the journal whose calls are now made differently; each leaves an event under its own number.
   *
   * @returns false when the lease is lost
   */
  async drop(runId: string, epoch: number, paths: readonly string[]): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `WITH held AS MATERIALIZED (
         SELECT run_id FROM execution WHERE run_id = $1 AND epoch = $2 AND status = 'running' FOR SHARE
       ), gone AS (
         DELETE FROM step_result s USING held WHERE s.run_id = held.run_id AND s.path = ANY($3)
         RETURNING s.run_id, s.organisation_id, s.team_id, s.seq, s.path, s.epoch
       ), noted AS (
         INSERT INTO incident (run_id, organisation_id, team_id, seq, at, type, path, data)
         SELECT run_id, organisation_id, team_id, seq, clock_timestamp(), 'step.dropped', path,
                json_build_object('epoch', epoch, 'reason', 'the request changed')::text FROM gone
       )
       SELECT FROM held`,
      [runId, epoch, paths],
    );
    return rowCount === 1;
  }
}

interface StepColumns {
  readonly path: string;
  readonly status: JournaledStep['status'];
  readonly request_hash: string | null;
  readonly outputs: string | null;
  readonly closed_outputs: string | null;
  readonly items: number | null;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly model: string | null;
  readonly error: string | null;
}

function stepOf(row: StepColumns): JournaledStep {
  return {
    path: row.path,
    status: row.status,
    requestHash: row.request_hash ?? undefined,
    outputs: row.outputs ?? undefined,
    closedOutputs: row.closed_outputs === null ? [] : (JSON.parse(row.closed_outputs) as string[]),
    items: row.items ?? undefined,
    tokens:
      row.output_tokens === null ? undefined : { input: row.input_tokens ?? 0, output: row.output_tokens },
    model: row.model ?? undefined,
    error: row.error ?? undefined,
  };
}

interface EffectColumns {
  readonly path: string;
  readonly state: EffectRow['state'];
  readonly effects: EffectRow['effects'];
  readonly name: string;
  readonly idempotency_key: string;
  readonly request_hash: string;
  readonly intended_at: Date;
}

function effectOf(row: EffectColumns): EffectRow {
  return {
    path: row.path,
    state: row.state,
    effects: row.effects,
    name: row.name,
    idempotencyKey: row.idempotency_key,
    requestHash: row.request_hash,
    intendedAt: row.intended_at.toISOString(),
  };
}
