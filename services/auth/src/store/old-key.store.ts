import { Database, type Due, type Queryable, measureRows } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/**
 * Keys that were revoked or expired more than $1 days ago and with which no stored key was made. A bootstrap key stays: its value may
 * still be in a setting, and must not make a key again.
 */
const ENDED = `NOT is_bootstrap AND least(revoked_at, expires_at) < clock_timestamp() - make_interval(days => $1)`;
const CHILDLESS = `NOT EXISTS (SELECT FROM api_key made WHERE made.made_by_id = api_key.id)`;

const HAND_OVER = `
UPDATE api_key SET made_by_id = maker.made_by_id FROM api_key maker
WHERE api_key.made_by_id = maker.id AND api_key.revoked_at IS NULL
  AND (api_key.expires_at IS NULL OR api_key.expires_at > clock_timestamp())
  AND maker.id IN (SELECT id FROM api_key WHERE revoked_at IS NULL AND ${ENDED} LIMIT $2)`;

/** Deletes keys that were revoked or expired long ago. */
@Injectable()
export class OldKeyStore {
  constructor(private readonly database: Database) {}

  /**
   * Deletes keys that were revoked or expired more than `days` days ago. The successor of one that expired belongs to that one’s own
   * maker then: until now, revoking the former key would have revoked it too.
   *
   * @returns how many
   */
  async delete(transaction: Queryable, days: number, atMost: number): Promise<number> {
    await transaction.query(HAND_OVER, [days, atMost], { name: 'hand-over-successors' });
    const { rowCount } = await transaction.query(
      `DELETE FROM api_key WHERE id IN (SELECT id FROM api_key WHERE ${ENDED} AND ${CHILDLESS} LIMIT $2)`,
      [days, atMost],
      { name: 'delete-ended-keys' },
    );
    return rowCount ?? 0;
  }

  measure(days: number): Promise<Due> {
    return measureRows(this.database, {
      table: 'api_key',
      due: `SELECT FROM api_key WHERE ${ENDED}`,
      values: [days],
      oldest: `SELECT min(least(revoked_at, expires_at)) AS oldest FROM api_key
               WHERE NOT is_bootstrap AND least(revoked_at, expires_at) < clock_timestamp()`,
    });
  }
}
