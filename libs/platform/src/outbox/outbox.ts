import type { BatchContract, Tenant } from '@causeway/contracts';
import type { z } from 'zod';
import { newId } from '../context/new-id.js';
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
 *
 * The service's login needs SELECT, INSERT, UPDATE (for `FOR UPDATE`) and DELETE on it.
 */
export const OUTBOX_TABLE = 'outbox';

/** An event for a consumer, stored until the consumer has confirmed it. */
export interface OutboxRow {
  /** UUID v7: rows of one subject are sent in this order. */
  readonly id: string;
  readonly subject: string;
  /** JSON text. */
  readonly payload: string;
  readonly organisationId: string;
  readonly teamId: string;
}

/** Makes a row. Give `id` when the event has an id of its own, so that the same event twice is one row. */
export function outboxRow<T extends z.ZodType>(
  contract: BatchContract<T>,
  payload: z.input<T>,
  tenant: Pick<Tenant, 'organisationId'> & Partial<Tenant>,
  id: string = newId(),
): OutboxRow {
  return {
    id,
    subject: contract.subject,
    payload: JSON.stringify(payload),
    organisationId: tenant.organisationId,
    // What is about a whole organisation has no team: the organisation stands for it.
    teamId: tenant.teamId ?? tenant.organisationId,
  };
}

/** Columns of rows as arrays, for `unnest`: id, subject, payload, organisation, team. */
export type OutboxArrays = [string[], string[], string[], string[], string[]];

export function outboxArrays(rows: readonly OutboxRow[]): OutboxArrays {
  const arrays: OutboxArrays = [[], [], [], [], []];
  for (const row of rows) {
    arrays[0].push(row.id);
    arrays[1].push(row.subject);
    arrays[2].push(row.payload);
    arrays[3].push(row.organisationId);
    arrays[4].push(row.teamId);
  }
  return arrays;
}

/**
 * SQL that inserts `outboxArrays(rows)` given as parameters `$first` … `$first+4`. It fits into a CTE, so that a
 * frequent statement writes its events too: `with done as (update … returning 1), facts as (${outboxInsertSql(7)}) select …`.
 */
export function outboxInsertSql(first: number): string {
  const types = ['uuid', 'text', 'text', 'uuid', 'uuid'];
  const arrays = types.map((type, index) => `$${first + index}::${type}[]`).join(', ');
  return (
    `insert into ${OUTBOX_TABLE} (id, subject, payload, organisation_id, team_id) ` +
    `select * from unnest(${arrays}) on conflict (id) do nothing`
  );
}

/** Inserts rows, in the caller's transaction. The same id twice is one row. */
export async function insertOutbox(queryable: Queryable, rows: readonly OutboxRow[]): Promise<void> {
  if (rows.length === 0) return;
  await queryable.query(outboxInsertSql(1), outboxArrays(rows), { name: 'outbox_insert' });
}
