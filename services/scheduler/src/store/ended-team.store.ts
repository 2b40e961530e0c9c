import type { RunEnvelope, Tenant } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** Teams that were deleted lately, and their runs that are not over. */
@Injectable()
export class EndedTeamStore {
  constructor(private readonly database: Database) {}

  async add(teams: readonly Tenant[]): Promise<void> {
    await this.database.query(
      `INSERT INTO ended_team (team_id, organisation_id) SELECT * FROM unnest($1::uuid[], $2::uuid[]) ON CONFLICT DO NOTHING`,
      [teams.map(({ teamId }) => teamId), teams.map(({ organisationId }) => organisationId)],
    );
  }

  /** Runs that are queued or released. */
  async findOpen(status: 'queued' | 'released', atMost: number): Promise<RunEnvelope[]> {
    const { rows } = await this.database.query<{ envelope: string }>(
      `SELECT run.envelope FROM ended_team JOIN run USING (team_id) WHERE run.status = '${status}' LIMIT $1`,
      [atMost],
      { name: `find-${status}-of-ended` },
    );
    return rows.map(({ envelope }) => JSON.parse(envelope) as RunEnvelope);
  }

  /** Forgets teams that were deleted so many seconds ago and have no runs any more. */
  async forget(seconds: number): Promise<void> {
    await this.database.query(
      `DELETE FROM ended_team t WHERE ended_at < clock_timestamp() - make_interval(secs => $1)
         AND NOT EXISTS (SELECT FROM run WHERE run.team_id = t.team_id AND run.status IN ('queued', 'released'))`,
      [seconds],
      { name: 'forget-ended-teams' },
    );
  }
}
