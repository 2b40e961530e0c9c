import { causewayError } from '@causeway/contracts';
import type {
  ExecutionState,
  InputOf,
  ReplyOf,
  RunStep,
  getExecution,
  listRunEvents,
} from '@causeway/contracts';
import type { Json } from '@causeway/dag';
import { Database } from '@causeway/platform';
import type { Queryable } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import { readPayloadColumn } from '../domain/journal/payload-column.js';
import { stepsSql } from './steps.sql.js';
import { runReachValues, runWithinSql } from './within.js';

/** Released runs, as other services see them. */
@Injectable()
export class RunPages {
  constructor(@Inject(Database) private readonly database: Queryable) {}

  /** The states of runs, in the order of the ids. */
  async states(runIds: readonly string[], withResult: boolean): Promise<ExecutionState[]> {
    const { rows } = await this.database.query<StateColumns>(
      `SELECT run_id, status, finished_at, error, CASE WHEN $2 THEN result END AS result FROM execution WHERE run_id = ANY($1)`,
      [runIds, withResult],
      { name: 'execution-states' },
    );
    const known = new Map(rows.map((row) => [row.run_id, stateOf(row)]));
    return runIds.map((runId) => known.get(runId) ?? { runId, status: 'unknown', finishedAt: null });
  }

  /** @throws CausewayError RUN_UNKNOWN */
  async get({ teamId, runId, reach }: InputOf<typeof getExecution>): Promise<ReplyOf<typeof getExecution>> {
    const [executions, steps] = await Promise.all([
      this.database.query<StateColumns & { epoch: number; claimed_at: Date | null }>(
        `SELECT run_id, status, epoch, claimed_at, finished_at, error, result FROM execution WHERE run_id = $1 AND team_id = $2 AND ${runWithinSql(3)}`,
        [runId, teamId, ...runReachValues(reach)],
      ),
      this.database.query<StepColumns>(stepsSql, [runId, teamId]),
    ]);
    const [row] = executions.rows;
    if (!row) throw causewayError('RUN_UNKNOWN', { runId });
    return {
      state: stateOf(row),
      epoch: row.epoch,
      claimedAt: row.claimed_at?.toISOString() ?? null,
      steps: steps.rows.map(stepOf),
    };
  }

  /** Durable events in their order; `unknown` for a run that no executor has a row of. */
  async events(input: InputOf<typeof listRunEvents>): Promise<ReplyOf<typeof listRunEvents>> {
    const { teamId, runId, reach, afterSeq, limit } = input;
    const states = await this.database.query<{ status: string }>(
      `SELECT status FROM execution WHERE run_id = $1 AND team_id = $2 AND ${runWithinSql(3)}`,
      [runId, teamId, ...runReachValues(reach)],
    );
    const status = (states.rows[0]?.status ?? 'unknown') as ExecutionState['status'];
    if (status === 'unknown') return { status, items: [] };
    // Read after the status: when the status is final, all events of the run are on this page or on the next ones.
    const { rows } = await this.database.query<{
      seq: number;
      at: Date;
      type: string;
      path: string | null;
      data: string;
    }>(
      `SELECT seq, at, type, path, data FROM run_event WHERE run_id = $1 AND team_id = $2 AND seq > $3 ORDER BY seq LIMIT $4`,
      [runId, teamId, afterSeq, limit],
    );
    return {
      status,
      items: rows.map((row) => ({ ...row, at: row.at.toISOString(), data: JSON.parse(row.data) as Json })),
    };
  }
}

interface StateColumns {
  readonly run_id: string;
  readonly status: string;
  readonly finished_at: Date | null;
  readonly error: string | null;
  readonly result: string | null;
}

function stateOf(row: StateColumns): ExecutionState {
  return {
    runId: row.run_id,
    status: row.status as ExecutionState['status'],
    finishedAt: row.finished_at?.toISOString() ?? null,
    ...(row.result === null ? {} : { result: readPayloadColumn(row.result) }),
    ...(row.error === null ? {} : { error: JSON.parse(row.error) as NonNullable<ExecutionState['error']> }),
  };
}

interface StepColumns {
  readonly path: string;
  readonly node_id: string;
  readonly node_type: string;
  readonly node_name: string;
  readonly status: string;
  readonly epoch: number;
  readonly attempts: number;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly outputs: string | null;
  readonly error: string | null;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly model: string | null;
  readonly possibly_paid_twice: boolean;
}

function stepOf(row: StepColumns): RunStep {
  return {
    path: row.path,
    nodeId: row.node_id,
    nodeType: row.node_type,
    nodeName: row.node_name,
    status: row.status as RunStep['status'],
    epoch: row.epoch,
    attempts: row.attempts,
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    outputs: row.outputs === null ? null : readPayloadColumn(row.outputs),
    error: row.error === null ? null : (JSON.parse(row.error) as RunStep['error']),
    tokens: row.output_tokens === null ? null : { input: row.input_tokens ?? 0, output: row.output_tokens },
    model: row.model,
    possiblyPaidTwice: row.possibly_paid_twice,
  };
}
