import type { BatchContract, Tenant } from '@causeway/contracts';
import type { z } from 'zod';
import type { Queryable } from '../database/database.js';

/**
 * The table that every service with an outbox declares in its Prisma schema:
 *
 *     model Outbox {
 *       id             String   @id @db.Uuid
 *       subject        String
 *       payload        String
 *       organisationId String   @map("organisation_id") @db.Uuid
 *       teamId         String   @map("team_id") @db.Uuid
 *       createdAt      DateTime @default(dbgenerated("clock_timestamp()")) @map("created_at") @db.Timestamptz(3)
 *       @@index([subject, id])
 *       @@map("outbox")
 *     }
 */
export const OUTBOX_TABLE = 'outbox';

/** A fact on its way to its consumer. */
export interface OutboxRow {
  readonly id: string;
  readonly subject: string;
  /** JSON text. */
  readonly payload: string;
  readonly organisationId: string;
  readonly teamId: string;
}

/** Makes a row. Give `id` when the fact has one of its own, so that the same fact twice is one row. */
export function outboxRow<T extends z.ZodType>(
  _contract: BatchContract<T>,
  _payload: z.input<T>,
  _tenant: Tenant,
  _id?: string,
): OutboxRow {
  throw new Error('not yet');
}

/** Columns of rows as arrays, for `unnest`: id, subject, payload, organisation, team. */
export type OutboxArrays = readonly [string[], string[], string[], string[], string[]];

export function outboxArrays(_rows: readonly OutboxRow[]): OutboxArrays {
  throw new Error('not yet');
}

/**
 * SQL that inserts `outboxArrays(rows)` given as parameters `$first` … `$first+4`; fit for a CTE:
 * `with done as (update … returning 1), o as (${outboxInsertSql(7)}) select …`.
 */
export function outboxInsertSql(_first: number): string {
  throw new Error('not yet');
}

/** Inserts rows, in the caller's transaction. The same id twice is one row. */
export async function insertOutbox(_queryable: Queryable, _rows: readonly OutboxRow[]): Promise<void> {
  throw new Error('not yet');
}
