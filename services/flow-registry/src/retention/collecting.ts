import { ObjectStore, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { FileStore } from '../store/file.store.js';

const LOOK_MS = 60 * 60_000;
const ROUND = 100;

/**
 * Removes the content of deleted files: soon after their rows are deleted, and at the next look content that a crash left behind. Each
 * upload is sealed separately, so an object belongs to another file only when that file's row names it.
 */
@Injectable()
export class Collecting implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();

  constructor(
    private readonly files: FileStore,
    private readonly objects: ObjectStore,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.wake(), LOOK_MS);
    this.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.round;
  }

  /** Call it after a commit that deleted files. */
  wake(): void {
    this.round = this.round
      .then(() => this.collect())
      .catch((error: unknown) => log.failure(error, 'content of deleted files not removed'));
  }

  /** An object that cannot be removed now is put last, so that it does not delay the others. */
  private async collect(): Promise<void> {
    for (;;) {
      const dropped = await this.files.dropped(ROUND);
      const failed: string[] = [];
      for (const { sha256, isNamed } of dropped)
        if (!isNamed)
          await this.objects.remove(sha256).catch((error: unknown) => {
            log.failure(error, 'content of a deleted file not removed', { sha256 });
            failed.push(sha256);
          });
      await this.files.forget(dropped.map(({ sha256 }) => sha256).filter((one) => !failed.includes(one)));
      if (failed.length > 0) await this.files.dropAgain(failed);
      if (dropped.length < ROUND || failed.length > 0) return;
    }
  }
}
