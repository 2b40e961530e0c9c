import { causewayError } from '@causeway/contracts';
import { Database, OutboxRelay, log, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { CRASH_LIMIT } from '../config.js';
import { runError } from '../domain/ending/run-error.js';
import { endingRows } from '../domain/ending/run-outbox.js';
import { OverdueStore } from '../store/runners/overdue.store.js';
import type { Overdue } from '../store/runners/overdue.store.js';
import { SILENT_S } from './deaths.js';

/** Owners end their own runs at the deadline; after this additional time a sweeper does. */
const DEADLINE_GRACE_S = 5;
/** For so long a run may wait for another runner without a loss of its own time. */
const PAUSE_S = 3_600;
const ROUND = 100;
/** When a sweeper does not respond, Postgres releases the runs that it has picked after this time. */
const LOCKED = { idleMs: 5_000 };

/** Ends runs that are past their deadline or have killed too many runners, in place of owners that cannot. */
@Injectable()
export class OverdueRuns {
  constructor(
    private readonly database: Database,
    private readonly relay: OutboxRelay,
  ) {}

  async end(): Promise<void> {
    const ended = await this.database.transaction(async (transaction) => {
      const store = new OverdueStore(transaction);
      const waits = { graceS: DEADLINE_GRACE_S, pauseS: PAUSE_S, silentS: SILENT_S };
      const picked = await store.pick({ ...waits, crashLimit: CRASH_LIMIT, atMost: ROUND });
      if (picked.length === 0) return [];
      const at = new Date().toISOString();
      await store.end(
        picked.map((run) => endOf(run, at)),
        at,
      );
      return picked;
    }, LOCKED);
    if (ended.length > 0) this.relay.wake();
    for (const { runId, crashes, isOverdue } of ended)
      log.warn({ runId, crashes, isOverdue }, isOverdue ? 'overdue run ended' : 'run given up');
  }
}

function endOf(run: Overdue, at: string) {
  const { envelope, crashes, isOverdue } = run;
  const status = isOverdue ? ('timed_out' as const) : ('dead' as const);
  const reason = isOverdue
    ? causewayError('RUN_TIMED_OUT', { timeoutMs: envelope.limits.timeoutMs })
    : causewayError('RUN_DEAD', { crashes });
  const error = runError(reason, envelope.requestId);
  return {
    ...run,
    status,
    error: JSON.stringify(error),
    outbox: endingRows(envelope, { status, at, error }, newId),
  };
}
