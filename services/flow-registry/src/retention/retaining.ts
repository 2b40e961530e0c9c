import {
  Database,
  ObjectStore,
  type RetainedKind,
  RetentionService,
  SETTINGS,
  type StoredObject,
  orphans,
} from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import { SchedulerClient } from '../clients/scheduler.client.js';
import type { Settings } from '../config.js';
import { FileStore } from '../store/file.store.js';
import { OldFlows } from './old-flows.js';

/** A run's input is stored before the run is submitted, and the clocks of two machines differ. */
const STORED_BEFORE_MS = 24 * 60 * 60_000;

/** Removes flows and versions that are no longer needed, files where a setting says so, and objects that no file names. */
@Injectable()
export class Retaining extends RetentionService {
  constructor(
    database: Database,
    private readonly objects: ObjectStore,
    private readonly files: FileStore,
    private readonly flows: OldFlows,
    private readonly scheduler: SchedulerClient,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    super(database);
  }

  protected override kinds(): RetainedKind[] {
    return [...this.flows.kinds(), this.oldFiles(), this.orphans()];
  }

  /** Their objects are removed with the next collection of dropped objects. */
  private oldFiles(): RetainedKind {
    const { fileDays } = this.settings;
    return {
      kind: 'files',
      setting: 'fileDays',
      keepDays: fileDays,
      remove: async (transaction, atMost) => {
        if (fileDays === 0) return { rows: 0, isMore: false };
        const rows = await this.files.deleteOld(transaction, fileDays, atMost);
        return { rows, isMore: rows === atMost };
      },
      measure: async () => {
        const due = await this.files.measureOld(fileDays);
        return fileDays === 0 ? { ...due, rows: 0, bytes: 0 } : due;
      },
    };
  }

  /**
   * Objects without a run's id in their names belong to files; each upload is sealed separately, so no two files share one. Earlier
   * versions stored what belongs to a run under such names, too, so only those go that are older than every run that is kept.
   */
  private orphans(): RetainedKind {
    return orphans(this.objects, {
      kind: 'objects of no file',
      setting: 'orphanDays',
      keepDays: this.settings.orphanDays,
      ofRuns: false,
      findNamed: async (found) => {
        const ofRuns = await this.maybeOfRuns(found);
        return new Set([...ofRuns, ...(await this.files.named(found.map(({ sha256 }) => sha256)))]);
      },
    });
  }

  /** Objects that may belong to a run that is kept. @throws CausewayError UNAVAILABLE when the scheduler does not answer, so that nothing is removed */
  private async maybeOfRuns(found: readonly StoredObject[]): Promise<Set<string>> {
    const oldest = await this.scheduler.oldestRun();
    const sinceMs = oldest ? oldest.getTime() - STORED_BEFORE_MS : Number.POSITIVE_INFINITY;
    return new Set(found.filter(({ storedAtMs }) => storedAtMs >= sinceMs).map(({ name }) => name));
  }
}
