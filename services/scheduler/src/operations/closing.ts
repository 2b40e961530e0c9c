import type { RunReport } from '@causeway/contracts';
import { GroupWriter, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { RunStore } from '../store/run.store.js';
import { Releasing } from './releasing.js';

/** SQLSTATE classes that say something of the row: data exception, integrity constraint violation. */
const DATA_ERROR = /^2[23]/;

/** Copies what executors decided. A report that comes twice changes nothing: a closed run is closed. */
@Injectable()
export class Closing {
  private readonly writer: GroupWriter<RunReport>;

  constructor(store: RunStore, releasing: Releasing) {
    this.writer = new GroupWriter({
      name: 'scheduler.close',
      // Whoever reports sends again.
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
   * Closes released runs, then hands the freed slots to runs that wait. A report that the database refuses fails alone.
   *
   * @returns for each report whether it was taken
   */
  async close(reports: readonly RunReport[]): Promise<boolean[]> {
    const outcomes = await Promise.allSettled(reports.map((report) => this.writer.push(report)));
    return outcomes.map((outcome, index) => {
      if (outcome.status === 'fulfilled') return true;
      const error: unknown = outcome.reason;
      if (!DATA_ERROR.test((error as { code?: string }).code ?? '')) throw error;
      log.error({ error, runId: reports[index]?.runId }, 'report of a run refused');
      return false;
    });
  }
}

/** A text that no column can hold must not keep a run open, nor its slots held. */
function storable(report: RunReport): RunReport {
  const { errorMessage } = report;
  if (errorMessage === undefined) return report;
  return { ...report, errorMessage: errorMessage.replaceAll('\0', '␀').toWellFormed() };
}
