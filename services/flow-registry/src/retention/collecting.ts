import { ObjectStore, Rounds, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { FileStore } from '../store/file.store.js';

const LOOK_MS = 60 * 60_000;
const BATCH = 100;

/**
 * Removes the content of deleted files: soon after their rows are deleted (`wake` after that commit), and at the next look content that a crash left behind. Each
 * upload is sealed separately, so an object belongs to another file only when that file's row names it.
 */
@Injectable()
export class Collecting extends Rounds {
  constructor(
    private readonly files: FileStore,
    private readonly objects: ObjectStore,
  ) {
    super({ everyMs: LOOK_MS, failure: 'content of deleted files not removed' });
  }

  /** An object that cannot be removed now is put last, so that it does not delay the others. */
  protected async round(): Promise<void> {
    for (;;) {
      const dropped = await this.files.dropped(BATCH);
      const failed: string[] = [];
      for (const { sha256, isNamed } of dropped)
        if (!isNamed)
          await this.objects.remove(sha256).catch((error: unknown) => {
            log.failure(error, 'content of a deleted file not removed', { sha256 });
            failed.push(sha256);
          });
      await this.files.forget(dropped.map(({ sha256 }) => sha256).filter((one) => !failed.includes(one)));
      if (failed.length > 0) await this.files.dropAgain(failed);
      if (dropped.length < BATCH || failed.length > 0) return;
    }
  }
}
