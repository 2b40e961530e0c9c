import { Database } from '@causeway/platform';
import type { Queryable } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import { countGroupsSql, quarantineSql } from './quarantine.sql.js';

/** Runs that are executed again together because their runner died. */
export interface QuarantineGroup {
  readonly name: string;
  readonly runs: readonly { readonly runId: string; readonly crashes: number }[];
}

/** Quarantine groups: the runs that dead runners left behind. */
@Injectable()
export class QuarantineStore {
  constructor(@Inject(Database) private readonly database: Queryable) {}

  /** Puts the runs of dead runners into groups; see the statement. Several may do it at once: each run is moved once. */
  async group(): Promise<QuarantineGroup[]> {
    const { rows } = await this.database.query<{ run_id: string; quarantine: string; crashes: number }>(
      quarantineSql,
      [],
      { name: 'quarantine-runs' },
    );
    const byName = Map.groupBy(rows, (row) => row.quarantine);
    return [...byName].map(([name, members]) => ({
      name,
      runs: members.map((row) => ({ runId: row.run_id, crashes: row.crashes })),
    }));
  }

  /** How many groups wait for a runner that can read their journals. */
  async countWaiting(readableEngines: readonly number[], crashLimit: number): Promise<number> {
    const { rows } = await this.database.query<{ groups: number }>(
      countGroupsSql,
      [readableEngines, crashLimit],
      { name: 'count-quarantine-groups' },
    );
    return rows[0]?.groups ?? 0;
  }
}
