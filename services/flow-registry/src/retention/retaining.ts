import {
  Database,
  ObjectStore,
  type RetainedKind,
  RetentionService,
  SETTINGS,
  orphans,
} from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import { FileStore } from '../store/file.store.js';
import { OldFlows } from './old-flows.js';

/** Removes flows and versions that are no longer needed, files where a setting says so, and objects that no file names. */
@Injectable()
export class Retaining extends RetentionService {
  constructor(
    database: Database,
    private readonly objects: ObjectStore,
    private readonly files: FileStore,
    private readonly flows: OldFlows,
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

  /** All objects that belong to no run belong to files; each upload is sealed separately, so no two files share one. */
  private orphans(): RetainedKind {
    return orphans(this.objects, {
      kind: 'objects of no file',
      setting: 'orphanDays',
      keepDays: this.settings.orphanDays,
      ofRuns: false,
      findNamed: (found) => this.files.named(found.map(({ sha256 }) => sha256)),
    });
  }
}
