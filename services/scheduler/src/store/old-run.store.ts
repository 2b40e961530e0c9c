import { Database, type Due, type Queryable, firstIdAt, measureRows } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { lockSlotsSql } from './slot.sql.js';

const DAY_MS = 24 * 60 * 60_000;

/**
 * Runs that ended more than $1 days ago. $2 is the first id of that time: ids grow with time and no run ends before it is made, so only
 * smaller ids can match.
 */
const OLD = `finished_at < clock_timestamp() - make_interval(days => $1) AND id < $2`;

/** Keys that are more than $1 days old, except those of runs that have not ended. */
const OLD_KEYS = `created_at < clock_timestamp() - make_interval(days => $1)
  AND NOT EXISTS (SELECT FROM run WHERE run.id = idempotency.run_id AND run.finished_at IS NULL)`;

/** Slots of flows of which no run is stored, except slots that may be new and slots with a capacity of their own. */
const IDLE = `scope = 'flow' AND held = 0 AND waiting = 0 AND own_capacity IS NULL
  AND capacity_since < clock_timestamp() - interval '1 day' AND NOT EXISTS (SELECT FROM run WHERE run.flow_id = slot.id)`;

/** When the oldest run was submitted. */
const OLDEST = 'SELECT submitted_at AS oldest FROM run ORDER BY id LIMIT 1';

/** Deletes old runs, and the idempotency keys and slots that are not needed without them. */
@Injectable()
export class OldRunStore {
  constructor(private readonly database: Database) {}

  /** Ids of runs that ended more than `days` days ago, oldest first. */
  async pick(
    transaction: Queryable,
    { days, after, atMost }: { days: number; after: string; atMost: number },
  ): Promise<string[]> {
    const { rows } = await transaction.query<{ id: string }>(
      `SELECT id FROM run WHERE ${OLD} AND id > $3 ORDER BY id LIMIT $4`,
      [days, firstIdAt(Date.now() - days * DAY_MS), after, atMost],
      { name: 'pick-old-runs' },
    );
    return rows.map(({ id }) => id);
  }

  /** Deletes those of these runs that have ended. @returns how many */
  async delete(transaction: Queryable, ids: readonly string[]): Promise<number> {
    const { rowCount } = await transaction.query(
      'DELETE FROM run WHERE id = ANY($1) AND finished_at IS NOT NULL',
      [ids],
      { name: 'delete-old-runs' },
    );
    return rowCount ?? 0;
  }

  /** Those of these ids that belong to a stored run. */
  async findKnown(ids: readonly string[]): Promise<Set<string>> {
    const { rows } = await this.database.query<{ id: string }>(
      'SELECT id FROM run WHERE id = ANY($1::uuid[])',
      [ids],
      { name: 'find-known-runs' },
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** When the oldest run that is kept was submitted. */
  async oldest(): Promise<Date | undefined> {
    const { rows } = await this.database.query<{ oldest: Date }>(OLDEST, [], { name: 'oldest-run' });
    return rows[0]?.oldest;
  }

  measure(days: number): Promise<Due> {
    return measureRows(this.database, {
      table: 'run',
      due: `SELECT FROM run WHERE ${OLD}`,
      values: [days, firstIdAt(Date.now() - days * DAY_MS)],
      oldest: OLDEST,
    });
  }

  /** Deletes keys that are more than `days` days old and whose run has ended. @returns how many */
  async deleteKeys(transaction: Queryable, days: number, atMost: number): Promise<number> {
    const { rowCount } = await transaction.query(
      `DELETE FROM idempotency WHERE (team_id, key) IN (
         SELECT team_id, key FROM idempotency WHERE ${OLD_KEYS} ORDER BY created_at LIMIT $2)`,
      [days, atMost],
      { name: 'delete-old-keys' },
    );
    return rowCount ?? 0;
  }

  /** Whether there is a key that is more than `days` days old and whose run has ended. */
  async hasOldKeys(transaction: Queryable, days: number): Promise<boolean> {
    const { rows } = await transaction.query<{ has: boolean }>(
      `SELECT EXISTS (SELECT FROM idempotency WHERE ${OLD_KEYS}) AS has`,
      [days],
    );
    return rows[0]?.has ?? false;
  }

  measureKeys(days: number): Promise<Due> {
    return measureRows(this.database, {
      table: 'idempotency',
      due: `SELECT FROM idempotency WHERE ${OLD_KEYS}`,
      values: [days],
      oldest: 'SELECT created_at AS oldest FROM idempotency ORDER BY created_at LIMIT 1',
    });
  }

  /**
   * Deletes idle slots. The search for them takes no lock. Then the system's row is locked, as in every change of slots, and each found
   * slot is checked again.
   *
   * @returns how many
   */
  async deleteIdleSlots(transaction: Queryable, atMost: number): Promise<number> {
    const found = `SELECT id FROM slot WHERE ${IDLE} LIMIT $1`;
    const { rows } = await transaction.query<{ id: string }>(found, [atMost]);
    if (rows.length === 0) return 0;
    await transaction.query(lockSlotsSql);
    const { rowCount } = await transaction.query(`DELETE FROM slot WHERE id = ANY($1::uuid[]) AND ${IDLE}`, [
      rows.map(({ id }) => id),
    ]);
    return rowCount ?? 0;
  }

  measureIdleSlots(): Promise<Due> {
    return measureRows(this.database, {
      table: 'slot',
      due: `SELECT FROM slot WHERE ${IDLE}`,
      values: [],
      oldest: `SELECT min(capacity_since) AS oldest FROM slot WHERE scope = 'flow'`,
    });
  }
}
