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

/** Runners, as the database knows them, and what they hold. */
@Injectable()
export class ExecutorStore {
  constructor(@Inject(Database) private readonly database: Queryable) {}

  /** Marks runners whose process is known to be gone, or that stop: what they hold is anybody's. */
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

  /** Runners that count as alive and whose processes have a mark. */
  async findMarked(): Promise<{ id: string; pid: number; process: string }[]> {
    const { rows } = await this.database.query<{ id: string; pid: number; process: string }>(findMarkedSql);
    return rows;
  }

  /** Gives a runner another part to play. */
  async changeKind(id: string, kind: string): Promise<void> {
    await this.database.query(changeKindSql, [id, kind]);
  }

  /** How many shared runners live, without the one that asks. */
  async countShared(silenceS: number, withoutId?: string): Promise<number> {
    const { rows } = await this.database.query<{ shared: number }>(countSharedSql, [
      silenceS,
      withoutId ?? null,
    ]);
    return rows[0]?.shared ?? 0;
  }

  /** What a runner holds, and which of it somebody wants stopped. */
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

  /** Gives back runs that a runner does not walk any more: these, or all it holds. @returns how many */
  async release(runnerId: string, runIds?: readonly string[]): Promise<number> {
    return (await this.database.query(releaseRunsSql, [runnerId, runIds ?? null])).rowCount ?? 0;
  }

  /** Forgets runners that ended days ago and hold nothing. @returns how many */
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
