import { appendAuditEvents, causewayError, endObjectRoles } from '@causeway/contracts';
import type { AuditEvent, DeletedObject } from '@causeway/contracts';
import { Database, Turns, newId, outboxRow } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { Prisma, PrismaClient } from './generated/client.js';

/** One transaction. */
export type Writes = Prisma.TransactionClient;

/** An import of a few hundred flows takes seconds. */
const WRITE_TIMEOUT_MS = 30_000;
const ATTEMPTS = 3;

/** Prisma on the service's connections. */
@Injectable()
export class Tables {
  readonly reads: PrismaClient;
  private readonly turns = new Turns();

  constructor(database: Database) {
    this.reads = new PrismaClient({ adapter: database.prismaAdapter() });
  }

  /**
   * Runs `fn` in a transaction in which it is the only writer of its team, so that a name that was found free stays free. When another
   * team took an id in between, or retention removed a row, `fn` is run again, so it must not act outside the transaction.
   *
   * Writers of this process wait for their turn before they take a connection, so that one busy team cannot hold all connections.
   *
   * @throws CausewayError TEAM_UNKNOWN when the team was deleted: callers are known as its members for a moment longer
   */
  write<T>(teamId: string, fn: (writes: Writes) => Promise<T>): Promise<T> {
    return this.turns.take(teamId, () => this.writeAlone([teamId], fn));
  }

  /** The same where the team may have been deleted: to delete what it has. */
  writeEnding<T>(teamId: string, fn: (writes: Writes) => Promise<T>): Promise<T> {
    return this.turns.take(teamId, () => this.writeAlone([teamId], fn, true));
  }

  /** The same as the only writer of two teams. Their turns and locks are taken in one order, so that no two such writers wait for each other. */
  writeBoth<T>(teamIds: readonly [string, string], fn: (writes: Writes) => Promise<T>): Promise<T> {
    const [first, second] = teamIds.toSorted() as [string, string];
    if (first === second) return this.write(first, fn);
    return this.turns.take(first, () => this.turns.take(second, () => this.writeAlone([first, second], fn)));
  }

  private async writeAlone<T>(
    teamIds: readonly string[],
    fn: (writes: Writes) => Promise<T>,
    mayHaveEnded = false,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.reads.$transaction(
          async (writes) => {
            for (const teamId of teamIds)
              await writes.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`registry ${teamId}`}, 0))`;
            if (!mayHaveEnded) await checkNotEnded(writes, teamIds);
            return fn(writes);
          },
          { timeout: WRITE_TIMEOUT_MS, maxWait: WRITE_TIMEOUT_MS },
        );
      } catch (error) {
        if (attempt === ATTEMPTS || !isCollision(error)) throw error;
      }
    }
  }
}

/** A statement of its own, after the lock: one that waited for it would not see what was committed meanwhile. */
async function checkNotEnded(writes: Writes, teamIds: readonly string[]): Promise<void> {
  const ended = await writes.endedTeam.findFirst({ where: { teamId: { in: [...teamIds] } } });
  if (ended) throw causewayError('TEAM_UNKNOWN', { teamId: ended.teamId });
}

/** Writes events to the outbox, in the transaction of the change that they report. */
export async function tell(writes: Writes, events: readonly AuditEvent[]): Promise<void> {
  if (events.length === 0) return;
  await writes.outbox.createMany({
    data: events.map((event) => outboxRow(appendAuditEvents, event, event, event.id)),
  });
}

/** Reports deleted projects and flows to auth, in the transaction that deletes them. */
export async function tellDeleted(
  writes: Writes,
  deleted: readonly Omit<DeletedObject, 'at'>[],
): Promise<void> {
  if (deleted.length === 0) return;
  // The database's clock also says when roles were given.
  const [row] = await writes.$queryRaw<{ at: Date }[]>`select clock_timestamp() as at`;
  const at = (row?.at ?? new Date()).toISOString();
  await writes.outbox.createMany({
    data: deleted.map((object) => outboxRow(endObjectRoles, { ...object, at }, object, newId())),
  });
}

/** A unique value that another transaction took, and a row to refer to or to change that was deleted since it was found. */
const COLLISIONS = new Set(['P2002', 'P2003', 'P2025']);

function isCollision(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && COLLISIONS.has(error.code);
}
