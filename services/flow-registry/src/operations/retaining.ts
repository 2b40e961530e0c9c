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

/**
 * Removes objects that no file names: of uploads that broke off between the object and its row. Files themselves stay until somebody deletes
 * them. All objects that belong to no run are files'; each upload is sealed anew, so no two share one.
 */
@Injectable()
export class Retaining extends RetentionService {
  constructor(
    database: Database,
    private readonly objects: ObjectStore,
    private readonly files: FileStore,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    super(database);
  }

  protected override kinds(): RetainedKind[] {
    return [
      orphans(this.objects, {
        kind: 'objects of no file',
        setting: 'orphanDays',
        keepDays: this.settings.orphanDays,
        ofRuns: false,
        findNamed: (found) => this.files.named(found.map(({ sha256 }) => sha256)),
      }),
    ];
  }
}
