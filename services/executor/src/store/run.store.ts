import type { RunEnvelope } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import type { OutboxRow, Queryable } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { JournalChunk } from '../domain/journal/journal-rows.js';
import { adoptGroupSql, adoptReleasedSql } from './runners/adopt.sql.js';
import { claimSql } from './claim.sql.js';
import { journalStatement } from './journal.sql.js';
import { requestCancelSql, tombstoneSql } from './stop.sql.js';

/** A run that its runner may write now. */
export interface Lease {
  readonly runId: string;
  readonly epoch: number;
  /** Unix milliseconds by the database's clock. */
  readonly claimedMs: number;
  readonly deadlineMs: number;
}

/** A run that was taken over, with what its next attempt needs. */
export interface Adopted extends Lease {
  readonly envelope: RunEnvelope;
  /** Its quarantine group; undefined when it was given back by a runner that stopped. */
  readonly quarantine: string | undefined;
  readonly cancelRequested: boolean;
  readonly nowMs: number;
}

/** The runner that takes runs over. */
export interface Adopter {
  readonly id: string;
  readonly readableEngines: readonly number[];
}

/** The outcome of a chunk. `lost`: another runner has the run, or it is over. `conflict`: the stored rows differ. */
export type WriteOutcome =
  | { readonly kind: 'written'; readonly cancelRequested: boolean }
  | { readonly kind: 'lost' }
  | { readonly kind: 'conflict' };

/** The statements that decide which runner may write about a run, and what. */
@Injectable()
export class RunStore {
  constructor(@Inject(Database) private readonly database: Queryable) {}

  /** Claims runs for a runner; those that already have a row are left out. */
  async claim(
    envelopes: readonly RunEnvelope[],
    runner: { readonly id: string; readonly engineVersion: number },
  ): Promise<Map<string, Lease>> {
    const column = <T>(pick: (envelope: RunEnvelope) => T): T[] => envelopes.map(pick);
    const { rows } = await this.database.query<LeaseRow>(
      claimSql,
      [
        column((e) => e.runId),
        column((e) => e.organisationId),
        column((e) => e.teamId),
        column((e) => e.projectId),
        column((e) => e.flowId),
        column((e) => e.versionHash),
        column((e) => JSON.stringify(e)),
        column((e) => e.limits.timeoutMs),
        runner.id,
        runner.engineVersion,
        column((e) => e.principal.id),
      ],
      { name: 'claim-runs' },
    );
    return new Map(rows.map((row) => [row.run_id, { ...leaseOf(row), epoch: 1 }]));
  }

  /** Takes over runs that runners gave back; see the statement. */
  async adoptReleased(runner: Adopter, atMost: number): Promise<Adopted[]> {
    const { rows } = await this.database.query<AdoptedRow>(
      adoptReleasedSql,
      [runner.id, runner.readableEngines, atMost],
      { name: 'adopt-released' },
    );
    return rows.map(adoptedOf);
  }

  /**
   * Takes over one quarantine group; see the statement.
   *
   * @param waitedS  how long it must have waited, in seconds: 0 for a runner without runs
   */
  async adoptGroup(
    runner: Adopter,
    limits: { readonly atMost: number; readonly crashLimit: number; readonly waitedS: number },
  ): Promise<Adopted[]> {
    const { rows } = await this.database.query<AdoptedRow>(
      adoptGroupSql,
      [runner.id, runner.readableEngines, limits.atMost, limits.crashLimit, limits.waitedS],
      { name: 'adopt-group' },
    );
    return rows.map(adoptedOf);
  }

  /**
   * Writes chunks, at most one per run, and returns the outcome of each in their order. The same chunks again change nothing and
   * return `written` again.
   */
  async write(chunks: readonly JournalChunk[]): Promise<WriteOutcome[]> {
    const { name, sql, values } = journalStatement(chunks);
    const { rows } = await this.database.query<{
      run_id: string;
      cancel_requested: boolean;
      steps_written: number;
    }>(sql, values, { name });
    const held = new Map(rows.map((row) => [row.run_id, row]));
    const expected = chunks.reduce((sum, chunk) => sum + (held.has(chunk.runId) ? chunk.steps.length : 0), 0);
    const conflicts =
      expected === (rows[0]?.steps_written ?? 0)
        ? new Set<string>()
        : await this.findConflicts(chunks.filter((chunk) => held.has(chunk.runId)));
    return Promise.all(
      chunks.map(async (chunk): Promise<WriteOutcome> => {
        const row = held.get(chunk.runId);
        if (row && conflicts.has(chunk.runId)) return { kind: 'conflict' };
        if (row) return { kind: 'written', cancelRequested: row.cancel_requested };
        return (await this.hasEnded(chunk)) ? { kind: 'written', cancelRequested: false } : { kind: 'lost' };
      }),
    );
  }

  /** Ends a run that no runner has claimed yet; false when one has. */
  async putTombstone(
    envelope: RunEnvelope,
    end: {
      readonly status: 'cancelled' | 'timed_out';
      readonly engineVersion: number;
      readonly at: string;
      /** JSON of the principal who cancelled it; null when none did. */
      readonly by: string | null;
      readonly error: string;
      readonly outbox: readonly OutboxRow[];
    },
  ): Promise<boolean> {
    const { rowCount } = await this.database.query(
      tombstoneSql,
      [
        envelope.runId,
        envelope.organisationId,
        envelope.teamId,
        envelope.projectId,
        envelope.flowId,
        envelope.versionHash,
        end.engineVersion,
        end.at,
        end.by,
        end.error,
        end.outbox.map((row) => row.id),
        end.outbox.map((row) => row.subject),
        end.outbox.map((row) => row.payload),
        end.status,
        envelope.principal.id,
      ],
      { name: 'put-tombstone' },
    );
    return rowCount === 1;
  }

  /** Marks a run that is not over, so that its owner ends it. Returns its status, or undefined when it is over or unknown. */
  async requestCancel(runId: string, teamId: string, by: string): Promise<string | undefined> {
    const { rows } = await this.database.query<{ status: string }>(requestCancelSql, [runId, teamId, by], {
      name: 'request-cancel',
    });
    return rows[0]?.status;
  }

  /** Runs among these whose step rows differ from what was to be written. */
  private async findConflicts(chunks: readonly JournalChunk[]): Promise<Set<string>> {
    const wanted = chunks.flatMap((chunk) => chunk.steps.map((step) => ({ chunk, step })));
    const { rows } = await this.database.query<{ run_id: string }>(
      `SELECT DISTINCT t.run_id FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::text[], $6::text[])
         AS t(run_id, path, epoch, seq, status, outputs)
       WHERE NOT EXISTS (
         SELECT FROM step_result s WHERE s.run_id = t.run_id AND s.path = t.path AND s.epoch = t.epoch AND s.seq = t.seq
           AND s.status = t.status AND s.outputs IS NOT DISTINCT FROM t.outputs)`,
      [
        wanted.map(({ chunk }) => chunk.runId),
        wanted.map(({ step }) => step.path),
        wanted.map(({ chunk }) => chunk.epoch),
        wanted.map(({ step }) => step.seq),
        wanted.map(({ step }) => step.status),
        wanted.map(({ step }) => step.outputs ?? null),
      ],
    );
    return new Set(rows.map((row) => row.run_id));
  }

  /** Whether the ending of this chunk ended the run. Only its owner ends a run without raising the epoch, so the row shows it. */
  private async hasEnded(chunk: JournalChunk): Promise<boolean> {
    if (!chunk.end) return false;
    const { rowCount } = await this.database.query(
      'SELECT FROM execution WHERE run_id = $1 AND epoch = $2 AND status = $3 AND last_seq = $4',
      [chunk.runId, chunk.epoch, chunk.end.status, chunk.end.lastSeq],
    );
    return rowCount === 1;
  }
}

interface LeaseRow {
  readonly run_id: string;
  readonly claimed_ms: number;
  readonly deadline_ms: number;
}

interface AdoptedRow extends LeaseRow {
  readonly epoch: number;
  readonly envelope: string;
  readonly quarantine: string | null;
  readonly cancel_requested: boolean;
  readonly now_ms: number;
}

function adoptedOf(row: AdoptedRow): Adopted {
  return {
    ...leaseOf(row),
    epoch: row.epoch,
    envelope: JSON.parse(row.envelope) as RunEnvelope,
    quarantine: row.quarantine ?? undefined,
    cancelRequested: row.cancel_requested,
    nowMs: row.now_ms,
  };
}

function leaseOf(row: LeaseRow): Omit<Lease, 'epoch'> {
  return { runId: row.run_id, claimedMs: row.claimed_ms, deadlineMs: row.deadline_ms };
}
