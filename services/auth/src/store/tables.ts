import { appendAuditEvents } from '@causeway/contracts';
import type { AuditEvent } from '@causeway/contracts';
import { Database, Turns, checkDeadline, outboxRow } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { type Prisma, PrismaClient } from './generated/client.js';

/** Includes the time for which another process of this service holds the lock. */
const CHANGE_TIMEOUT_MS = 30_000;

/** Writes in a transaction. */
export type Writes = Prisma.TransactionClient;

/** The tables of auth. */
@Injectable()
export class Tables {
  readonly reads: PrismaClient;
  private readonly turns = new Turns();

  constructor(database: Database) {
    this.reads = new PrismaClient({ adapter: database.prismaAdapter() });
  }

  /**
   * Changes keys, roles or teams of an organisation: one change after another, so that what a change depends on stays as it was read.
   * Nothing is changed for a caller who does not wait any more: it was told that the request failed, and sends it again.
   *
   * @throws what `fn` throws; CausewayError TIMED_OUT
   */
  change<T>(organisationId: string, fn: (writes: Writes) => Promise<T>): Promise<T> {
    return this.turns.take(organisationId, () => {
      checkDeadline();
      return this.reads.$transaction(
        async (writes) => {
          await writes.$executeRaw`select pg_advisory_xact_lock(hashtextextended('auth of ' || ${organisationId}, 0))`;
          checkDeadline();
          const result = await fn(writes);
          checkDeadline();
          return result;
        },
        { timeout: CHANGE_TIMEOUT_MS, maxWait: CHANGE_TIMEOUT_MS },
      );
    });
  }
}

/** The time by the database's clock, which is one for all services. */
export async function databaseTime(reads: Pick<Writes, '$queryRaw'>): Promise<Date> {
  const [row] = await reads.$queryRaw<{ at: Date }[]>`select clock_timestamp() as at`;
  return row?.at ?? new Date();
}

/** Adds audit events to the outbox, in the transaction of the change that they report. */
export async function tell(writes: Writes, ...events: readonly AuditEvent[]): Promise<void> {
  await writes.outbox.createMany({
    data: events.map((event) => outboxRow(appendAuditEvents, event, event, event.id)),
  });
}
