import { Database, measureRows } from '@causeway/platform';
import type { Due, Queryable } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import {
  changeKindSql,
  countSharedSql,
  endExecutorsSql,
  findHeldSql,
  findDeadSql,
  findMarkedSql,
  oldExecutorsSql,
  releaseRunsSql,
} from './executor.sql.js';

/** The rows of runners, and the runs that they hold. */
@Injectable()
export class ExecutorStore {
  constructor(@Inject(Database) private readonly database: Queryable) {}

  /** Marks runners that stop or whose process has ended: other runners may take over the runs that they hold. */
  async end(ids: readonly string[]): Promise<void> {
    await this.database.query(endExecutorsSql, [ids]);
  }

  /** Marks runners that are found dead. @returns their ids */
  async findDead(silence: { readonly withoutLockS: number; readonly withLockS: number }): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      findDeadSql,
      [silence.withoutLockS, silence.withLockS],
      {
        name: 'find-dead',
      },
    );
    return rows.map((row) => row.id);
  }

  /** Runners that are not marked as ended and whose processes have a mark. */
  async findMarked(): Promise<{ id: string; pid: number; process: string }[]> {
    const { rows } = await this.database.query<{ id: string; pid: number; process: string }>(findMarkedSql);
    return rows;
  }

  /** Changes a runner's kind. */
  async changeKind(id: string, kind: string): Promise<void> {
    await this.database.query(changeKindSql, [id, kind]);
  }

  /** How many shared runners are alive. */
  async countShared(silenceS: number): Promise<number> {
    const { rows } = await this.database.query<{ shared: number }>(countSharedSql, [silenceS]);
    return rows[0]?.shared ?? 0;
  }

  /** The runs that a runner holds, and which of them are cancelled. */
  async findHeld(runnerId: string): Promise<{ runId: string; cancelRequested: boolean }[]> {
    const { rows } = await this.database.query<{ run_id: string; cancel_requested: boolean }>(
      findHeldSql,
      [runnerId],
      {
        name: 'find-held',
      },
    );
    return rows.map((row) => ({ runId: row.run_id, cancelRequested: row.cancel_requested }));
  }

  /** Gives back runs that a runner does not execute any more: these, or all that it holds. @returns how many */
  async release(runnerId: string, runIds?: readonly string[]): Promise<number> {
    return (await this.database.query(releaseRunsSql, [runnerId, runIds ?? null])).rowCount ?? 0;
  }

  /** Deletes the rows of runners that ended days ago and hold no run. @returns how many */
  async forget(transaction: Queryable, days: number, atMost: number): Promise<number> {
    const { rowCount } = await transaction.query(
      `DELETE FROM executor WHERE id IN (${oldExecutorsSql} ORDER BY ended_at LIMIT $2)`,
      [days, atMost],
    );
    return rowCount ?? 0;
  }

  measure(days: number): Promise<Due> {
    return measureRows(this.database, {
      table: 'executor',
      due: oldExecutorsSql,
      values: [days],
      oldest: 'SELECT min(ended_at) AS oldest FROM executor',
    });
  }
}
