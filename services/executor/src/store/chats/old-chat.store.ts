import { Database, type Due, type Queryable, measureRows } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** The position of a search through all sessions. */
export interface SessionPlace {
  readonly teamId: string;
  readonly sessionId: string;
}

export const FIRST_SESSION: SessionPlace = {
  teamId: '00000000-0000-0000-0000-000000000000',
  sessionId: '',
};

/**
 * The next sessions of all teams after one, each found by one step through the index, and whether it is old. A session is old when its
 * last message is old and none of its runs executes. $1 team, $2 session; $3: at most so many; $4: days.
 */
const lookSql = `
WITH RECURSIVE session AS (
  (SELECT team_id, session_id FROM message WHERE (team_id, session_id) > ($1::uuid, $2::text) ORDER BY team_id, session_id LIMIT 1)
  UNION ALL
  SELECT n.team_id, n.session_id FROM session s CROSS JOIN LATERAL (
    SELECT team_id, session_id FROM message m WHERE (m.team_id, m.session_id) > (s.team_id, s.session_id)
    ORDER BY team_id, session_id LIMIT 1
  ) n
)
SELECT s.team_id, s.session_id, last.at < clock_timestamp() - make_interval(days => $4) AND NOT EXISTS (
  SELECT FROM message m JOIN execution e ON e.run_id = m.run_id
  WHERE m.team_id = s.team_id AND m.session_id = s.session_id AND e.finished_at IS NULL
) AS is_old
FROM (SELECT * FROM session LIMIT $3) s CROSS JOIN LATERAL (
  SELECT at FROM message m WHERE m.team_id = s.team_id AND m.session_id = s.session_id ORDER BY at DESC, seq DESC, id DESC LIMIT 1
) last
ORDER BY s.team_id, s.session_id`;

/** Chat sessions without a new message for a long time. */
@Injectable()
export class OldChatStore {
  constructor(private readonly database: Database) {}

  /** The next sessions after a place, in order. */
  async look(
    transaction: Queryable,
    after: SessionPlace,
    atMost: number,
    days: number,
  ): Promise<(SessionPlace & { readonly isOld: boolean })[]> {
    const { rows } = await transaction.query<{ team_id: string; session_id: string; is_old: boolean }>(
      lookSql,
      [after.teamId, after.sessionId, atMost, days],
      { name: 'look-for-old-sessions' },
    );
    return rows.map((row) => ({ teamId: row.team_id, sessionId: row.session_id, isOld: row.is_old }));
  }

  /** Deletes messages of sessions, except of those that have a new message meanwhile. @returns how many */
  async delete(
    transaction: Queryable,
    sessions: readonly SessionPlace[],
    atMost: number,
    days: number,
  ): Promise<number> {
    const { rowCount } = await transaction.query(
      `DELETE FROM message WHERE id IN (
         SELECT m.id FROM unnest($1::uuid[], $2::text[]) AS s(team_id, session_id)
         JOIN message m ON m.team_id = s.team_id AND m.session_id = s.session_id
         WHERE NOT EXISTS (
           SELECT FROM message n WHERE n.team_id = s.team_id AND n.session_id = s.session_id
             AND n.at >= clock_timestamp() - make_interval(days => $4))
         LIMIT $3 FOR UPDATE OF m SKIP LOCKED)`,
      [sessions.map((s) => s.teamId), sessions.map((s) => s.sessionId), atMost, days],
      { name: 'delete-old-sessions' },
    );
    return rowCount ?? 0;
  }

  /** Messages of old sessions among the first thousand sessions. */
  measure(days: number): Promise<Due> {
    return measureRows(this.database, {
      table: 'message',
      due: `SELECT FROM (${lookSql}) AS s JOIN message m ON m.team_id = s.team_id AND m.session_id = s.session_id WHERE s.is_old`,
      values: [FIRST_SESSION.teamId, FIRST_SESSION.sessionId, 1_000, days],
      oldest: 'SELECT min(at) AS oldest FROM message',
    });
  }
}
