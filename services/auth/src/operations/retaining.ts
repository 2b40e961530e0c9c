import { Database, type RetainedKind, RetentionService, SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import { OldKeyStore } from '../store/old-key.store.js';

/** Removes keys that were revoked or expired long ago. The audit log still says who made and revoked them. */
@Injectable()
export class Retaining extends RetentionService {
  constructor(
    database: Database,
    private readonly keys: OldKeyStore,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    super(database);
  }

  protected override kinds(): RetainedKind[] {
    const { endedKeyDays } = this.settings;
    return [
      {
        kind: 'ended API keys',
        setting: 'endedKeyDays',
        keepDays: endedKeyDays,
        remove: async (transaction, atMost) => {
          const rows = await this.keys.delete(transaction, endedKeyDays, atMost);
          // A key can be deleted only after the keys that were made with it.
          return { rows, isMore: rows > 0 };
        },
        measure: () => this.keys.measure(endedKeyDays),
      },
    ];
  }
}
