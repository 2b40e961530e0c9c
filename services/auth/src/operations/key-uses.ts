import { SETTINGS, log } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '../config.js';
import { type CountedUses, KeyStore } from '../store/key.store.js';

/** Counts uses of keys in memory and writes them every few seconds, so that no request waits for this write. */
@Injectable()
export class KeyUses implements OnApplicationBootstrap, OnApplicationShutdown {
  private counted = new Map<string, CountedUses>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: KeyStore,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), this.settings.keyUsesFlushMs);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** Adds uses to the counts for the next write. */
  add(keyId: string, count: number, lastUsedAt: Date): void {
    const before = this.counted.get(keyId);
    const last = before && before.lastUsedAt > lastUsedAt ? before.lastUsedAt : lastUsedAt;
    this.counted.set(keyId, { keyId, count: (before?.count ?? 0) + count, lastUsedAt: last });
  }

  /** Writes the counts. Counts that cannot be written now are kept for the next write. */
  flush(): Promise<void> {
    this.writing = this.writing.then(async () => {
      const uses = [...this.counted.values()];
      this.counted = new Map();
      if (uses.length === 0) return;
      try {
        await this.store.addUses(uses);
      } catch (error) {
        for (const { keyId, count, lastUsedAt } of uses) this.add(keyId, count, lastUsedAt);
        log.failure(error, 'uses of keys were not written');
      }
    });
    return this.writing;
  }
}
