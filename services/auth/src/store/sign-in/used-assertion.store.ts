import { Database, type Due, type Queryable, measureRows } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { Writes } from '../tables.js';

/** A day later than needed, so that differences of clocks do not count. */
const EXPIRED = `expires_at < clock_timestamp() - interval '1 day'`;

/** SAML assertions by which people have signed in. */
@Injectable()
export class UsedAssertionStore {
  constructor(private readonly database: Database) {}

  /** Uses an assertion up. Of two that do it at the same time, one waits for the other. @returns false when it was used before */
  async use(writes: Writes, { id, until }: { readonly id: string; readonly until: Date }): Promise<boolean> {
    const { count } = await writes.usedAssertion.createMany({
      data: [{ id, expiresAt: until }],
      skipDuplicates: true,
    });
    return count === 1;
  }

  /** Deletes those whose sign-ins expired long ago. @returns how many */
  async deleteExpired(transaction: Queryable, atMost: number): Promise<number> {
    const { rowCount } = await transaction.query(
      `DELETE FROM used_assertion WHERE id IN (SELECT id FROM used_assertion WHERE ${EXPIRED} LIMIT $1)`,
      [atMost],
      { name: 'delete-used-assertions' },
    );
    return rowCount ?? 0;
  }

  measure(): Promise<Due> {
    return measureRows(this.database, {
      table: 'used_assertion',
      due: `SELECT FROM used_assertion WHERE ${EXPIRED}`,
      values: [],
      oldest: `SELECT min(expires_at) AS oldest FROM used_assertion WHERE ${EXPIRED}`,
    });
  }
}
