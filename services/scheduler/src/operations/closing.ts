import type { RunReport } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { RunStore } from '../store/run.store.js';
import { Releasing } from './releasing.js';

/** Copies what executors decided. A report that comes twice changes nothing: a closed run is closed. */
@Injectable()
export class Closing {
  constructor(
    private readonly store: RunStore,
    private readonly releasing: Releasing,
  ) {}

  /** Closes released runs, then hands the freed slots to runs that wait. */
  async close(reports: readonly RunReport[]): Promise<void> {
    const { closed, waiting } = await this.store.close(
      reports.map((report) => ({ ...report, at: new Date(report.at), expected: 'released' })),
    );
    if (closed.length > 0 && waiting > 0) this.releasing.wake();
  }
}
