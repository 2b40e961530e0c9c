import type { RetentionPlan } from '@causeway/contracts';
import { Database, ObjectStore, Retention, SETTINGS, orphans } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '../config.js';
import { FileStore } from '../store/file.store.js';

/**
 * Removes objects that no file names: of uploads that broke off between the object and its row. Files themselves stay until somebody deletes
 * them. All objects that belong to no run are files'; each upload is sealed anew, so no two share one.
 */
@Injectable()
export class Retaining implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly retention: Retention;

  constructor(
    database: Database,
    objects: ObjectStore,
    files: FileStore,
    @Inject(SETTINGS) settings: Settings,
  ) {
    this.retention = new Retention(database, [
      orphans(objects, {
        kind: 'objects of no file',
        setting: 'orphanDays',
        keepDays: settings.orphanDays,
        ofRuns: false,
        findNamed: (found) => files.named(found.map(({ sha256 }) => sha256)),
      }),
    ]);
  }

  onApplicationBootstrap(): void {
    this.retention.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.retention.stop();
  }

  plan(): Promise<RetentionPlan> {
    return this.retention.plan();
  }

  /** One round; never throws. */
  round(): Promise<void> {
    return this.retention.round();
  }
}
