import type { RunReport } from '@causeway/contracts';
import { GroupWriter, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { RunStore } from '../store/run.store.js';
import { Releasing } from './releasing.js';

/** SQLSTATE classes of errors that the row itself causes: data exception, integrity constraint violation. */
const DATA_ERROR = /^2[23]/;

/** Copies the final states that executors report. A report that arrives twice changes nothing. */
@Injectable()
export class Closing {
  private readonly writer: GroupWriter<RunReport>;

  constructor(store: RunStore, releasing: Releasing) {
    this.writer = new GroupWriter({
      name: 'scheduler.close',
      // The sender of a report sends it again.
      retryForMs: 1_000,
      write: async (batch) => {
        const { closed, waiting } = await store.close(
          batch.map((report) => ({ ...storable(report), at: new Date(report.at), expected: 'released' })),
        );
        if (closed.length > 0 && waiting > 0) releasing.wake();
        return batch.map(() => undefined);
      },
    });
  }

  /**
   * Closes released runs, then hands the freed slots to runs that wait. A report that the database refuses does not affect the others.
   *
   * @returns for each report, whether it was accepted
   */
  async close(reports: readonly RunReport[]): Promise<boolean[]> {
    const outcomes = await Promise.allSettled(reports.map((report) => this.writer.push(report)));
    return outcomes.map((outcome, index) => {
      if (outcome.status === 'fulfilled') return true;
      const error: unknown = outcome.reason;
      if (!DATA_ERROR.test((error as { code?: string }).code ?? '')) throw error;
      log.error({ error, runId: reports[index]?.runId }, 'the database refused the report of a run');
      return false;
    });
  }
}

/** A text that Postgres cannot store must not prevent the end of a run or keep its slots in use. */
function storable(report: RunReport): RunReport {
  const { errorMessage } = report;
  if (errorMessage === undefined) return report;
  return { ...report, errorMessage: errorMessage.replaceAll('\0', '␀').toWellFormed() };
}
