import type { RunEnvelope } from '@causeway/contracts';
import type { OutboxRow, Queryable } from '@causeway/platform';
import { endOverdueSql, pickOverdueSql } from '../end.sql.js';

/** A run that its owner did not end in time, or that has killed too many runners. */
export interface Overdue {
  readonly runId: string;
  readonly envelope: RunEnvelope;
  readonly crashes: number;
  /** True when it is past its deadline, false when it has crashed too often. */
  readonly isOverdue: boolean;
}

export interface OverdueEnd extends Overdue {
  readonly status: 'timed_out' | 'dead';
  /** JSON of a run error. */
  readonly error: string;
  readonly outbox: readonly OutboxRow[];
}

/** Ends runs in place of owners that cannot. Both calls belong in one transaction: the first one locks. */
export class OverdueStore {
  constructor(private readonly transaction: Queryable) {}

  async pick(limits: {
    readonly graceS: number;
    readonly crashLimit: number;
    readonly atMost: number;
    /** How long a run may be without a runner before that time counts toward its deadline, in seconds. */
    readonly pauseS: number;
    /** Silence after which a runner may be dead, in seconds. */
    readonly silentS: number;
  }): Promise<Overdue[]> {
    const { rows } = await this.transaction.query<{
      run_id: string;
      envelope: string;
      crashes: number;
      overdue: boolean;
    }>(pickOverdueSql, [limits.graceS, limits.crashLimit, limits.atMost, limits.pauseS, limits.silentS], {
      name: 'pick-overdue',
    });
    return rows.map((row) => ({
      runId: row.run_id,
      envelope: JSON.parse(row.envelope) as RunEnvelope,
      crashes: row.crashes,
      isOverdue: row.overdue,
    }));
  }

  async end(ends: readonly OverdueEnd[], at: string): Promise<void> {
    const outbox = ends.flatMap((end) => end.outbox.map((row) => ({ runId: end.runId, row })));
    await this.transaction.query(
      endOverdueSql,
      [
        ends.map((end) => end.runId),
        ends.map((end) => end.status),
        ends.map((end) => end.error),
        at,
        ends.map((end) => end.crashes),
        outbox.map(({ runId }) => runId),
        outbox.map(({ row }) => row.id),
        outbox.map(({ row }) => row.subject),
        outbox.map(({ row }) => row.payload),
      ],
      { name: 'end-overdue' },
    );
  }
}
