import { appendAuditEvents } from '@causeway/contracts';
import type { AuditEvent, RunEnvelope, RunReport } from '@causeway/contracts';
import { Database, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { closeSql } from './close.sql.js';
import { submitSql } from './submit.sql.js';

/** A run to accept, with its audit event. */
export interface Submission {
  readonly envelope: RunEnvelope;
  readonly idempotencyKey?: string;
  readonly requestHash?: string;
  readonly queueTtlS: number;
  readonly event: AuditEvent;
}

/** The stored status of a run, with the hash of the request that made it if that request had an idempotency key. */
export interface FoundRun {
  readonly id: string;
  readonly status: string;
  readonly requestHash?: string;
}

/** The end of a run. The executor decides it for released runs, the scheduler for queued ones. */
export interface Closing extends Omit<RunReport, 'at'> {
  readonly at: Date;
  readonly expected: 'released' | 'queued';
  /** The audit event of a run that ends in the queue. */
  readonly event?: AuditEvent;
}

/** A released run whose state was not reported recently. */
export interface Unconfirmed {
  readonly envelope: RunEnvelope;
  /** Whether its time in the queue is over. */
  readonly isLate: boolean;
  /** How long ago it was released, in milliseconds. */
  readonly releasedMs: number;
}

/** Until a run is asked about for the first time, its `asked_at` is the time of its release. */
const takeUnconfirmedSql = `
UPDATE run SET asked_at = clock_timestamp()
WHERE id IN (
  SELECT id FROM run
  WHERE status = 'released' AND asked_at < clock_timestamp() - make_interval(secs => least($1::float8, $2::float8))
    AND asked_at < clock_timestamp() - make_interval(
      secs => CASE WHEN asked_at < released_at + interval '100 ms' THEN $1::float8 ELSE $2::float8 END)
  ORDER BY asked_at LIMIT $3
  FOR UPDATE SKIP LOCKED
) AND status = 'released'
RETURNING envelope, queue_expires_at < clock_timestamp() AS late,
          (extract(epoch FROM clock_timestamp() - released_at) * 1000)::float8 AS released_ms`;

/** The statements that change runs. Reads for pages are in `run-pages.store.ts`. */
@Injectable()
export class RunStore {
  /** Whether a slot was found whose count is too low. */
  private hasMiscount = false;

  constructor(private readonly database: Database) {}

  /** Accepts runs. @returns the status of each run that this call inserted */
  async insert(submissions: readonly Submission[]): Promise<Map<string, string>> {
    const column = <T>(pick: (submission: Submission) => T): T[] => submissions.map(pick);
    const { rows } = await this.database.query<{ id: string; status: string }>(
      submitSql,
      [
        column((s) => s.envelope.runId),
        column((s) => s.envelope.organisationId),
        column((s) => s.envelope.teamId),
        column((s) => s.envelope.projectId),
        column((s) => s.envelope.flowId),
        column((s) => s.envelope.versionHash),
        column((s) => s.envelope.trigger),
        column((s) => s.envelope.principal.id),
        column((s) => JSON.stringify(s.envelope)),
        column((s) => s.queueTtlS),
        column((s) => s.idempotencyKey ?? null),
        column((s) => s.requestHash ?? ''),
        column((s) => s.event.id),
        column((s) => JSON.stringify(s.event)),
        appendAuditEvents.subject,
      ],
      { name: 'submit-runs' },
    );
    return new Map(rows.map((row) => [row.id, row.status]));
  }

  /** The run that prevented an insert: the same run, or the run that its idempotency key belongs to. */
  async findEarlier(submission: Submission): Promise<FoundRun | undefined> {
    const { rows } = await this.database.query<{ id: string; status: string; request_hash: string | null }>(
      `SELECT run.id, run.status, i.request_hash
       FROM run LEFT JOIN idempotency i ON i.team_id = $2 AND i.key = $3 AND i.run_id = run.id
       WHERE run.id = $1 OR run.id = (SELECT run_id FROM idempotency WHERE team_id = $2 AND key = $3)
       ORDER BY run.id = $1 DESC LIMIT 1`,
      [submission.envelope.runId, submission.envelope.teamId, submission.idempotencyKey ?? null],
      { name: 'find-earlier' },
    );
    const row = rows[0];
    return (
      row && {
        id: row.id,
        status: row.status,
        ...(row.request_hash === null ? {} : { requestHash: row.request_hash }),
      }
    );
  }

  /** Copies terminal states. @returns the runs that this closed, and how many runs wait in the whole system */
  async close(closings: readonly Closing[]): Promise<{ closed: string[]; waiting: number }> {
    const column = <T>(pick: (closing: Closing) => T): T[] => closings.map(pick);
    const { rows } = await this.database.query<{
      id: string;
      waiting: number | null;
      miscounted: boolean;
    }>(
      closeSql,
      [
        column((c) => c.runId),
        column((c) => c.status),
        column((c) => c.at),
        column((c) => c.errorCode ?? null),
        column((c) => c.errorMessage ?? null),
        column((c) => c.expected),
        column((c) => c.event?.id ?? null),
        column((c) => (c.event ? JSON.stringify(c.event) : null)),
        appendAuditEvents.subject,
      ],
      { name: 'close-runs' },
    );
    if (rows[0]?.miscounted) {
      this.hasMiscount = true;
      log.error({ runIds: rows.map((row) => row.id) }, 'more slots were freed than were counted as used');
    }
    return { closed: rows.map((row) => row.id), waiting: rows[0]?.waiting ?? 0 };
  }

  /** Whether slots must be counted again. Returns true once after a slot was found whose count is too low. */
  takeMiscount(): boolean {
    const had = this.hasMiscount;
    this.hasMiscount = false;
    return had;
  }

  /**
   * Released runs that are `firstMs` old and that no scheduler has asked about, or that were last asked about `againMs` ago. Marks them
   * as asked about, so that no second scheduler does the same.
   */
  async takeUnconfirmed(
    ages: { readonly firstMs: number; readonly againMs: number },
    atMost: number,
  ): Promise<Unconfirmed[]> {
    const { rows } = await this.database.query<{ envelope: string; late: boolean; released_ms: number }>(
      takeUnconfirmedSql,
      [ages.firstMs / 1000, ages.againMs / 1000, atMost],
      { name: 'take-unconfirmed' },
    );
    return rows.map((row) => ({
      envelope: JSON.parse(row.envelope) as RunEnvelope,
      isLate: row.late,
      releasedMs: row.released_ms,
    }));
  }

  /** Queued runs whose time in the queue is over. */
  async findExpired(atMost: number): Promise<RunEnvelope[]> {
    const { rows } = await this.database.query<{ envelope: string }>(
      `SELECT envelope FROM run WHERE status = 'queued' AND queue_expires_at < clock_timestamp() ORDER BY queue_expires_at LIMIT $1`,
      [atMost],
      { name: 'find-expired' },
    );
    return rows.map((row) => JSON.parse(row.envelope) as RunEnvelope);
  }

  /** The envelope and the status of a run that has not ended. */
  async findOpen(
    teamId: string,
    runId: string,
  ): Promise<{ status: string; envelope: RunEnvelope } | undefined> {
    const { rows } = await this.database.query<{ status: string; envelope: string }>(
      'SELECT status, envelope FROM run WHERE id = $1 AND team_id = $2 AND envelope IS NOT NULL',
      [runId, teamId],
      { name: 'find-open' },
    );
    return rows[0] && { status: rows[0].status, envelope: JSON.parse(rows[0].envelope) as RunEnvelope };
  }
}
